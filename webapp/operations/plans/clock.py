"""Where the rounds of a session stand at a moment, and when they begin as people are told.

Until the desk starts the rounds the programme decides, and how late it starts; from then on what was pressed (`Run`).
A run that was started at another time than about the session's is a rehearsal: nobody's times move.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from webapp.models import Run, Session
from webapp.models.programme import Timing

Step = tuple[str, int, int]
"""Round, change or break; the round that runs or follows; how long it takes, in milliseconds."""

MILLISECOND, MINUTE = timedelta(milliseconds=1), timedelta(minutes=1)
EARLIEST, LATEST = timedelta(hours=1), timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Phase:
    """A step with the moments (UTC) between which it lasts; the end belongs to the next one."""

    kind: str
    number: int
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Position:
    """Where a session stands at the moment `at`, which a pause or a stop holds fast.

    `kind` is before, round, change, break or over; `number` the round that runs or comes next, at the end the last.
    """

    kind: str
    number: int
    at: datetime
    starts: datetime
    ends: datetime
    state: str = "on"

    @property
    def left(self) -> timedelta:
        """How long the phase still lasts."""
        return max(self.ends - self.at, timedelta())

    @property
    def sign(self) -> str:
        """What the room is told: before, soon, talk, half, minute, change, break, over or paused."""
        if self.state == "paused":
            return "paused"
        if self.kind == "before":
            return "before" if self.left else "soon"
        if self.kind != "round":
            return self.kind
        if self.left <= MINUTE < self.ends - self.starts:
            return "minute"
        return "half" if self.left <= (self.ends - self.starts) / 2 else "talk"


def steps_of(timing: Timing) -> list[Step]:
    """Return rounds, breaks and changes one after the other; what takes no time is left out."""
    found: list[Step] = []
    for number in range(1, timing.rounds + 1):
        if number > 1:
            between = {"break": timing.break_after.count(number - 1) * timing.break_minutes}
            between["change"] = timing.change_minutes
            found += [(kind, number, _whole(MINUTE * minutes)) for kind, minutes in between.items() if minutes]
        found.append(("round", number, _whole(MINUTE * timing.round_minutes)))
    return found


def phases_of(steps: Iterable[Sequence[str | int]], starts: datetime) -> list[Phase]:
    """Return the steps one after the other from `starts` on."""
    found = []
    for kind, number, length in steps:
        ends = starts + MILLISECOND * int(length)
        found.append(Phase(str(kind), int(number), starts, ends))
        starts = ends
    return found


def _whole(span: timedelta) -> int:
    return span // MILLISECOND


def phases(run: Run) -> Sequence[Phase]:
    """Return the phases of a run that was started."""
    assert run.started_at is not None
    return _line(tuple(map(tuple, run.steps)), _utc(run.started_at))


@lru_cache(maxsize=64)
def _line(steps: tuple[Step, ...], starts: datetime) -> Sequence[Phase]:
    # every time on a page is asked of it, round by round
    return tuple(phases_of(steps, starts))


def deciding(session: Session, now: datetime) -> Run | None:
    """Return the run that says how far the session is; none before the start, and none of a rehearsal that is over."""
    run = session.run
    if run is None or run.started_at is None:
        return None
    over = _over(run, now)
    if not over and run.paused_at is None:
        return run
    if over and is_rehearsal(session) and _is_its_day(session, now):
        return None
    return run if now < _utc(run.started_at) + LATEST else None


def _over(run: Run, now: datetime) -> bool:
    return run.stopped_at is not None or (run.paused_at is None and phases(run)[-1].ends <= now)


def is_rehearsal(session: Session) -> bool:
    """Return whether the rounds were started at another time than about the session's."""
    run = session.run
    if run is None or run.started_at is None:
        return False
    planned = _planned(session)
    return not planned - EARLIEST <= _utc(run.started_at) < planned + LATEST


def held_at(run: Run, now: datetime) -> datetime:
    """Return the moment that counts: `now`, or when the run was paused or stopped."""
    held = [_utc(moment) for moment in (run.paused_at, run.stopped_at) if moment is not None]
    return min([now, *held])


def position(session: Session, now: datetime) -> Position:
    """Return where the session stands."""
    run = deciding(session, now)
    if run is None:
        return Position("before", 1, now, now, announced(session))
    at = held_at(run, now)
    line = phases(run)
    phase = next((phase for phase in line if at < phase.ends), None)
    if phase is None or run.stopped_at is not None:
        last = line[-1] if phase is None else phase
        return Position("over", last.number, at, at, at, "stopped" if run.stopped_at else "on")
    state = "paused" if run.paused_at else "on"
    return Position(phase.kind, phase.number, at, phase.starts, phase.ends, state)


def begun(session: Session, now: datetime) -> int:
    """Return how many rounds have begun at `now` (with a zone).

    Before the rounds are started 0 on any day but the session's, as in a rehearsal, and where they wait for the desk.
    """
    run = deciding(session, now)
    if run is not None:
        at = held_at(run, now)
        return sum(phase.kind == "round" and phase.starts <= at for phase in phases(run))
    return 0 if waits(session) else _begun_by_programme(session, now)


@dataclass(frozen=True, slots=True)
class ByProgramme:
    """The round that has begun by the programme though nobody has started the rounds, and when; whether they wait."""

    number: int
    began: datetime
    waits: bool


