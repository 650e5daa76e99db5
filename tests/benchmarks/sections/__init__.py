"""The parts of the report, each measured on its own: `measure(asked, tell)` gives a `Section`."""
