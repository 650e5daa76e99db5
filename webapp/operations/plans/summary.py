"""What a plan says, in plain values: who has talks, who rests, who got little, and how mixed it all is."""

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.db import db
from webapp.models import Host, Person, Plan, Region, Rest, Seat

FEW = 0.7
STEPS = (0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class Few:
    """Somebody who got few of the talks that would suit them best."""

    person: Person
    talks: int
    percent: int


@dataclass(frozen=True, slots=True)
class Resting:
    """Somebody with a free round, and which."""

    person: Person
    rounds: tuple[int, ...]
    code: str


@dataclass(frozen=True, slots=True)
class Load:
    """How many of the places at a specialist or a tool table are taken; `host` is None when it has gone since."""

    host: Host | None
    taken: int
    places: int


@dataclass(frozen=True, slots=True)
class Mixture:
    """How often people of one region meet people of another: titles of regions, and a row of counts for each."""

    titles: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """How good a plan is, in plain values. `spread` counts people by how much of their best possible day they got.

    A contact is two people who meet, or somebody and whom they visit; `reached` counts who has at least 1, 2, … .
    `colleagues` and `unshared` are not known of plans from before they were counted.
    """

    people: int
    rounds: int
    talks: int
    contacts: int
    reached: tuple[int, ...]
    without: tuple[Person, ...]
    repeats: int
    interpreted: int
    load: tuple[Load, ...]
    mixture: Mixture
    busy: int
    resting: tuple[Resting, ...]
    few: tuple[Few, ...]
    lowest_percent: int
    languages: tuple[tuple[str, int], ...]
    in_shared_language: int
    other_organisation: int
    colleagues: int | None
    unshared: int | None
    other_region: int
    with_regions: int
    wishers: int
    granted: int
    spread: tuple[tuple[int, int, int], ...]


def summary(plan: Plan) -> Summary:
    """Return how good a plan is, in plain values; figures were taken when it was made, names are those of now."""
    told = plan.quality
    talks = Counter(db.session.scalars(select(Seat.person_id).where(Seat.plan_id == plan.id)))
    shares = {name: float(share) for name, share in told["shares"].items()}
    names = _people(shares)
    resting = _resting(plan)
    few = sorted((share, name) for name, share in shares.items() if share < FEW and name in names)
    most = max(talks.values(), default=0)
    return Summary(
        people=plan.people,
        rounds=plan.rounds,
        talks=told["meetings"],
        contacts=told.get("contacts", told["meetings"]),
        reached=tuple(sum(count >= least for count in talks.values()) for least in range(1, most + 1)),
        without=tuple(
            sorted((names[one] for one in shares if one in names and not talks[names[one].id]), key=_by_name)
        ),
        repeats=told.get("repeats") or 0,
        interpreted=told.get("interpreted", 0),
        load=_load(told.get("load", ())),
        mixture=_mixture(told.get("regions", ())),
        busy=plan.people - len(resting),
        resting=resting,
        few=tuple(Few(names[name], talks[names[name].id], int(100 * share)) for share, name in few),
        lowest_percent=int(100 * told["lowest_satisfaction"]),
        languages=tuple((code, count) for code, count in told["languages"]),
        in_shared_language=sum(count for _code, count in told["languages"]),
        other_organisation=told["mixed_organisations"],
        colleagues=told.get("colleagues"),
        unshared=told.get("unshared"),
        other_region=told["mixed_regions"],
        with_regions=told["with_regions"],
        wishers=told["wishers"],
        granted=told["granted"],
        spread=_spread(list(shares.values())),
    )


def _spread(shares: list[float]) -> tuple[tuple[int, int, int], ...]:
    """Count shares by steps: (from percent, to percent, how many), the highest step first and 100 in it."""
    edges = (0.0, *STEPS, 1.0)
    return tuple(
        (round(100 * low), round(100 * high), sum(low <= share < high or (share >= high == 1.0) for share in shares))
        for low, high in reversed(list(pairwise(edges)))
    )


def _resting(plan: Plan) -> tuple[Resting, ...]:
    rests = select(Rest).where(Rest.plan_id == plan.id).options(joinedload(Rest.person)).order_by(Rest.round_no)
    held: dict[int, list[Rest]] = {}
    for rest in db.session.scalars(rests):
        held.setdefault(rest.person_id, []).append(rest)
    found = [Resting(own[0].person, tuple(rest.round_no for rest in own), own[0].code) for own in held.values()]
    return tuple(sorted(found, key=lambda one: (-len(one.rounds), one.person.sort_name)))


def _by_name(person: Person) -> tuple[str, str]:
    return person.sort_name, person.number


def _load(told: Sequence[tuple[str, int, int]]) -> tuple[Load, ...]:
    wanted = select(Host).where(Host.public_id.in_([name for name, *_ in told]))
    hosts = {host.public_id: host for host in db.session.scalars(wanted)} if told else {}
    return tuple(Load(hosts.get(name), taken, places) for name, taken, places in told)


def _mixture(told: Sequence[tuple[str, str, int]]) -> Mixture:
    counts = {frozenset((one, other)): count for one, other, count in told}
    regions = db.session.scalars(select(Region).order_by(Region.position, Region.id)).all()
    here = [region for region in regions if any(region.slug in pair for pair in counts)]
    return Mixture(
        tuple(region.title for region in here),
        tuple(tuple(counts.get(frozenset((one.slug, other.slug)), 0) for other in here) for one in here),
    )


def _people(names: Container[str]) -> dict[str, Person]:
    return {person.public_id: person for person in db.session.scalars(select(Person)) if person.public_id in names}
