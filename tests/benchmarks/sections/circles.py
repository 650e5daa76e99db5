"""Circles: repeated pairs beside a public mixer's, our proven bound and what is known to be possible."""

import time
from dataclasses import dataclass

from matcher import Person, Problem, Quality, Session, solve
from tests.benchmarks.alone import alone
from tests.benchmarks.section import Asked, Chart, Section, Table, Tell, figure


@dataclass(frozen=True, slots=True)
class Room:
    """People at tables of `size`; `mixer`: repeats that good-enough-golfers left (best of three runs); `known`: fewest.

    Both None where nothing was published.
    """

    people: int
    size: int
    rounds: int
    mixer: int | None = None
    known: int | None = None


ROOMS = (
    Room(16, 4, 5, known=0),
    Room(49, 7, 8, known=0),
    Room(25, 5, 6, mixer=20, known=0),
    Room(20, 4, 6, mixer=12),
    Room(30, 5, 6, mixer=15),
    Room(32, 4, 8, mixer=5),
    Room(36, 6, 5, mixer=17),
    Room(60, 6, 8, mixer=29),
)
SMALL = (Room(9, 3, 4, known=0), Room(10, 3, 3))


def mixed(room: Room, seconds: float, seed: int) -> tuple[Quality, float]:
    """Seat people who have no rules among them; the plan has been judged."""
    people = tuple(Person(f"p{number}") for number in range(1, room.people + 1))
    problem = Problem(Session(room.rounds, "circles", size=room.size), people, benefits=())
    begun = time.perf_counter()
    quality = solve(problem, seed=seed, deadline=seconds, clock=time.perf_counter).quality
    return quality, time.perf_counter() - begun


def measure(asked: Asked, tell: Tell) -> Section:
    """Seat every room by this engine; the mixer's figures are published ones."""
    rows, bars, faults = [], [], []
    for room in SMALL if asked.small else ROOMS:
        name = f"{room.people}/{room.size}/{room.rounds}"
        found = alone(
            mixed, room, asked.seconds, asked.recipe.seed, what=f"circles: {name}", patience=asked.patience, tell=tell
        )
        if isinstance(found, str):
            rows.append((name, found))
            faults.append(f"circles {name}: {found}")
            continue
        quality, seconds = found
        least, repeats = quality.repeats_bound or 0, quality.repeats or 0
        rows.append((name, str(repeats), str(least), figure(room.known), figure(room.mixer), figure(seconds, 2)))
        bars.append((name, repeats, least, room.mixer))
        if room.known is not None and least > room.known:
            faults.append(f"circles {name}: the proven bound of {least} is above the {room.known} that are possible")
    columns = ("people/size/rounds", "rondo", "proven: at least", "known fewest", "public mixer", "seconds")
    return Section(
        "circles",
        "Circles: new faces at every table",
        "In each round everybody sits at another table with other people. A repeat is two people who share a table "
        "once more; 0 is best, and not always possible.",
        "Repeats over all pairs (k meetings of a pair are k - 1 repeats), no rules between people, this run's seconds. "
        "The mixer's figures are published ones of good-enough-golfers, best of three runs of 1 to 4 s, not measured "
        "here; known: resolvable designs.",
        (Table("Repeated pairs.", columns, tuple(rows)),),
        (_chart(bars),),
        tuple(faults),
    )


def _chart(bars: list[tuple[str, int, int, int | None]]) -> Chart:
    names, ours, least, mixer = zip(*bars, strict=True) if bars else ((), (), (), ())
    series = (("rondo", ours), ("proven: at least", least), ("public mixer", mixer))
    return Chart("circles", "Repeated pairs (people/size/rounds)", names, series)