def by_programme(session: Session, now: datetime) -> ByProgramme | None:
    """Return what the programme alone says has begun; None where nothing has, or where the desk has started."""
    number = 0 if deciding(session, now) or followed(session) else _begun_by_programme(session, now)
    return ByProgramme(number, round_begins(session, number, now), waits(session)) if number else None


def waits(session: Session) -> bool:
    """Return whether nothing begins before the desk starts the rounds, whatever the programme says."""
    return bool(session.run and session.run.waiting) and followed(session) is None


def _begun_by_programme(session: Session, now: datetime) -> int:
    if not _is_its_day(session, now):
        return 0
    wall = _wall(session, now)
    return sum(session.round_starts(number) + late(session) <= wall for number in session.numbers)


def has_run(session: Session, number: int, now: datetime) -> bool:
    """Return whether round `number` has gone on for a minute at least, on whatever day; one skipped sooner has not.

    Where nobody started the rounds the programme decides; where they wait for the desk none has.
    """
    return Course(session, now).has_run(number)


def has_ended(session: Session, number: int, now: datetime) -> bool:
    """Return whether round `number` has run and is over."""
    return Course(session, now).has_ended(number)


# --- what people are told ------------------------------------------------------------------------------------------


def late(session: Session) -> timedelta:
    """Return how much later than planned the session is to start."""
    return MINUTE * (session.run.late_minutes if session.run else 0)


def announced(session: Session) -> datetime:
    """Return when the session is to start, in UTC."""
    return _planned(session) + late(session)


def followed(session: Session) -> Run | None:
    """Return the run that people's times follow; none before the start and in a rehearsal."""
    run = session.run
    return None if run is None or run.started_at is None or is_rehearsal(session) else run


def round_begins(session: Session, number: int, now: datetime) -> datetime:
    """Return when round `number` begins or began as people are told, on the venue's wall clock."""
    return Course(session, now).begins(number)


def told_starts(session: Session, rounds: int) -> dict[int, datetime]:
    """Return when each round starts as the room has it just now, with the venue's zone, by number."""
    now = datetime.now(UTC)
    return {number: session.event.at_venue(round_begins(session, number, now)) for number in range(1, rounds + 1)}


def round_over(session: Session, number: int, now: datetime) -> datetime:
    """Return when round `number` is over as people are told, on the venue's wall clock."""
    return Course(session, now).over(number)


def is_over(session: Session, rounds: int, now: datetime) -> bool:
    """Return whether the last of so many rounds is over for the people in the room.

    Where they wait for the desk the day has to be over.
    """
    if waits(session):
        return _wall(session, now).date() > session.ends.date()
    run = followed(session)
    return bool(run and run.stopped_at) or round_over(session, rounds, now) <= _wall(session, now)


def delay(session: Session, now: datetime) -> timedelta:
    """Return by how much the next round is later than planned (earlier: below zero), at the end the last one."""
    number = min(begun(session, now) + 1, max(session.rounds, 1)) if followed(session) else 1
    return round_begins(session, number, now) - session.round_starts(number)


class Course:
    """How the rounds of a session go, as people are told at one moment; worked out once for all rounds of a page."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now, self.run = session, now, followed(session)
        self.timing, self.length, self.wall = session.timing, MINUTE * session.round_minutes, _wall(session, now)
        line = phases(self.run) if self.run else ()
        self.line = {phase.number: phase for phase in line if phase.kind == "round"}
        self.at = held_at(self.run, now) if self.run else now

    def begins(self, number: int) -> datetime:
        """Return when round `number` begins or began, on the venue's wall clock."""
        return self._planned(number) + self._moved(number, ends=False)

    def over(self, number: int) -> datetime:
        """Return when round `number` is over, on the venue's wall clock."""
        return self._planned(number) + self.length + self._moved(number, ends=True)

    def has_run(self, number: int) -> bool:
        """Return whether round `number` has gone on for a minute at least, on whatever day."""
        if self.run is None:
            return not waits(self.session) and self.begins(number) + MINUTE <= self.wall
        own = self.line.get(number)
        return own is not None and min(own.ends, self.at) - own.starts >= MINUTE

    def has_ended(self, number: int) -> bool:
        """Return whether round `number` has run and is over."""
        run = self.session.run
        stopped = run is not None and run.stopped_at is not None
        return self.has_run(number) and (stopped or self.over(number) <= self.wall)

    def _planned(self, number: int) -> datetime:
        return self.session.starts + self.timing.before(number)

    def _moved(self, number: int, *, ends: bool) -> timedelta:
        """By how much what people are told differs from the programme."""
        run = self.run
        if run is None:
            return late(self.session)
        phase = self.line.get(number) or self.line[max(self.line)]
        told = phase.ends if ends else phase.starts
        if told > self.at and run.paused_at and not run.stopped_at:
            told += min(self.now - self.at, LATEST)
        planned = self._planned(phase.number) + (self.length if ends else timedelta())
        return _wall(self.session, told) - planned


def _planned(session: Session) -> datetime:
    return session.event.at_venue(session.starts).astimezone(UTC)


def _wall(session: Session, moment: datetime) -> datetime:
    return moment.astimezone(session.event.zone).replace(tzinfo=None, microsecond=0)


def _is_its_day(session: Session, moment: datetime) -> bool:
    """Whether it is the session's day at the venue; rounds over midnight have two."""
    return session.day <= _wall(session, moment).date() <= session.ends.date()


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
