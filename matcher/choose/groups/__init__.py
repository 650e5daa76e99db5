"""Stations in fixed groups that go round: who is in which group, and who of it sits when."""
