"""Circles: who sits with whom, round after round."""
