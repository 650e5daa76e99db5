"""The referee's room: every breach of a plan, judged from the problem and the plan alone; it knows no solver."""

from matcher.check.verdict import breaches, broken_rules, shares

__all__ = ["breaches", "broken_rules", "shares"]
