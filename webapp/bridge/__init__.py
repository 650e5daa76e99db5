"""The door to the study, and its only user: rows become a problem, a judged plan becomes rows, codes become values."""

from webapp.bridge.asking import Away, Expected, Presence, Problem, Rules, problem_of
from webapp.bridge.judging import lonely, still_fits
from webapp.bridge.keeping import Progress, record, solve

__all__ = [
    "Away",
    "Expected",
    "Presence",
    "Problem",
    "Progress",
    "Rules",
    "lonely",
    "problem_of",
    "record",
    "solve",
    "still_fits",
]
