"""Meetings agreed beforehand after a loss: few of them move."""
