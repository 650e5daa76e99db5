"""Exchange of partners between meetings."""
