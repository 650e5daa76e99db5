"""What the desk reads and does: sessions, who is expected, who is here."""
