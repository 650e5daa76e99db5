"""Clinics: who visits which host, one aim after the other."""
