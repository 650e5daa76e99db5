"""Words people typed: whether two say the same, and how a title reads in each language."""
