"""The demo conference as CSV files; README.md beside this file says what each column means."""
