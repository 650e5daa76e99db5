"""The engine's codes in words for people."""
