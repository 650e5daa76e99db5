"""Any competitor's meetings as a plan that the referee can judge, and how many meetings there could be at all."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from matcher import Meeting, Plan, Problem, Quality, Rest, RestCode
from matcher.benefit import matrix
from matcher.rules import Admissibility
from matcher.wishes import unmet

Spot = tuple[int, int, int]
NEARLY = 1e-6


def as_plan(problem: Problem, spots: Iterable[Spot]) -> Plan:
    """Give each meeting a table, tell who rests, and weigh the whole.

    The bound told is half of what all people could have alone, which no plan can pass.
    """
    rules, worth = Admissibility(problem), matrix(problem)
    ordered = sorted(spots)
    tables: dict[int, int] = {}
    meetings = []
    for when, one, other in ordered:
        tables[when] = tables.get(when, 0) + 1
        people = (problem.people[one].id, problem.people[other].id)
        language = rules.shared_language(one, other)
        meetings.append(Meeting(when + 1, str(tables[when]), people, int(worth[one, other]), language))
    return Plan(
        session=problem.session.id,
        meetings=tuple(meetings),
        rests=_rests(problem, rules, ordered),
        unmet=unmet(problem, rules, meetings),
        quality=_quality(rules, worth, ordered),
    )


def _rests(problem: Problem, rules: Admissibility, spots: list[Spot]) -> tuple[Rest, ...]:
    busy = np.zeros_like(rules.there)
    for when, one, other in spots:
        busy[[one, other], when] = True
    spent = busy.sum(1) >= rules.caps
    odd = rules.there.sum(0) % 2 == 1

    def code(who: int, when: int) -> RestCode:
        return "limit" if spent[who] else "odd_number" if odd[when] else "no_partner"

    idle = np.argwhere(rules.there & ~busy).tolist()
    return tuple(Rest(when + 1, problem.people[who].id, code(who, when)) for who, when in idle)


def _quality(rules: Admissibility, worth: np.ndarray, spots: list[Spot]) -> Quality:
    gained = np.zeros(len(worth), np.int64)
    seats: dict[int, list[tuple[int, int]]] = {}
    used: dict[int, int] = {}
    for when, one, other in spots:
        used[when] = used.get(when, 0) + 1
        gained[[one, other]] += worth[one, other]
        for who in (one, other):
            seats.setdefault(who, []).append((when, used[when]))
    ranked = -np.sort(-np.where(rules.allowed, worth, 0), axis=1)
    best = np.where(np.arange(len(worth))[None, :] < rules.caps[:, None], ranked, 0).sum(1)
    benefit, bound = int(gained.sum()) // 2, int(best.sum()) // 2
    steps = [step for places in seats.values() for step in pairwise(places)]
    return Quality(
        meetings=len(spots),
        benefit=benefit,
        bound=bound,
        gap=(bound - benefit) / bound if bound else 0.0,
        lowest_satisfaction=float((gained[best > 0] / best[best > 0]).min(initial=1.0)),
        lowest_bound=None,
        breaks=sum(second[0] - first[0] > 1 for first, second in steps),
        table_changes=sum(first[1] != second[1] for first, second in steps),
        seconds=0.0,
    )


def attendance(problem: Problem, plan: Plan) -> tuple[int, ...]:
    """Return how many people have at least 1, 2, 3, … meetings: the first aim, to be compared item by item."""
    held = dict.fromkeys((person.id for person in problem.people), 0)
    for meeting in plan.meetings:
        for name in meeting.people:
            held[name] += 1
    return tuple(sum(count >= level for count in held.values()) for level in range(1, problem.session.rounds + 1))


def most_meetings(problem: Problem) -> int:
    """Return a number of meetings that no plan can pass.

    The lower of two bounds. The linear programme of one choice for the whole session: nobody above the own limit, no
    pair twice, no round with more meetings than people there or tables allow. And parity, see `_certain_rests`. When a
    plan has as many, both are proved.

    Examples
    --------
    >>> from matcher import Person, Session
    >>> most_meetings(Problem(Session(rounds=3), tuple(Person(f"p{number}") for number in range(5))))
    6
    """
    rules = Admissibility(problem)
    ones, others = np.nonzero(np.triu(rules.allowed, 1))
    pairs, tables = len(ones), problem.session.tables
    if not pairs:
        return 0
    number = len(tables) if isinstance(tables, tuple) else tables
    room = np.minimum(rules.there.sum(0) // 2, len(problem.people) if number is None else number).sum()
    degree = sp.csr_matrix((np.ones(2 * pairs), (np.append(ones, others), np.tile(np.arange(pairs), 2))))
    degree.resize(len(problem.people), pairs)
    rows = sp.vstack([degree, np.ones((1, pairs))], format="csr")
    answer = linprog(-np.ones(pairs), A_ub=rows, b_ub=np.append(rules.caps, room), bounds=(0, 1), method="highs")
    return min(int(np.floor(-answer.fun + NEARLY)), int(rules.there.sum() - _certain_rests(rules)) // 2)


def _certain_rests(rules: Admissibility) -> int:
    """Return a number of rests that no plan can do without.

    In each round the number of rests is odd where the number of people there is. So a round with an odd number has
    one rest, and whoever has fewer partners (or a lower limit) than rounds rests in so many different rounds: each
    of them with an even number of people has a second rest.
    """
    odd = rules.there.sum(0) % 2 == 1
    short = rules.there.sum(1) - np.minimum(rules.caps, rules.allowed.sum(1))
    in_even_rounds = short - rules.there[:, odd].sum(1)
    return int(odd.sum()) + 2 * int(in_even_rounds.max(initial=0))
