"""Repair meetings agreed beforehand: those that can still be held are held, and few of them leave their places.

What an absence leaves over stays as it is on the cards. Moved are meetings at a lost table, those that somebody who
leaves would miss (or they are given up, where no earlier round has room for them), and those that give somebody three
breaks more than another: first among the people concerned, then among all whose card cannot hold anyway, then, where
there is no other way or the room is small, among all.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from matcher.answer import Sitting
from matcher.benefit import matrix
from matcher.booths import Booths
from matcher.errors import NotPossible
from matcher.graph import Bools, Floats, Ints
from matcher.plan import Plan
from matcher.problem import Problem
from matcher.repair.agreed.meetings import Meetings, meetings_of
from matcher.repair.agreed.moves import NOT_HELD, Moved, Question, windows_of
from matcher.repair.agreed.places import NEW
from matcher.repair.cards import NOWHERE
from matcher.repair.changes import Changes
from matcher.repair.outlook import Refilled
from matcher.repair.pairs.booths import Wanted, take_over
from matcher.solver import assign
from matcher.ways.agreed import Agreement
from matcher.when.agenda import EVEN
from matcher.when.obstacle import obstacle

SMALL = 400
MOST = 2_000
CANDIDATES = 6


def refill_agreed(before: Problem, now: Problem, plan: Plan, changes: Changes) -> Refilled:
    """Give the agreed meetings that have not begun their rounds and tables.

    Raises
    ------
    BadProblem, NotPossible
        No table is left; the meetings cannot all be held any more, and the message names a few that stand in each
        other's way; somebody who stays seated has met at a lost table.
    """
    meetings = meetings_of(before, now, plan, changes)
    meetings.refuse_uprooted()
    moved, stale_bound = timed(meetings)
    held = np.flatnonzero(~meetings.begun & (moved.when != NOT_HELD)).tolist()
    tables = _tables(meetings, moved, held)
    sittings = [Sitting(int(moved.when[at]), tuple(meetings.ends[at].tolist()), tables[at]) for at in held]
    kept = tuple(one for one, when in zip(now.chosen or (), moved.when.tolist(), strict=True) if when != NOT_HELD)
    return Refilled(tuple(_interpreted(meetings, plan, sittings)), stale_bound, 0, 0.0, chosen=kept)


def timed(meetings: Meetings) -> tuple[Moved, int]:
    """Return the rounds of all meetings, and how many cards must be stale at least where as few are given up."""
    forced = int(meetings.forced.sum())
    if not meetings.moved.any() and not _uneven(meetings):
        return Moved(meetings.round, ~meetings.forced, {}, bound=0, best=True), forced
    if int((~meetings.begun & ~meetings.missed).sum()) > meetings.room * (meetings.rounds - meetings.first):
        raise NotPossible(_why(meetings))  # a search would try every order of them
    best, bound = None, forced + _fewest_missed(meetings)
    for open_to, roaming, most in _widening(meetings):
        size = int(open_to.sum()) + len(roaming) * len(meetings.names)
        if best is not None and size > (SMALL if most is None else MOST):
            break
        found = Question(meetings, open_to, roaming).best() if windows_of(meetings, open_to) else None
        if found is None:
            continue
        best = found if best is None or _cost(meetings, found) <= _cost(meetings, best) else best
        bound = max(bound, forced + (found.bound if most is None else min(found.bound, most)))
        if _cost(meetings, best)[:2] == (0, forced):
            break
    if best is None:
        raise NotPossible(_why(meetings))
    return best, min(bound, _cost(meetings, best)[1])


def _cost(meetings: Meetings, found: Moved) -> tuple[int, int, int]:
    """Meetings given up, cards stale, meetings moved."""
    still = int((found.when == NOT_HELD).sum())
    return still, int((~found.holds).sum()), int((found.when != meetings.round).sum())


def _widening(meetings: Meetings) -> Iterator[tuple[Bools, list[int], int | None]]:
    """To which rounds meetings may move (m, R): those of the people concerned, of all whose card cannot hold, all.

    Beside each which seated people may be at any table, and how much of what its question proves is true whatever may
    move: where no card is stale but those that cannot hold, nothing moves but meetings and tables of their holders.
    """
    free = ~meetings.begun & ~meetings.fixed
    concerned = np.zeros(len(meetings.said), np.bool_)
    concerned[meetings.ends[meetings.moved].ravel()] = True
    concerned[_uneven(meetings)] = True
    theirs, wider = (people[meetings.ends].any(1) for people in (concerned, concerned | meetings.forced))
    near, far, every = (
        meetings.open & (meetings.moved | (free & own))[:, None] for own in (theirs, wider, np.ones_like(free))
    )
    room = _making_room(meetings)
    if not np.array_equal(near, far):
        yield near | room, meetings.homeless, 0
    if not np.array_equal(far, every):
        yield far | room, [who for who in meetings.unsettled if meetings.forced[who]], 1
    yield every, meetings.unsettled, None


def _making_room(meetings: Meetings) -> Bools:
    """(m, R): meetings that may leave their table, not their round, to seated people whose table is lost."""
    at = {
        (int(when), int(table)): row
        for row, (when, table) in enumerate(zip(meetings.round, meetings.table, strict=True))
    }
    seated = np.array([one.seated for one in meetings.problem.people], np.bool_)
    found = np.zeros(meetings.open.shape, np.bool_)
    free = np.flatnonzero(~meetings.lost[: len(meetings.names)]).tolist()
    for who in meetings.homeless:
        rounds = meetings.round[(meetings.ends == who).any(1) & ~meetings.begun & ~meetings.missed].tolist()
        others = {table: [at[when, table] for when in rounds if (when, table) in at] for table in free}
        hard = {
            table: [row for row in rows if meetings.fixed[row] or seated[meetings.ends[row]].any()]
            for table, rows in others.items()
        }
        for table in sorted(free, key=lambda one: (len(hard[one]), len(others[one])))[:CANDIDATES]:
            rows = [row for row in others[table] if row not in hard[table]]
            found[rows, meetings.round[rows]] = True
    return found


def _fewest_missed(meetings: Meetings) -> int:
    """How many cards more must be stale because somebody leaves.

    Of whoever loses one meeting that way the card is stale, or the meeting is held in a round in which the card names
    somebody else, who then is not at that table. So one card of each such person and those others is; sets that have
    nobody in common are counted.
    """
    coming = [at for at in range(len(meetings.ends)) if not meetings.begun[at]]
    partners: defaultdict[int, set[int]] = defaultdict(set)
    lost: defaultdict[int, int] = defaultdict(int)
    for at in coming:
        for who, other in (meetings.ends[at], meetings.ends[at][::-1]):
            stays = meetings.said[who, meetings.round[at]] != NOWHERE
            lost[int(who)] += bool(meetings.missed[at]) * (1 if stays else 2)
            partners[int(who)] |= set() if meetings.missed[at] else {int(other)}
    sets = sorted(({who, *partners[who]} for who in sorted(lost) if lost[who] == 1), key=len)
    used = set(np.flatnonzero(meetings.forced).tolist())
    number = 0
    for people in sets:
        if not people & used:
            number, used = number + 1, used | people
    return number


def _uneven(meetings: Meetings) -> list[int]:
    """The fewest people without whom no two differ by more than two breaks; none where that holds as it is."""
    breaks = meetings.breaks(np.where(meetings.missed, NOT_HELD, meetings.round))
    outside = [
        [who for who, number in breaks.items() if not least <= number <= least + EVEN]
        for least in range(max(breaks.values(), default=0) + 1)
    ]
    return min(outside, key=len)


def _tables(meetings: Meetings, moved: Moved, held: list[int]) -> dict[int, str]:
    """Give each meeting the table that a lock, a seated person or a card that holds says; the others get free ones."""
    names = list(meetings.names)
    homes = np.array([moved.homes.get(who, home) for who, home in enumerate(meetings.home.tolist())], np.int64)
    for who in (who for who, table in moved.homes.items() if table == NEW):
        homes[who] = len(names)
        names.append(_fresh(names))
    found: dict[int, str] = {}
    by_round: defaultdict[int, list[int]] = defaultdict(list)
    for at in held:
        by_round[int(moved.when[at])].append(at)
    for when, here in by_round.items():
        said = {at: _said(meetings, moved, homes, at) for at in here}
        roaming = [at for at in here if said[at] == NOWHERE]
        taken = set(said.values())
        free = [at for at in range(len(meetings.names)) if at not in taken and not meetings.lost[at]]
        for _ in range(len(roaming) - len(free)):
            free.append(len(names))
            names.append(_fresh(names))
        places = assign(_nearness(meetings, roaming, (when, free))).tolist() if roaming else []
        said |= {at: free[place] for at, place in zip(roaming, places, strict=True)}
        found |= {at: names[table] for at, table in said.items()}
    return found


def _fresh(names: list[str]) -> str:
    return str(1 + max((int(name) for name in names if name.isdecimal()), default=0))


def _said(meetings: Meetings, moved: Moved, homes: Ints, at: int) -> int:
    """The table at which a meeting must be, `NOWHERE` where any will do."""
    when, pair = int(moved.when[at]), meetings.ends[at].tolist()
    if meetings.fixed[at]:
        return int(meetings.table[at])
    at_home = [int(homes[who]) for who in pair if homes[who] != NOWHERE]
    on_card = [int(meetings.said[who, when]) for who in pair if moved.holds[who]]
    return (at_home + on_card + [NOWHERE])[0]


def _nearness(meetings: Meetings, roaming: list[int], seats: tuple[int, list[int]]) -> Floats:
    """How many of the two people each free table suits in that round; between equals the one at the front."""
    when, free = seats
    suits = (meetings.said[meetings.ends[roaming], when][:, :, None] == np.array(free)).sum(1)
    return np.asarray(suits - np.arange(len(free)) / (1.0 + len(free) * len(roaming)), np.float64)


def _interpreted(meetings: Meetings, plan: Plan, sittings: list[Sitting]) -> list[Sitting]:
    """Send interpreters wherever they can help: where they were to come anyway, then as many as can be."""
    now, admissible = meetings.problem, meetings.admissible
    if not now.interpreters:
        return sittings
    helpers = {one.id: at for at, one in enumerate(now.interpreters)}
    printed = {frozenset(one.people): one for one in plan.meetings}
    work = np.zeros((len(helpers), now.session.rounds), np.bool_)
    for meeting in plan.meetings:
        if meeting.interpreter is not None and meeting.round <= meetings.first:
            work[helpers[meeting.interpreter], meeting.round - 1] = True
    wanted = []
    for one in sittings:
        if admissible.need_interpreter(one.people):
            had = printed[frozenset(now.people[who].id for who in one.people)].interpreter
            pair = (one.people[0], one.people[1])
            wanted.append(Wanted(pair, one.round, locked=False, before=None if had is None else helpers[had]))
    served = take_over(Booths(now, admissible, matrix(now)), wanted, work)
    found = {(one.table, one.round): one.interpreter for one in served}
    return [replace(one, interpreter=found.get((one.people, one.round))) for one in sittings]


def _why(meetings: Meetings) -> str:
    """Name a few meetings that stand in each other's way from the first open round on."""
    now = meetings.problem
    required = [at for at in range(len(meetings.ends)) if meetings.begun[at] or not meetings.missed[at]]
    chosen = tuple(
        replace((now.chosen or ())[at], rounds=tuple((np.flatnonzero(meetings.open[at]) + 1).tolist()))
        for at in required
    )
    left = Agreement(replace(now, chosen=chosen, locks=()), meetings.admissible)
    begun = np.bincount(meetings.round[meetings.begun], minlength=meetings.rounds)
    room = np.where(np.arange(meetings.rounds) < meetings.first, begun, meetings.room)
    found = obstacle(replace(left.agenda, room=room), left.homes)
    if found is not None:
        return f"chosen: from round {meetings.first + 1} on {left.sentence(found)}"
    return (
        f"chosen: from round {meetings.first + 1} on no timetable was found for all meetings; drop some, "
        "or allow more rounds or tables"
    )
