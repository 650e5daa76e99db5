"""Rooms of thousands: who meets whom, by prices."""
