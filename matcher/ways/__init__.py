"""For each format the straight line: choose who, then when, then where."""
