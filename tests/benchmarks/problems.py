"""Conferences to measure on: invented crowds of any size, the same for the same recipe.

A crowd is uneven where real ones are: a few interests and a few people are sought by many, some organisations send a
whole delegation, and what somebody speaks follows from where that person works.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import sqrt

from matcher import Person, Problem, Rules, Session

INTERESTS = (
    "campaigns",
    "digital-security",
    "fund-raising",
    "privacy",
    "impunity",
    "social-media",
    "editorial-content",
    "digital-policy",
    "artistic-freedom",
    "monitoring",
    "clicktivism",
    "management",
    "assembly",
    "programmes",
    "religious-freedom",
    "strategy",
)

# region: how many come from it, and how likely each language is there
SPOKEN = {
    "africa": (26, {"en": 0.7, "fr": 0.5, "ar": 0.1}),
    "americas": (22, {"es": 0.7, "en": 0.6, "fr": 0.1}),
    "asia": (27, {"en": 0.85, "km": 0.3, "fr": 0.1}),
    "europe": (15, {"en": 0.9, "fr": 0.3, "ru": 0.25, "es": 0.15}),
    "middle-east": (10, {"ar": 0.95, "en": 0.6, "fr": 0.25}),
}

LEAST_WORTH = 100


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a conference is made of.

    `keep_apart` counts pairs, None: one for every six people. `away` is the share of people who miss one to three
    rounds. With `given` every pair's benefit is a number of its own, else benefits come from profiles. With `sides`
    a third of the people are of side a, a third of side b. `wishes` is the most wishes somebody has.
    """

    people: int = 60
    rounds: int = 7
    seed: int = 0
    keep_apart: int | None = None
    away: float = 0.0
    limited: float = 0.0
    sides: bool = False
    given: bool = True
    wishes: int = 3


def conference(recipe: Recipe) -> Problem:
    """Make the problem of a recipe."""
    rng = random.Random(recipe.seed)
    homes = _organisations(rng, recipe.people)
    ids = [f"p{number}" for number in range(1, recipe.people + 1)]
    charm = [rng.betavariate(2, 3) for _ in ids]
    people = tuple(_person(rng, recipe, name, home=rng.choice(homes)) for name in ids)
    if recipe.wishes:
        people = tuple(_wishing(rng, person, people, charm, most=recipe.wishes) for person in people)
    apart = max(recipe.people // 6, 1) if recipe.keep_apart is None else recipe.keep_apart
    return Problem(
        session=Session(rounds=recipe.rounds, id="speed-dating"),
        people=people,
        rules=Rules(regions="mix"),
        keep_apart=_pairs(rng, ids, apart),
        met_before=_pairs(rng, ids, recipe.people // 10),
        benefits=_benefits(rng, people, charm) if recipe.given else None,
    )


def _organisations(rng: random.Random, people: int) -> list[tuple[str, str]]:
    """Seats of organisations as (organisation, region), one for each delegate; sizes have a long tail."""
    regions = list(SPOKEN)
    shares = [share for share, _ in SPOKEN.values()]
    seats: list[tuple[str, str]] = []
    while len(seats) < people:
        home = (f"o{len(seats) + 1}", rng.choices(regions, shares)[0])
        seats += [home] * min(1 + int(rng.expovariate(0.8)), 8)
    return seats


def _person(rng: random.Random, recipe: Recipe, name: str, *, home: tuple[str, str]) -> Person:
    organisation, region = home
    spoken = [code for code, chance in SPOKEN[region][1].items() if rng.random() < chance]
    sought = [1 / (1 + rank) ** 0.8 for rank in range(len(INTERESTS))]
    missed = rng.sample(range(1, recipe.rounds + 1), min(rng.randint(1, 3), recipe.rounds))
    return Person(
        id=name,
        name=f"Person {name[1:]}",
        organisation=organisation,
        regions=(region,),
        languages=tuple(spoken or [next(iter(SPOKEN[region][1]))]),
        offers=_few(rng, INTERESTS, list(reversed(sought)), rng.randint(1, 4)),
        seeks=_few(rng, INTERESTS, sought, rng.randint(2, 5)),
        side=rng.choice(["a", "b", None]) if recipe.sides else None,
        away=frozenset(missed if rng.random() < recipe.away else ()),
        limit=rng.randint(1, recipe.rounds) if rng.random() < recipe.limited else None,
    )


def _wishing(rng: random.Random, person: Person, people: Sequence[Person], charm: list[float], *, most: int) -> Person:
    """Add some wishes: whoever is liked is wished for by many."""
    others = [one.id for one in people if one.id != person.id]
    liked = [value**2 for value, one in zip(charm, people, strict=True) if one.id != person.id]
    return Person(
        id=person.id,
        name=person.name,
        organisation=person.organisation,
        regions=person.regions,
        languages=person.languages,
        offers=person.offers,
        seeks=person.seeks,
        side=person.side,
        away=person.away,
        limit=person.limit,
        wishes=_few(rng, others, liked, rng.randint(0, most)),
    )


def _few(rng: random.Random, names: Sequence[str], weights: Sequence[float], count: int) -> tuple[str, ...]:
    """Draw different names, the heavier ones more often."""
    ends = list(accumulate(weights))
    found: dict[str, None] = {}
    while len(found) < min(count, len(names)):
        found[rng.choices(names, cum_weights=ends)[0]] = None
    return tuple(found)


def _pairs(rng: random.Random, ids: list[str], count: int) -> tuple[tuple[str, str], ...]:
    most = len(ids) * (len(ids) - 1) // 2
    found: dict[tuple[str, str], None] = {}
    while len(found) < min(count, most):
        one, other = sorted(rng.sample(range(len(ids)), 2))
        found[ids[one], ids[other]] = None
    return tuple(found)


def _benefits(rng: random.Random, people: Sequence[Person], charm: list[float]) -> tuple[tuple[str, str, int], ...]:
    """Give a number to every pair: what they can do for each other, how liked both are, and chance."""
    found = []
    for at, one in enumerate(people):
        for place, other in enumerate(people[:at]):
            exchange = sqrt(_met(one, other) * _met(other, one))
            value = int(1000 * (0.45 * exchange + 0.35 * sqrt(charm[at] * charm[place]) + 0.2 * rng.random()))
            if value >= LEAST_WORTH:
                found.append((other.id, one.id, value))
    return tuple(found)


def _met(taker: Person, giver: Person) -> float:
    """The share of what one seeks that the other offers."""
    return len(set(taker.seeks) & set(giver.offers)) / len(taker.seeks)
