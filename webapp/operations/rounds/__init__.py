"""The rounds as they run: who has come, what falls out, who waits, and how it is mended."""
