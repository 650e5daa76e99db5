"""Ways into the house and what they open: sign-ins, slips, helpers, big screens."""
