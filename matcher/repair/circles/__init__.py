"""Circles after a loss: tables one short or one more go on."""
