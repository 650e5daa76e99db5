"""A first seating of one round of circles: tables get a language each, then people, so that the rules are kept.

How many tables speak which language, and who of whom goes there, is a small whole-number programme over kinds of people
(who speaks the same and is of the same organisation). It counts languages and organisations exactly, so that nobody is
left out in vain; keep-apart pairs, locks and seated people are then brought in by exchanges.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from matcher.choose.circles.layout import Room, numbers_of_tables
from matcher.choose.circles.mixing import NOT_HERE, Guests, Mix, Score, Tables, Weights, anneal, temperatures
from matcher.effort import Effort
from matcher.solver import Programme, whole

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

GONE = -2
NODES = 200
BLOCKS, STEPS = 120, 20
HOT, COLD = 0.5, 0.05


@dataclass(frozen=True, slots=True)
class Places:
    """One round to be seated: its `number`, who is meant to sit and who may, how many `sit` at how many tables.

    `home` is the table of those who have a fixed one, -1 for others; who is `out` rests, whatever is exchanged.
    """

    number: int
    sits: Bools
    may: Bools
    home: Ints
    out: Bools
    sit: int
    count: int

    @property
    def chairs(self) -> int:
        """Chairs at each table: the greater of the two sizes."""
        return -(-self.sit // self.count)

    def fit(self) -> bool:
        """Whether there is a chair for everybody who has a fixed table."""
        return int(np.bincount(self.home[self.home >= 0], minlength=1).max()) <= self.chairs


def guests_of(room: Room, chairs: int) -> Guests:
    """Put that many empty chairs behind the people, and the language that needs no words behind the languages."""
    n, total = len(room.caps), len(room.caps) + chairs
    clash, met = np.zeros((total, total), bool), np.zeros((total, total), bool)
    benefit = np.zeros((total, total), np.int64)
    clash[:n, :n], met[:n, :n], benefit[:n, :n] = room.clash, room.met, room.benefit
    clash[n:, n:] = ~np.eye(chairs, dtype=bool)
    speaks = np.ones((total, room.speaks.shape[1] + 1), bool)
    speaks[:n, :-1] = room.speaks
    return Guests(clash, met, benefit, speaks, room.caps)


def open_round(room: Room, number: int, sits: Bools, home: Ints, *, effort: Effort) -> Tables | None:
    """Seat one round without a breach, as many people as possible; None where no two people can sit together.

    Parameters
    ----------
    room : Room
        Who is there, and the rules.
    number : int
        The round, from 0.
    sits : (n, R) bool
        Who is meant to sit when; others who are there come in for them as far as their limit lets.
    home : (n,) int
        The table of each seated person, -1 for others.
    effort : Effort
        The seed, and when to stop.
    """
    may = room.there[:, number] & (sits[:, number] | (sits.sum(1) < room.caps))
    there, locks = int(room.there[:, number].sum()), room.locked(number)
    rng = np.random.default_rng([effort.seed, number])
    sit, largest = int(sits[:, number].sum()), max((len(lock.people) for lock in locks), default=0)
    while sit > 1:
        fewest = sit
        for count in numbers_of_tables(sit, there, room.size, room.most):
            if count < len(locks) or largest > -(-sit // count):
                continue
            pinned = _pinned(room, number, home, count)
            out = _displaced(room, number, pinned)
            pinned[out] = -1
            places = Places(number, sits[:, number] & ~out, may & ~out, pinned, out, sit, count)
            tables = _languages(room, places, rng) if places.fit() else None
            wrong = sit if tables is None else _mend(room, tables, may & ~out, effort)
            if tables is not None and not wrong:
                return tables
            fewest = min(fewest, wrong)
        sit -= 1 if fewest == sit else max(1, fewest // 2)
    return None


def opened(room: Room, number: int, tables: Sequence[tuple[int, ...]]) -> Tables:
    """Seat one round at given tables that keep the rules; locked and seated people stay as they are."""
    n, there = len(room.caps), room.there[:, number]
    place = np.where(there, len(tables), NOT_HERE)
    spoken = np.zeros(len(tables), np.int64)
    silent = np.zeros(n, bool)
    for lock in room.locked(number):
        silent[list(lock.people)] = not room.speaks[list(lock.people)].all(axis=0).any()
    for at, table in enumerate(tables):
        place[list(table)] = at
        spoken[at] = (room.speaks | silent[:, None])[list(table)].all(axis=0).argmax() if room.speaks.shape[1] else 0
    sit = sum(map(len, tables))
    pinned = np.where((_locked(room, number) | room.seated) & there, place, -1)
    return _set(room, Places(number, there, there, pinned, ~there, sit, len(tables)), place, spoken)


def _pinned(room: Room, number: int, home: Ints, count: int) -> Ints:
    """The table of everybody who has a fixed one in this round: seated people, and locks; GONE where it is not set up.

    The homes of those who are there are set up first, of locked people before others. A lock comes to the table of a
    seated person among them, or of the same name, else to the last that is free.
    """
    at_home, locked = room.there[:, number] & (home >= 0), _locked(room, number)
    first = {int(home[who]) for who in np.flatnonzero(at_home & locked)}
    order = sorted({int(home[who]) for who in np.flatnonzero(at_home)}, key=lambda one: (one not in first, one))
    row = {one: at for at, one in enumerate(order[:count])}
    pinned = np.full(len(home), -1)
    for who in np.flatnonzero(at_home).tolist():
        pinned[who] = row.get(int(home[who]), GONE)
    free = list(range(len(row), count))
    spare = list(range(len(row)))
    for lock in room.locked(number):
        known = [row[int(home[who])] for who in lock.people if int(home[who]) in row]
        known += [row[int(home[who])] for other in room.locks if lock.table and other.table == lock.table
                  for who in other.people if int(home[who]) in row]  # fmt: skip
        pinned[list(lock.people)] = known[0] if known else (free or spare).pop()
    return pinned


def _locked(room: Room, number: int) -> Bools:
    locked = np.zeros(len(room.caps), bool)
    for lock in room.locked(number):
        locked[list(lock.people)] = True
    return locked


def _displaced(room: Room, number: int, pinned: Ints) -> Bools:
    """Seated people who rest: their table is not set up, or one sits there with whom they may not; locks go first."""
    locked = _locked(room, number)
    out: Bools = pinned == GONE
    for table in set(pinned[pinned >= 0].tolist()):
        kept: list[int] = []
        for who in sorted(np.flatnonzero(pinned == table).tolist(), key=lambda one: (not locked[one], one)):
            if locked[who] or not room.clash[who, kept].any():
                kept.append(who)
            else:
                out[who] = True
    return out


def _languages(room: Room, places: Places, rng: np.random.Generator) -> Tables | None:
    """Give tables a language and people a table by the whole-number programme; None where it has no answer."""
    there = room.there[:, places.number] & ~places.out
    speaks = room.speaks if room.speaks.shape[1] else np.ones((len(there), 1), bool)
    who = rng.permutation(np.flatnonzero(places.may))
    kinds, members = _kinds(room, places, who, speaks)
    found = _shares(places, kinds, rng)
    if found is None:
        return None
    shares, tables = found
    place = np.full(len(there), NOT_HERE)
    place[there] = places.count
    first = 0
    spoken = np.zeros(places.count, np.int64)
    for language in np.flatnonzero(tables):
        guests: list[int] = []
        for kind in sorted(range(len(members)), key=lambda one: kinds[one].organisation):
            guests += [members[kind].pop() for _ in range(int(shares[kind, language]))]
        number = int(tables[language])
        place[guests] = first + np.arange(len(guests)) % number
        spoken[first : first + number] = language
        first += number
    return _set(room, places, place, spoken)


@dataclass(frozen=True, slots=True)
class Kind:
    """People who count alike: the languages they speak, their organisation (-1: alone), how many, and how welcome."""

    speaks: Bools
    organisation: int
    number: int
    welcome: float


def _kinds(room: Room, places: Places, who: Ints, speaks: Bools) -> tuple[list[Kind], list[list[int]]]:
    """Group people by what counts; those in a lock are pardoned."""
    groups: defaultdict[tuple[int, bytes, float], list[int]] = defaultdict(list)
    crowd = np.where(room.colleagues[who][:, who].any(1), room.colleagues[who][:, who].argmax(1), -1)
    firsts = np.where(crowd >= 0, np.minimum(crowd, np.arange(len(who))), -1)
    for at, one in enumerate(who.tolist()):
        welcome = 3.0 if places.home[one] >= 0 else 2.0 if places.sits[one] else 1.0
        if room.fixed[one, places.number]:
            groups[-1, np.ones(speaks.shape[1], bool).tobytes(), welcome].append(one)
        else:
            groups[int(firsts[at]), speaks[one].tobytes(), welcome].append(one)
    kinds = [
        Kind(np.frombuffer(spoken, bool), organisation, len(members), welcome)
        for (organisation, spoken, welcome), members in groups.items()
    ]
    return kinds, list(groups.values())


def _shares(places: Places, kinds: list[Kind], rng: np.random.Generator) -> tuple[Ints, Ints] | None:
    """How many of each kind speak which language, and at how many tables: (kinds, L) and (L,).

    People w of one language at k tables meet each other some w^2 / 2k times a round: that is kept small.
    """
    speaks, number = np.array([kind.speaks for kind in kinds]), np.array([kind.number for kind in kinds])
    languages, cells = speaks.shape[1], speaks.size
    column = np.arange(cells).reshape(speaks.shape)
    steps = cells + np.arange(languages * places.count).reshape(languages, places.count)
    bound_to = (number[:, None] * speaks / np.maximum(speaks.sum(1), 1)[:, None] ** 2).sum(0)
    step = np.arange(1.0, places.count + 1)
    ease = (bound_to * rng.uniform(0.7, 1.3, languages))[:, None] / (step * (step + 1.0))
    rows = _Rows(cells + steps.size)
    for language in range(languages):
        ones = column[:, language].tolist()
        for size, low, high in ((places.sit // places.count, 0.0, np.inf), (places.chairs, -np.inf, 0.0)):
            rows.add(dict.fromkeys(ones, 1) | {int(one): -size for one in steps[language]}, low, high)
        crowds: defaultdict[int, list[int]] = defaultdict(list)
        for at, kind in enumerate(kinds):
            crowds[kind.organisation].append(int(column[at, language]))
        for organisation, crowd in crowds.items():
            if organisation >= 0:
                rows.add(dict.fromkeys(crowd, 1) | {int(one): -1 for one in steps[language]}, -np.inf, 0.0)
    for at in range(len(kinds)):
        rows.add({int(cell): 1 for cell in column[at]}, 0.0, float(number[at]))
    rows.add({int(one): 1 for one in steps.ravel()}, places.count, places.count)
    rows.add(dict.fromkeys(range(cells), 1), places.sit, places.sit)
    found = whole(
        rows.programme(
            np.concatenate([np.repeat([kind.welcome for kind in kinds], languages), ease.ravel() / (2 * ease.sum())]),
            np.concatenate([(number[:, None] * speaks).ravel(), np.ones(steps.size)]),
        ),
        nodes=NODES,
    )
    if found is None:
        return None
    x = found.x.astype(np.int64)
    return x[:cells].reshape(speaks.shape), x[steps].sum(1)


class _Rows:
    """The rows of a programme, one after another."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.cells: list[dict[int, int]] = []
        self.low: list[float] = []
        self.high: list[float] = []

    def add(self, cells: dict[int, int], low: float, high: float) -> None:
        """Add a row with its two sides."""
        self.cells.append(cells)
        self.low.append(low)
        self.high.append(high)

    def programme(self, gain: Floats, top: Floats) -> Programme:
        """Return the programme with this gain and these upper bounds."""
        ends = np.cumsum([0] + [len(row) for row in self.cells])
        entries = np.array([value for row in self.cells for value in row.values()], float)
        columns = np.array([column for row in self.cells for column in row], np.int64)
        matrix = sp.csr_matrix((entries, columns, ends), shape=(len(self.cells), self.columns))
        return Programme(gain, matrix, np.array(self.low), np.array(self.high), top.astype(float))


