"""The door to the study, and its only user: rows become a problem, a judged plan becomes rows, codes become values."""

from webapp.bridge.asking import Away, Expected, Presence, Problem, Rules, lost_locks, problem_of
from webapp.bridge.changing import (
    Meetings,
    Standing,
    Verdict,
    exchanged,
    judge,
    lockable,
    moved,
    places,
    standing,
    swapped,
    unlocked,
)
from webapp.bridge.handing import plan_file, problem_file
from webapp.bridge.judging import lonely, still_fits
from webapp.bridge.keeping import Answer, Progress, record, solve
from webapp.bridge.locking import Lost
from webapp.bridge.objecting import Objection
from webapp.bridge.standing_in import Relief, relieved

__all__ = [
    "Answer",
    "Away",
    "Expected",
    "Lost",
    "Meetings",
    "Objection",
    "Presence",
    "Problem",
    "Progress",
    "Relief",
    "Rules",
    "Standing",
    "Verdict",
    "exchanged",
    "judge",
    "lockable",
    "lonely",
    "lost_locks",
    "moved",
    "places",
    "plan_file",
    "problem_file",
    "problem_of",
    "record",
    "relieved",
    "solve",
    "standing",
    "still_fits",
    "swapped",
    "unlocked",
]
