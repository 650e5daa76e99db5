"""What can be done: plain functions, one verb each; who does it is the argument `by`."""
