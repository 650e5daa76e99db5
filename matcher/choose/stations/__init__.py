"""Stations: who visits which hosts, each on a path of their own."""
