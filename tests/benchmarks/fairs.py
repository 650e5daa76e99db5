"""Sessions at hosts' tables to measure on: clinics and stations with invented people, the same for the same recipe."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from matcher import Problem, Session
from matcher.problem import Format, Host, Person
from tests.benchmarks.problems import INTERESTS, Recipe, conference

SPOKEN = {"en": 0.9, "fr": 0.4, "es": 0.3, "ar": 0.25, "ru": 0.1, "km": 0.1}
WISHES = 5


@dataclass(frozen=True, slots=True)
class Fair:
    """What a session at hosts' tables is made of.

    `places` are drawn for each host; `least` is the least people at a table; `limit` is the most talks of a person;
    `away` is the share of people who miss some rounds, and half of it that of hosts who miss one.
    """

    format: Format
    people: int
    hosts: int
    rounds: int
    places: tuple[int, ...] = (1,)
    least: int = 1
    limit: int | None = None
    away: float = 0.0
    seed: int = 0


def fair(recipe: Fair) -> Problem:
    """Make the problem of a recipe: popular hosts are wished for by many."""
    rng = random.Random(f"{recipe.format} {recipe.seed}")
    crowd = Recipe(recipe.people, recipe.rounds, recipe.seed, away=recipe.away, given=False, wishes=0)
    before = conference(crowd)
    hosts = tuple(_host(rng, recipe, number) for number in range(1, recipe.hosts + 1))
    draw = [rng.gammavariate(1.5, 1) for _ in hosts]
    people = tuple(_wishing(rng, person, hosts, draw) for person in before.people)
    return replace(
        before,
        session=Session(recipe.rounds, recipe.format, id=recipe.format),
        people=people,
        rules=replace(before.rules, limit=recipe.limit),
        met_before=(),
        hosts=hosts,
    )


def _host(rng: random.Random, recipe: Fair, number: int) -> Host:
    languages = [code for code, chance in SPOKEN.items() if rng.random() < chance]
    missed = frozenset({rng.randint(1, recipe.rounds)}) if rng.random() < recipe.away / 2 else frozenset()
    return Host(
        id=f"h{number}",
        name=f"Host {number}",
        topics=tuple(rng.sample(INTERESTS, rng.randint(1, 3))),
        languages=tuple(languages or ["en"]),
        places=rng.choice(recipe.places),
        min_places=recipe.least,
        away=missed,
    )


def _wishing(rng: random.Random, person: Person, hosts: Sequence[Host], draw: list[float]) -> Person:
    ends, found = list(accumulate(draw)), dict[str, None]()
    while len(found) < min(WISHES, len(hosts)):
        found[rng.choices(hosts, cum_weights=ends)[0].id] = None
    return replace(person, wishes=tuple(found))
