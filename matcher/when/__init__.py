"""In which round."""