def _set(room: Room, places: Places, place: Ints, spoken: Ints) -> Tables:
    """Bring in empty chairs, then whoever has a fixed table, in exchange for somebody who has none."""
    n, count, chairs = len(place), places.count, places.chairs
    sizes = np.bincount(place[(place >= 0) & (place < count)], minlength=count)
    place = np.concatenate([place, np.repeat(np.arange(count), chairs - sizes)])
    pinned = np.concatenate([places.home, np.full(len(place) - n, -1)])
    for who in np.flatnonzero(pinned >= 0):
        at = pinned[who]
        if place[who] != at:
            other = np.flatnonzero((place == at) & (pinned != at))[0]
            place[who], place[other] = place[other], place[who]
    excused, pardoned = np.zeros(len(place), bool), 0
    for lock in room.locked(places.number):
        own = list(lock.people)
        pardoned += int(room.clash[np.ix_(own, own)].sum()) // 2
        excused[own] = not room.speaks[own].all(axis=0).any()
    return Tables(place, (pinned >= 0) | (place == NOT_HERE), count, chairs, spoken, excused, pardoned)


def _mend(room: Room, tables: Tables, may: Bools, effort: Effort) -> int:
    """Exchange people until no rule is broken, or in vain: how many breaches are left."""
    guests = guests_of(room, len(tables.place) - len(room.caps))
    alone = Guests(guests.clash, guests.met, guests.benefit, guests.speaks, may.astype(np.int64))
    mix = Mix(alone, [tables], effort.seed)
    if mix.best.breaches:
        mix.weigh(Weights(1.0, 0.0, 0.0))
        enough = Score(0, len(room.caps) * 2, 0, 0)
        anneal(mix, temperatures(HOT, COLD, BLOCKS), steps=STEPS, target=enough, deadline=effort.deadline)
        mix.back()
    return mix.best.breaches
