"""What people say of themselves and wish for, and who will read it."""
