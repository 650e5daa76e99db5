"""How it grows: time and memory from 100 to 10,000 people, each size beside the one before."""

from tests.benchmarks.growth import ROUNDS, SIZES, Grown, growth
from tests.benchmarks.section import Asked, Chart, Section, Table, Tell, figure, share, times

PATIENCE = 600.0
SMALL = (20, 40)


def measure(asked: Asked, tell: Tell) -> Section:
    """Plan room after room."""
    sizes = SMALL if asked.small else SIZES
    found = list(growth(sizes, seed=asked.recipe.seed, patience=max(PATIENCE, asked.patience), tell=tell))
    columns = (
        *("people", "processor seconds", "× the size before", "peak MB", "× the size before"),
        *("gap to the bound", "worst-off ÷ its bound"),
    )
    return Section(
        "growth",
        "Growth: from a room to a congress hall",
        "How long the computer works, and how much memory it needs, when more people come.",
        f"{ROUNDS} rounds, benefits from profiles, with the floor, each size in a process of its own: processor time "
        "and peak resident memory, Python and its libraries included. The gap is to a proven bound.",
        (Table("Time and memory.", columns, tuple(_rows(found))),),
        _charts([one for one in found if isinstance(one, Grown)]),
        tuple(one for one in found if isinstance(one, str)),
    )


def _rows(found: list[Grown | str]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    before: Grown | None = None
    for one in found:
        if isinstance(one, str):
            rows.append((one.partition(" ")[0], one))
            continue
        slower = times(one.seconds, before.seconds if before else None)
        larger = times(one.megabytes, before.megabytes if before else None)
        row = (f"{one.people:,}", figure(one.seconds, 2), slower, figure(one.megabytes), larger)
        rows.append((*row, share(one.gap, 1.0, 3), share(one.lowest, one.lowest_bound, 1)))
        before = one
    return rows


def _charts(there: list[Grown]) -> tuple[Chart, ...]:
    labels = tuple(f"{one.people:,} people" for one in there)
    seconds, room = tuple(one.seconds for one in there), tuple(one.megabytes for one in there)
    return (
        Chart("growth-seconds", "Processor seconds (logarithmic)", labels, (("seconds", seconds),), logarithmic=True),
        Chart("growth-memory", "Peak memory in MB", labels, (("MB", room),)),
    )
