"""Who sits with whom, round after round: annealing over all exchanges of two people.

One round is improved while the others stand. A pair's cost in it is then fixed (may not meet, has met, benefit), so
that the gain of every exchange of two people follows from one matrix of person by table; the next exchange is drawn
from all of them at once with the weights of annealing (the smallest of cost - temperature x Gumbel noise), so that
hardly a step is rejected: the n-fold way of Bortz, Kalos and Lebowitz (1975), with staying as one more choice. An empty
chair is a person who speaks with everybody and may not sit with another empty chair, so that sizes within a round
differ by at most one; the bench of those who rest is a table where nobody meets.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.solver import Deadline

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

WIDTH = 12000  # exchanges looked at in one step, about
NOISE = 1 << 19
NOT_HERE = -1


@dataclass(frozen=True, slots=True)
class Guests:
    """Who there is, over N rows: n people, then the empty chairs.

    Attributes
    ----------
    clash : (N, N) bool
        Two who may not share a table; two empty chairs do not either.
    met : (N, N) bool
        Two who have met before the session.
    benefit : (N, N) int
        Whole numbers, symmetric, 0 for an empty chair.
    speaks : (N, L) bool
        Languages; the last column is True throughout, for a room without the rule.
    caps : (n,) int
        The most tables of each person over the session.
    """

    clash: Bools
    met: Bools
    benefit: Ints
    speaks: Bools
    caps: Ints


@dataclass(slots=True)
class Tables:
    """One round: `place` is each row's table 0…count - 1, `count` for the bench, `NOT_HERE` (-1).

    `still` rows do not move; `chairs` stand at each table, which speaks its `language`; `excused` rows need not speak
    it, and `pardoned` pairs clash, both by a lock.
    """

    place: Ints
    still: Bools
    count: int
    chairs: int
    language: Ints
    excused: Bools
    pardoned: int = 0

    def seats(self) -> Ints:
        """Who sits, table by table, empty chairs among them."""
        seated = np.flatnonzero((self.place >= 0) & (self.place < self.count))
        order: Ints = seated[np.argsort(self.place[seated], kind="stable")]
        return order

    def pairs(self) -> tuple[Ints, Ints]:
        """Everybody who shares a table, each pair both ways, nobody with oneself."""
        order = self.seats().reshape(self.count, self.chairs)
        one, other = np.nonzero(~np.eye(self.chairs, dtype=bool))
        return order[:, one].ravel(), order[:, other].ravel()


@dataclass(frozen=True, slots=True)
class Weights:
    """What a breach, a repeat and a point of benefit cost in the annealing."""

    hard: float
    repeat: float
    benefit: float


@dataclass(frozen=True, slots=True, order=True)
class Score:
    """How good it is, the smaller the better: breaches, missing tables, repeats, lost benefit."""

    breaches: int
    missing: int
    repeats: int
    loss: int


def missing(caps: Ints, held: Ints) -> int:
    """How many people lack a first table, a second, a third … within their caps, as one number.

    The counts are digits: one more person without a first table outweighs whatever becomes of all second ones.

    Examples
    --------
    >>> two = np.array([2, 2])
    >>> missing(two, two), missing(two, np.array([1, 1])), missing(two, np.array([2, 0]))
    (0, 2, 4)
    """
    top = int(caps.max(initial=0)) + 1
    lack = np.bincount(np.minimum(held, caps), minlength=top).cumsum() - np.bincount(caps, minlength=top).cumsum()
    number = 0
    for people in lack[:-1].tolist():
        number = number * (len(caps) + 1) + people
    return number


class Mix:
    """All rounds with what they cost together, changed round by round."""

    def __init__(self, guests: Guests, rounds: list[Tables], seed: int) -> None:
        self.guests, self.rounds = guests, rounds
        self.random = np.random.default_rng(seed)
        self.noise = self.random.gumbel(size=NOISE)
        self.people = len(guests.caps)
        self.times = guests.met.astype(np.int64)
        self.times[self.people :] = self.times[:, self.people :] = -NOISE  # nobody meets an empty chair again
        self.held = np.zeros(len(guests.clash), np.int64)
        self.repeats = 0
        self.wrong, self.worth = [0] * len(rounds), [0] * len(rounds)
        self.weights = Weights(1.0, 1.0, 0.0)
        self.cost = np.zeros(guests.clash.shape)
        for number in range(len(rounds)):
            self._drop(number)
        self.best = self.score()
        self.kept = self.copy()

    def copy(self) -> list[tuple[Ints, Ints]]:
        """Places and languages of all rounds."""
        return [(one.place.copy(), one.language.copy()) for one in self.rounds]

    def score(self) -> Score:
        """Judge the rounds as they stand."""
        held, caps = self.held[: self.people], self.guests.caps
        over = int(np.maximum(held - caps, 0).sum())
        return Score(sum(self.wrong) + over, missing(caps, held), self.repeats, -sum(self.worth))

    def keep(self) -> None:
        """Remember the rounds where they are the best so far."""
        if (score := self.score()) < self.best:
            self.best, self.kept = score, self.copy()

    def back(self) -> None:
        """Return to the best rounds so far."""
        self.put(self.kept)

    def put(self, rounds: list[tuple[Ints, Ints]]) -> None:
        """Go on from other places and languages."""
        for number, (place, language) in enumerate(rounds):
            self._lift(number)
            self.rounds[number].place[:], self.rounds[number].language[:] = place, language
            self._drop(number)
        self.keep()

    def speak(self) -> None:
        """Let every table speak the language that most there know."""
        for number in range(len(self.rounds)):
            self._lift(number)
            self._speak(number, 0.0)
            self._drop(number)
        self.keep()

    def weigh(self, weights: Weights) -> None:
        """Set what things cost from now on."""
        self.weights = weights
        fixed = weights.hard * self.guests.clash - weights.benefit * self.guests.benefit
        self.cost = fixed + weights.repeat * (self.times > 0)

    def _price(self, one: Ints, other: Ints) -> None:
        weights, guests = self.weights, self.guests
        fixed = weights.hard * guests.clash[one, other] - weights.benefit * guests.benefit[one, other]
        self.cost[one, other] = fixed + weights.repeat * (self.times[one, other] > 0)

    def _lift(self, number: int) -> None:
        """Take a round out of the counts."""
        tables = self.rounds[number]
        one, other = tables.pairs()
        self.times[one, other] -= 1
        self.repeats -= int((self.times[one, other] > 0).sum()) // 2
        self.held[one[:: tables.chairs - 1]] -= 1
        self.wrong[number] = self.worth[number] = 0
        self._price(one, other)

    def _drop(self, number: int) -> None:
        """Put a round back into the counts."""
        tables, guests = self.rounds[number], self.guests
        one, other = tables.pairs()
        self.repeats += int((self.times[one, other] > 0).sum()) // 2
        self.times[one, other] += 1
        seated = one[:: tables.chairs - 1]
        self.held[seated] += 1
        spoken = guests.speaks[seated, tables.language[tables.place[seated]]]
        mute = int((~spoken & ~tables.excused[seated]).sum())
        self.wrong[number] = int(guests.clash[one, other].sum()) // 2 + mute - tables.pardoned
        self.worth[number] = int(guests.benefit[one, other].sum()) // 2
        self._price(one, other)

    def improve(self, number: int, temperature: float, steps: int) -> None:
        """Make `steps` exchanges in one round."""
        self._lift(number)
        self._speak(number, temperature)
        _exchange(self, number, temperature, steps)
        self._drop(number)
        self.keep()

    def _speak(self, number: int, temperature: float) -> None:
        """Draw each table's language anew, by how many there do not speak it."""
        tables, speaks = self.rounds[number], self.guests.speaks
        languages = speaks.shape[1] - 1
        if languages < 2 or not tables.count:
            return
        mute = np.zeros((tables.count, languages))
        heard = tables.seats()[~tables.excused[tables.seats()]]
        np.add.at(mute, tables.place[heard], ~speaks[heard, :-1])
        drawn = self.weights.hard * mute - temperature * self.random.gumbel(size=mute.shape)
        tables.language[:] = drawn.argmin(axis=1)

    def aside(self, number: int, rows: Ints) -> Floats:
        """What each table, and the bench, costs these rows apart from the company: (rows, count + 1)."""
        tables, hard = self.rounds[number], self.weights.hard
        people = rows < self.people
        here = np.zeros((len(rows), tables.count + 1))
        here[:, :-1] = hard * ~self.guests.speaks[rows][:, tables.language]
        caps = np.where(people, self.guests.caps[np.minimum(rows, self.people - 1)], NOISE)
        full = self.held[rows] >= caps
        here[full, :-1] += hard * (1 + len(self.rounds))
        here[:, -1] = hard * np.where(people, len(self.rounds) - self.held[rows], NOISE)
        return here


