"""In which round each visit is held: list colouring by alternating chains.

A visit takes a round in which both are free. Where there is none, a round is made free along a chain: the visitor comes
at once, a guest of that hour comes in another round instead, whoever the guest was to see then is seen in the first,
and so on. Where nobody is ever away such a chain always ends (Kőnig 1916): a host with several places counts as
several with one.
"""

import random
from collections.abc import Sequence

import numpy as np

from matcher.choose.clinics.ground import Ground
from matcher.graph import Ints
from matcher.when.agenda import Agenda

NOWHERE = -1
HOSTS, PEOPLE = 0, 1
TRIES = 8


class Visits:
    """A timetable of visits under construction; visits that a lock holds are put first and never move."""

    def __init__(self, ground: Ground, places: Ints) -> None:
        people, hosts, rounds = ground.open.shape
        self.ground, self.rounds = ground, rounds
        self.at = [[NOWHERE] * rounds for _ in range(people)]
        self.guests: list[list[list[int]]] = [[[] for _ in range(rounds)] for _ in range(hosts)]
        self.places: list[list[int]] = places.tolist()
        self.caps: list[int] = ground.caps.tolist()
        self.must: list[list[bool]] = ground.must.tolist()
        self.apart: list[set[int]] = [set() for _ in range(people)]
        for one, other in ground.apart.tolist():
            self.apart[one].add(other)
            self.apart[other].add(one)
        self.open: dict[tuple[int, int], list[bool]] = {}

    def may(self, who: int, host: int) -> list[bool]:
        """In which rounds this visit could be held, whatever else is."""
        if (who, host) not in self.open:
            self.open[who, host] = self.ground.open[who, host].tolist()
        return self.open[who, host]

    def welcome(self, who: int, host: int, when: int) -> bool:
        """Whether the visit could be held then and nobody there is kept apart from the visitor."""
        return self.may(who, host)[when] and not self.apart[who].intersection(self.guests[host][when])

    def put(self, who: int, host: int, when: int) -> None:
        """Hold a visit in a round."""
        self.at[who][when] = host
        self.guests[host][when].append(who)

    def take(self, who: int, host: int, when: int) -> None:
        """Hold it no longer."""
        self.at[who][when] = NOWHERE
        self.guests[host][when].remove(who)

    def full(self, host: int, when: int) -> bool:
        """Whether all places are taken."""
        return len(self.guests[host][when]) >= self.places[host][when]

    def lock(self) -> bool:
        """Hold the locked visits, at the first host who can take them; False where there is none."""
        groups = {(one.round, who): one.people for one in self.ground.together for who in one.people}
        spots = sorted(
            np.argwhere(self.ground.must).tolist(), key=lambda spot: int(self.ground.open[spot[0], :, spot[1]].sum())
        )
        for who, when in spots:
            if self.at[who][when] == NOWHERE:
                group = groups.get((when, who), (who,))
                host = next((at for at in range(len(self.guests)) if self._takes(group, at, when)), None)
                if host is None:
                    return False
                for one in group:
                    self.put(one, host, when)
        return True

    def _takes(self, group: Sequence[int], host: int, when: int) -> bool:
        """Whether a host has a place for each of a group, whom nobody there is kept apart from."""
        room = self.places[host][when] - len(self.guests[host][when])
        return len(group) <= room and all(self.welcome(one, host, when) and host not in self.at[one] for one in group)

    def fill(self, visits: Sequence[tuple[int, int]], rng: random.Random) -> list[tuple[int, int]]:
        """Hold visits one by one, but for those that are held; returned are those that find no round."""
        order, left = list(range(self.rounds)), []
        for who, host in visits:
            if host not in self.at[who]:
                rng.shuffle(order)
                talks = self.rounds - self.at[who].count(NOWHERE)
                if talks >= self.caps[who] or not self.place(who, host, order):
                    left.append((who, host))
        return left

    def place(self, who: int, host: int, order: Sequence[int]) -> bool:
        """Find a round for one more visit, the rounds tried in this order; False, and nothing done, where none is."""
        idle = [when for when in order if self.at[who][when] == NOWHERE and self.may(who, host)[when]]
        for when in idle:
            if not self.full(host, when) and self.welcome(who, host, when):
                self.put(who, host, when)
                return True
        return any(self._chain((who, host), first, second) for first in idle for second in order if second != first)

    def _chain(self, visit: tuple[int, int], now: int, then: int) -> bool:
        """Put a visit in the round `now`; whom it ousts come in `then`. False, and nothing done, where that fails."""
        (who, host), moved = visit, {visit}
        if self.full(host, then):
            return False
        log: list[tuple[int, int, int, bool]] = []
        while self.full(host, now) or not self.welcome(who, host, now):
            guest = self._ousted(who, host, (now, then), moved)
            if guest is None:
                self._undo(log)
                return False
            other = self.at[guest][then]
            self._do(log, (guest, host, now, False), (who, host, now, True))
            if other != NOWHERE:
                self._do(log, (guest, other, then, False))
            self._do(log, (guest, host, then, True))
            if other == NOWHERE:
                return True
            who, host = guest, other
            moved |= {(guest, host), (guest, other)}
        self._do(log, (who, host, now, True))
        return True

    def _ousted(self, who: int, host: int, rounds: tuple[int, int], moved: set[tuple[int, int]]) -> int | None:
        """Which guest gives way: one who is idle in the other round, else one who can exchange the two."""
        now, then = rounds
        there = self.guests[host][now]
        rivals = self.apart[who].intersection(there)
        found = None
        for guest in sorted(rivals) if rivals else there:
            other = self.at[guest][then]
            if (
                len(rivals) > 1
                or (guest, host) in moved
                or self.must[guest][now]
                or not self.welcome(guest, host, then)
            ):
                continue
            if other == NOWHERE:
                return guest
            if found is None and not self.must[guest][then] and self.may(guest, other)[now]:
                found = guest
        return found

    def _do(self, log: list[tuple[int, int, int, bool]], *steps: tuple[int, int, int, bool]) -> None:
        for who, host, when, held in steps:
            (self.put if held else self.take)(who, host, when)
        log.extend(steps)

    def _undo(self, log: list[tuple[int, int, int, bool]]) -> None:
        for who, host, when, held in reversed(log):
            (self.take if held else self.put)(who, host, when)

    def spots(self) -> Ints:
        """All visits as rows of (person, host, round), sorted."""
        held = [
            (who, host, when) for who, row in enumerate(self.at) for when, host in enumerate(row) if host != NOWHERE
        ]
        return np.array(sorted(held), np.int64).reshape(-1, 3)


