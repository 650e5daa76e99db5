"""One-to-one rounds after a loss: whose card changes, who sits with whom, at which table."""
