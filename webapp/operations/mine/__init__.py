"""A person's own side: their rounds, what is new, their contacts and their place in line."""