def timed(ground: Ground, visits: Ints, rng: random.Random) -> tuple[Ints | None, bool]:
    """Find a round for every visit.

    Parameters
    ----------
    ground : Ground
        Who could visit whom, when.
    visits : (m, 2) int
        Rows of people and hosts.
    rng : random.Random
        Decides in which order rounds are tried.

    Returns
    -------
    tuple of ((k, 3) int or None, bool)
        Rows of (person, host, round), sorted; None where the locks themselves find no room. And whether all are held.
    """
    wanted = [(who, host) for who, host in visits.tolist()]
    narrow = ground.open.sum(2)
    first = sorted(wanted, key=lambda visit: int(narrow[visit]))
    best: Ints | None = None
    for _ in range(TRIES):
        table = Visits(ground, _hours(ground, visits, rng))
        if not table.lock():
            continue
        left = table.fill(first, rng)
        if _dismissed(table) and (best is None or len(table.spots()) > len(best)):
            best = table.spots()
        if best is not None and len(best) == len(visits):
            return best, True
        first = left + [visit for visit in first if visit not in set(left)]
    return best, False


def greedy(ground: Ground, rng: random.Random) -> Ints | None:
    """Give everybody a first talk where that is possible, then a second, …: a plan at once, without proof.

    Returns
    -------
    (m, 3) int or None
        Rows of (person, host, round), sorted; None where the locks find no room.
    """
    table = Visits(ground, np.tile(ground.places[:, None], ground.open.shape[2]))
    if not table.lock():
        return None
    order = np.argsort(-ground.first, kind="stable").tolist()
    hosts = np.argsort(-ground.worth, axis=1, kind="stable").tolist()
    for level in range(1, int(ground.caps.max(initial=0)) + 1):
        for who in order:
            if table.rounds - table.at[who].count(NOWHERE) < min(level, table.caps[who]):
                open_ = (host for host in hosts[who] if any(table.may(who, host)) and host not in table.at[who])
                next((host for host in open_ if not table.fill([(who, host)], rng)), None)
    return table.spots() if _dismissed(table) else None


def _dismissed(table: Visits) -> bool:
    """Send guests home from hours with too few of them; False where a lock holds one."""
    for host, hours in enumerate(table.guests):
        for when, guests in enumerate(hours):
            if len(guests) < table.ground.least[host]:
                if any(table.must[who][when] for who in guests):
                    return False
                for who in list(guests):
                    table.take(who, host, when)
    return True


def _hours(ground: Ground, visits: Ints, rng: random.Random) -> Ints:
    """How many visitors a host takes in each round, shape (h, R); one who waits for several has just enough hours.

    Their places there add up to the visits, so that no hour is left half empty: locked hours first, then those in which
    most of the visitors could come, as chance has it.
    """
    hours = np.tile(ground.places[:, None], ground.open.shape[2])
    for host in np.flatnonzero(ground.least > 1).tolist():
        who = visits[visits[:, 1] == host, 0]
        could = ground.open[who, host].sum(0)
        locked = (ground.must & ground.open[:, host]).sum(0)
        number = -(-len(who) // int(ground.places[host]))
        keys = [(-int(locked[when]), -int(could[when]) * rng.random()) for when in range(len(could))]
        best = sorted(range(len(could)), key=lambda when: keys[when])[:number]
        hours[host] = 0
        hours[host, best] = [(len(who) + at) // number for at in range(number)]
    return hours


def agenda_of(ground: Ground, visits: Ints) -> Agenda:
    """Say what must hold while visits change rounds; the breaks of hosts count before those of people.

    Parameters
    ----------
    ground : Ground
        Who could visit whom, when.
    visits : (m, 3) int
        Rows of (person, host, round); those that a lock holds stay in their round.
    """
    (n, h, rounds), (who, host, when) = ground.open.shape, visits.T
    open_ = ground.open[who, host].copy()
    locked = ground.must[who, when]
    open_[locked] = np.eye(rounds, dtype=np.bool_)[when[locked]]
    capacity = np.vstack([ground.open.any(1), ground.open.any(0) * ground.places[:, None]])
    at = {(one, place): visit for visit, (one, place) in enumerate(visits[:, :2].tolist())}
    apart = [
        (at[one, place], at[other, place])
        for one, other in ground.apart.tolist()
        for place in range(h)
        if (one, place) in at and (other, place) in at
    ]
    return Agenda(
        ends=np.column_stack([who, n + host]),
        open=open_,
        capacity=capacity.astype(np.int64),
        room=np.full(rounds, len(visits)),
        rank=np.repeat([PEOPLE, HOSTS], [n, h]),
        least=np.concatenate([np.ones(n, np.int64), ground.least]),
        apart=np.array(apart, np.int64).reshape(-1, 2),
    )
