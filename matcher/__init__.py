"""The study: who meets whom, when and at which table, with a proof. This is its door."""

from matcher.benefit import matrix, reasons
from matcher.byhand import retell
from matcher.check import breaches, broken_rules, shares
from matcher.engine import solve
from matcher.errors import BadFile, BadProblem, MatcherError, NotPossible, UnknownId
from matcher.plan import Meeting, Plan, Quality, Reason, Rest, RestCode, Unmet, UnmetCode
from matcher.problem import Host, Interpreter, KindWish, Lock, Person, Problem, Rules, Session
from matcher.refusals import lonely, refuse_locks
from matcher.repair.again import repaired
from matcher.repair.changes import Changes, changed
from matcher.wire import read_plan, read_problem, write_plan, write_problem

__all__ = [
    "BadFile",
    "BadProblem",
    "Changes",
    "Host",
    "Interpreter",
    "KindWish",
    "Lock",
    "MatcherError",
    "Meeting",
    "NotPossible",
    "Person",
    "Plan",
    "Problem",
    "Quality",
    "Reason",
    "Rest",
    "RestCode",
    "Rules",
    "Session",
    "UnknownId",
    "Unmet",
    "UnmetCode",
    "breaches",
    "broken_rules",
    "changed",
    "lonely",
    "matrix",
    "read_plan",
    "read_problem",
    "reasons",
    "refuse_locks",
    "repaired",
    "retell",
    "shares",
    "solve",
    "write_plan",
    "write_problem",
]
