"""The door to the study, and its only user: rows become a problem, a judged plan becomes rows, codes become values."""

from webapp.bridge.apart import LINE, SEALED, Directory, Meant, entries, sealed, sealed_line, words_of
from webapp.bridge.asking import (
    Away,
    Expected,
    Presence,
    Problem,
    Rules,
    host_key,
    hosts_called,
    interpreters_called,
    lost_locks,
    open_tables,
    problem_of,
    tables_of_visited,
    unlocked_problem,
)
from webapp.bridge.cards import Printed, printed
from webapp.bridge.carrying import Found, carried, told_anew
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
from webapp.bridge.following import record_next
from webapp.bridge.handing import plan_file, problem_file
from webapp.bridge.helping import Offer, Running, called, gains, offers
from webapp.bridge.judging import lonely, still_fits
from webapp.bridge.keeping import Answer, Progress, record, solve
from webapp.bridge.locking import Lost
from webapp.bridge.objecting import Objection
from webapp.bridge.repairing import Lost as Unrepeatable
from webapp.bridge.repairing import Made, Seats, anew, followed, repaired, talks_of, wishes_granted
from webapp.bridge.standing_in import Relief, relieved

__all__ = [
    "LINE",
    "SEALED",
    "Answer",
    "Away",
    "Directory",
    "Expected",
    "Found",
    "Lost",
    "Made",
    "Meant",
    "Meetings",
    "Objection",
    "Offer",
    "Presence",
    "Printed",
    "Problem",
    "Progress",
    "Relief",
    "Rules",
    "Running",
    "Seats",
    "Standing",
    "Unrepeatable",
    "Verdict",
    "anew",
    "called",
    "carried",
    "entries",
    "exchanged",
    "followed",
    "gains",
    "host_key",
    "hosts_called",
    "interpreters_called",
    "judge",
    "lockable",
    "lonely",
    "lost_locks",
    "moved",
    "offers",
    "open_tables",
    "places",
    "plan_file",
    "printed",
    "problem_file",
    "problem_of",
    "record",
    "record_next",
    "relieved",
    "repaired",
    "sealed",
    "sealed_line",
    "solve",
    "standing",
    "still_fits",
    "swapped",
    "tables_of_visited",
    "talks_of",
    "told_anew",
    "unlocked",
    "unlocked_problem",
    "wishes_granted",
    "words_of",
]
