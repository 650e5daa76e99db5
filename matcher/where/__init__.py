"""At which table."""
