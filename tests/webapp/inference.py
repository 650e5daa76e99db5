"""An attack on keep-apart: from what published pages show, guess who of those one never met is kept from one.

The attacker reasons as well as anybody can: the engine brings together those who fit best, so somebody who fits very
well and was never met is suspect. What they know of others is what the pages of one or several participants show; how
well two fit is worked out from that alone.
"""

import random
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import matcher
from matcher.points import matrix

PEOPLE, ROUNDS, BLOCKS, TOPICS = 40, 8, 12, 16
EACH = 4
"""How many topics everybody offers, and how many they seek."""

OPEN = "all topics open"
MOST_FRIENDS = 4

Topic = tuple[str, bool, bool]
"""A topic that a page shows: its title, whether the reader gives it, whether they take it."""


@dataclass(frozen=True)
class Sight:
    """What the page of one participant shows: whom they meet, each with the topics that are named as the reason."""

    reader: str
    offers: frozenset[str]
    seeks: frozenset[str]
    met: Mapping[str, tuple[Topic, ...]]


@dataclass
class Known:
    """What some participants know together of each person's topics."""

    offers: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    seeks: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def from_pages(cls, sights: Iterable[Sight]) -> "Known":
        """Put together what several pages show: their readers' own topics, and those that meetings name."""
        known = cls()
        for sight in sights:
            known.offers[sight.reader] |= sight.offers
            known.seeks[sight.reader] |= sight.seeks
            for partner, topics in sight.met.items():
                known.offers[partner] |= {topic for topic, _gives, takes in topics if takes}
                known.seeks[partner] |= {topic for topic, gives, _takes in topics if gives}
        return known

    @classmethod
    def everything(cls, problem: matcher.Problem) -> "Known":
        """Know every profile, as if a list of participants with their topics could be looked through."""
        known = cls()
        for one in problem.people:
            known.offers[one.id], known.seeks[one.id] = set(one.offers), set(one.seeks)
        return known

    def fit(self, one: str, other: str) -> float:
        """Return how well two seem to fit, by the engine's own measure as far as it can be worked out."""
        gets = len(self.offers[other] & self.seeks[one])
        gives = len(self.offers[one] & self.seeks[other])
        return (gets * gives) ** 0.5 + (gets + gives) / 2


def suspects(sight: Sight, known: Known, strangers: Iterable[str]) -> list[str]:
    """Return whom the reader would name as kept from them: of those never met, whoever fits best; all where several."""
    others = [name for name in strangers if name not in sight.met]
    best = max((known.fit(sight.reader, name) for name in others), default=0.0)
    return [name for name in others if known.fit(sight.reader, name) == best]


def room(seed: int) -> matcher.Problem:
    """People who share a language and no organisation, so that no rule but keep-apart stands between any two."""
    chance = random.Random(seed)
    titles = [f"topic {at}" for at in range(TOPICS)]
    people = tuple(
        matcher.Person(
            f"p{at}", languages=("en",), offers=tuple(chance.sample(titles, EACH)),
            seeks=tuple(chance.sample(titles, EACH)),
        )
        for at in range(PEOPLE)
    )  # fmt: skip
    open_ = matcher.Problem(matcher.Session(rounds=ROUNDS, tables=PEOPLE // 2), people)
    worth = matrix(open_)
    best = sorted(combinations(range(PEOPLE), 2), key=lambda two: -int(worth[two]))[: PEOPLE * ROUNDS // 4]
    blocks = chance.sample(best, BLOCKS)
    return replace(open_, keep_apart=tuple((f"p{one}", f"p{other}") for one, other in blocks))


def planned(problem: matcher.Problem) -> matcher.Plan:
    """Return the engine's plan."""
    return matcher.solve(problem, clock=time.monotonic)


def sights(problem: matcher.Problem, plan: matcher.Plan, *, most: int) -> dict[str, Sight]:
    """Return what each participant's page shows, with at most so many topics a meeting; in *discreet* none."""
    people = {one.id: one for one in problem.people}
    met: dict[str, dict[str, tuple[Topic, ...]]] = {name: {} for name in people}
    for meeting in plan.meetings:
        one, other = meeting.people
        for reader, partner in ((one, other), (other, one)):
            ways: dict[str, set[str]] = {}
            for reason in meeting.reasons:
                if reason.code == "offer_meets_need" and reason.topic:
                    ways.setdefault(reason.topic, set()).add("gives" if reason.giver == reader else "takes")
            met[reader][partner] = tuple((topic, "gives" in w, "takes" in w) for topic, w in ways.items())[:most]
    return {
        name: Sight(name, frozenset(people[name].offers), frozenset(people[name].seeks), met[name]) for name in people
    }


def rates() -> dict[str, "Rate"]:
    """Return nothing counted yet, for one page, for several put together, and for all topics of everybody."""
    alone = {"1 page": Rate()}
    return alone | {f"{count} pages": Rate() for count in range(2, MOST_FRIENDS + 2)} | {OPEN: Rate()}


@dataclass
class Rate:
    """How often guesses were right, in the mean: of several suspects one is named by chance."""

    right: float = 0.0
    guesses: int = 0

    def add(self, named: Sequence[str], truth: str) -> None:
        """Count one guess."""
        self.right += (truth in named) / max(len(named), 1)
        self.guesses += 1

    @property
    def share(self) -> float:
        """The share that was right."""
        return self.right / max(self.guesses, 1)


def attack(problem: matcher.Problem, seen: Mapping[str, Sight], rates: Mapping[str, Rate], *, seed: int) -> None:
    """Let everybody who is kept from somebody guess from whom: alone, with others, and with every profile open."""
    chance, everybody = random.Random(seed), [one.id for one in problem.people]
    open_ = Known.everything(problem)
    for pair in problem.keep_apart:
        for me, truth in (pair, pair[::-1]):
            others = [name for name in everybody if name not in {me, truth}]
            friends = chance.sample(others, MOST_FRIENDS)
            for name, rate in rates.items():
                helpers = friends[: int(name.split()[0]) - 1] if name[0].isdecimal() else []
                known = open_ if name == OPEN else Known.from_pages(seen[one] for one in (me, *helpers))
                named = suspects(seen[me], known, [one for one in everybody if one not in {me, *helpers}])
                rate.add(named, truth)