def _exchange(mix: Mix, number: int, temperature: float, steps: int) -> None:
    """Exchange two people `steps` times, each time drawn from all exchanges, or in a large room from many."""
    tables = mix.rounds[number]
    rows = mix.random.permutation(np.flatnonzero(~tables.still))
    size, count = len(rows), tables.count
    if size < 2:
        return
    cost, place = mix.cost[rows[:, None], rows], tables.place[rows]
    spend = mix.aside(number, rows)
    spend[:, :-1] += mix.cost[rows[:, None], tables.seats()].reshape(size, count, tables.chairs).sum(axis=2)
    turned = spend.T.copy()
    benched, everybody = bool((place == count).any()), np.arange(size)
    width = min(size, max(8, WIDTH // size))
    offsets = mix.random.integers(NOISE - width * size, size=steps).tolist()
    for step, offset in enumerate(offsets):
        first = (step * width) % size
        some = slice(first, min(first + width, size))
        own = turned[place, everybody]
        gain = spend[some].take(place, axis=1)
        gain += turned.take(place[some], axis=0)
        gain -= own
        gain -= own[some, None]
        company = 2.0 if not benched else (place[some, None] < count) + (place < count).astype(float)
        gain -= company * cost[some]
        np.copyto(gain, np.inf, where=place[some, None] == place)
        gain -= temperature * mix.noise[offset : offset + gain.size].reshape(gain.shape)
        drawn = int(gain.argmin())
        if gain.flat[drawn] > -temperature * mix.noise[offset - 1]:
            continue  # to stay is one more choice
        one, other = divmod(drawn, size)
        one += first
        here, away = int(place[one]), int(place[other])
        change = cost[other] - cost[one]
        for table, sign in ((here, 1), (away, -1)):
            if table < count:
                turned[table] += sign * change
                spend[:, table] = turned[table]
        place[one], place[other] = away, here
    tables.place[rows] = place


def temperatures(hot: float, cold: float, blocks: int) -> Iterator[float]:
    """Fall from `hot` to `cold` in equal ratios."""
    for block in range(blocks):
        yield hot * (cold / hot) ** (block / max(blocks - 1, 1))


def anneal(mix: Mix, heat: Iterator[float], *, steps: int, target: Score, deadline: Deadline) -> None:
    """Improve the rounds in turns, one block of `steps` exchanges at each temperature, until `target` is reached."""
    order: list[int] = []
    for temperature in heat:
        if mix.best <= target or deadline.over():
            break
        if not order:
            order = mix.random.permutation(len(mix.rounds)).tolist()
        mix.improve(order.pop(), temperature, steps)
