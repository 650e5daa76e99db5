"""A room full of phones against the embedded server: `python -m tests.load`."""
