"""The door of the referee's room: all its judges hear one case after the other."""

from matcher.check.agreed import chosen, locks
from matcher.check.case import Case
from matcher.check.company import company
from matcher.check.figures import figures, satisfaction
from matcher.check.frame import frame, stale
from matcher.check.interpreting import interpreters
from matcher.check.people import attendance, limits, once, seated
from matcher.check.rests import rests
from matcher.check.rotation import rotation
from matcher.check.tables import hosts, sizes, tables
from matcher.check.unmet import unmet
from matcher.check.words import words
from matcher.plan import Plan
from matcher.problem import Problem

OF_RULES = (
    *(frame, attendance, tables, hosts, sizes, limits, once, company, interpreters, seated, rotation),
    *(locks, chosen, rests),
)
JUDGES = (*OF_RULES, unmet, words, figures, stale)


def breaches(problem: Problem, plan: Plan) -> list[str]:
    """Judge a plan against its problem.

    Parameters
    ----------
    problem : Problem
        What was asked, of any format.
    plan : Plan
        What was answered. Shares may be rounded to 3 digits and the gap to 6; all other figures must be exact.

    Returns
    -------
    list of str
        One sentence for each broken rule and each wrong figure; empty where the plan keeps its word.

    Examples
    --------
    >>> from matcher.plan import Quality
    >>> from matcher.problem import Lock, Person, Session
    >>> problem = Problem(Session(rounds=1), (Person("p1"), Person("p2")), locks=(Lock(1, ("p1", "p2")),))
    >>> nothing = Quality(0, 0, 0, 0.0, 1.0, None, 0, 0, 0.0)
    >>> for sentence in breaches(problem, Plan("", (), (), (), nothing)):
    ...     print(sentence)
    the lock of p1 and p2 in round 1 is not kept
    p1 is there in round 1, has no table, and no rest is told
    p2 is there in round 1, has no table, and no rest is told
    """
    case = Case(problem, plan)
    return [sentence for judge in JUDGES for sentence in judge(case)]


def broken_rules(problem: Problem, plan: Plan) -> list[str]:
    """Judge a plan against a problem that may have changed since, by its rules alone.

    Benefits, reasons, unmet wishes and figures may be those of the problem as it was.

    Returns
    -------
    list of str
        One sentence for each broken rule.
    """
    case = Case(problem, plan)
    return [sentence for judge in OF_RULES for sentence in judge(case)]


def shares(problem: Problem, plan: Plan) -> dict[str, float]:
    """Return each person's satisfaction by id: the benefit received as a share of the best that could be had alone.

    It is 1 where nothing could be had.
    """
    found = satisfaction(Case(problem, plan))
    return {person.id: float(share) for person, share in zip(problem.people, found, strict=True)}
