"""Visits to hosts after a loss: others hardly notice who is missing."""
