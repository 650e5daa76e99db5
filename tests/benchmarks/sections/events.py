"""Events given by the user, each by this engine and by others, beside what was published for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from matcher import BadProblem, Problem, read_problem
from tests.benchmarks.alone import alone
from tests.benchmarks.judging import AGREED, ENGINE, Result, faults, planners, tried
from tests.benchmarks.published import Published, published
from tests.benchmarks.samples import MOST, agrees, sample, written
from tests.benchmarks.section import Asked, Cells, Chart, Section, Table, Tell, figure, share, times

WHOLE = "rondo, all people"
MOST_BARS = 20


@dataclass(frozen=True, slots=True)
class Event:
    """A problem file of the folder."""

    name: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class Played:
    """What everybody made of an event; `problem` is the one they planned, a part of the event's where that is large."""

    event: Event
    problem: Problem
    found: dict[str, Result | str]


def events_of(folder: Path) -> list[Event]:
    """Read every `*.json` of a folder.

    Raises
    ------
    BadProblem
        There is none, or one is not a problem file; the message names it.
    """
    paths = sorted(path for path in folder.glob("*.json") if path.is_file())
    if not paths:
        raise BadProblem(f"{folder}: holds no problem file (*.json)")
    return [_event(path) for path in paths]


def _event(path: Path) -> Event:
    try:
        text = path.read_bytes()
    except OSError as error:
        raise BadProblem(f"{path.name}: cannot be read: {error.strerror}") from None
    problem = read_problem(text, name=path.name)
    return Event(path.stem, problem)


def measure(asked: Asked, tell: Tell) -> Section:
    """Plan every event of the folder."""
    folder = asked.events or Path()
    known, played, told = published(folder), [], []
    for event in events_of(folder):
        one = _play(event, asked, tell)
        played.append(one)
        told += faults(event.name, {who: each for who, each in one.found.items() if who != WHOLE})
        told += faults(f"{event.name}, all people", {ENGINE: one.found[WHOLE]}) if WHOLE in one.found else []
        if not event.problem.chosen and not agrees(sample(event.problem, asked.recipe.seed), one.problem):
            told.append(f"{event.name}: the benefits written for it are not those that the engine plans by")
    agreed = [one for one in played if one.event.problem.chosen is not None]
    others = [one for one in played if one.event.problem.chosen is None]
    kinds = ((_agreed_table, agreed), (_other_table, others))
    tables = tuple(table(some, known.of(one.event.name for one in some)) for table, some in kinds if some)
    return Section(
        "events",
        "Events of your own",
        "Each file of the folder, planned by Rondo and by others. Where the meetings were agreed beforehand only their "
        "times are open: a break is a hole between two meetings of one person.",
        f"CP-SAT: a plain model, {asked.event_seconds:g} s, from this run on this machine, as are Rondo's figures; the "
        "same number of seconds is this engine's deadline. Columns after the last s are published ones, taken as they "
        "stand in the folder. Where a file has no benefits of its own, those that --benefits-out writes are given to "
        f"everybody as explicit ones; of larger sessions than {MOST} people everybody plans the same sample.",
        tables,
        (_chart(agreed),) if agreed else (),
        tuple(told),
    )


def _play(event: Event, asked: Asked, tell: Tell) -> Played:
    whole = event.problem
    part = whole
    if whole.chosen is None:
        part = written(sample(whole, asked.recipe.seed) if whole.benefits is None else whole)
    found: dict[str, Result | str] = {}

    def run(who: str, problem: Problem, name: str) -> None:
        patience = max(asked.patience, asked.event_seconds + 30)
        what = f"{event.name}: {name}"
        found[name] = alone(tried, problem, who, asked.event_seconds, what=what, patience=patience, tell=tell)

    for who in (ENGINE, *planners(part)):
        run(who, part, who)
    if len(part.people) < len(whole.people):
        run(ENGINE, whole, WHOLE)
    return Played(event, part, found)


def _agreed_table(played: Iterable[Played], known: Published) -> Table:
    columns = (
        *("file", "people", "meetings", "rounds", "Rondo: breaks", "proven: at least", "Rondo s"),
        *("CP-SAT: breaks", "its bound", "CP-SAT s"),
        *(f"published: {name}" for name in known.columns),
    )
    rows = []
    for one in played:
        problem = one.problem
        size = (str(len(problem.people)), str(len(problem.chosen or ())), str(problem.session.rounds))
        ours, theirs = (_breaks(one.found.get(who)) for who in (ENGINE, AGREED))
        rows.append((one.event.name, *size, *ours, *theirs, *known.cells(one.event.name)))
    return Table("Meetings agreed beforehand: the fewest breaks.", columns, tuple(rows))


def _breaks(found: Result | str | None) -> Cells:
    if not isinstance(found, Result):
        return (found or "", "", "")
    return str(found.quality.breaks), figure(found.quality.breaks_bound), figure(found.seconds, 2)


def _other_table(played: Iterable[Played], known: Published) -> Table:
    columns = (
        *("file", "planned by", "people", "seconds", "× ours", "benefit ÷ bound", "worst-off", "rests", "breaks"),
        *("repeats", "breaches"),
        *(f"published: {name}" for name in known.columns),
    )
    rows: list[Cells] = []
    for one in played:
        ours = one.found.get(ENGINE)
        for who, each in one.found.items():
            people = len((one.event.problem if who == WHOLE else one.problem).people)
            told = _other_row(each, ours if who != WHOLE else each)
            first = (one.event.name, who, *((str(people),) if len(told) > 1 else ()))
            rows.append((*first, *told, *(known.cells(one.event.name) if len(told) > 1 else ())))
    return Table("Other sessions.", columns, tuple(rows), words=2)


def _other_row(found: Result | str, ours: Result | str | None) -> Cells:
    if isinstance(found, str):
        return (found,)
    quality, mark = found.quality, ours if isinstance(ours, Result) else None
    return (
        figure(found.seconds, 2),
        times(found.seconds, mark.seconds if mark else None),
        share(quality.benefit, mark.quality.bound if mark else None, 3),
        figure(quality.lowest_satisfaction if quality.repeats is None else None, 3),
        str(found.rests),
        str(quality.breaks),
        figure(quality.repeats),
        str(len(found.breaches)),
    )


def _chart(played: list[Played]) -> Chart:
    shown = [one for one in played if isinstance(one.found.get(ENGINE), Result)][:MOST_BARS]

    def breaks(who: str) -> tuple[float | None, ...]:
        results = [one.found.get(who) for one in shown]
        return tuple(one.quality.breaks if isinstance(one, Result) else None for one in results)

    series = (("Rondo", breaks(ENGINE)), (AGREED, breaks(AGREED)))
    return Chart("events", "Breaks", tuple(one.event.name for one in shown), series)
