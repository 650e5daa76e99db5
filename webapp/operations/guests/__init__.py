"""Whoever comes, visits or is visited: found, kept, kept apart, and taken out."""
