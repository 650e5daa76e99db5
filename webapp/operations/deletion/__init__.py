"""Leaving and being deleted: what is held of a person, what goes, and what is told of it."""
