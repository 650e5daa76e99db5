"""Numbers of the whole event, with no person in them."""
