"""What comes after a meeting: who met whom, what they say of it, and contacts if both would."""
