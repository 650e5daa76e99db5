"""What goes on paper, and what of it is out of date."""
