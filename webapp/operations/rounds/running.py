"""The rounds run: started, paused, lengthened, skipped, stopped. Whoever looked at an older state changes nothing."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.orm import Session as Rows

from webapp.access import Actor
from webapp.db import transaction
from webapp.errors import BadInput, NotFound, NotNow
from webapp.i18n import gettext as _
from webapp.models import Run, Session
from webapp.models.floor import MOST_LATE
from webapp.operations.plans import clock, planning


def find_session(slug: str) -> Session:
    """Return the session with rounds at this address."""
    session = planning.find_session(slug)
    if not planning.plannable(session):
        raise NotFound
    return session


def revision(session: Session) -> int:
    """Return which state of the run somebody looks at; the verbs ask for it."""
    return session.run.revision if session.run else 0


def press(session_id: int, verb: str, *, seen: int, by: Actor, now: datetime | None = None) -> bool:
    """Do one of `VERBS` to the run; return whether it was done.

    It is not where somebody has pressed since `seen` was looked at, or where it fits no more: two who press *Skip* at
    once skip once.
    """
    now = now or datetime.now(UTC)
    with transaction() as rows:
        session, run = _open(rows, session_id)
        if not _is_current(run, seen) or not VERBS.get(verb, _nothing)(session, run, now):
            return False
        _note(run, by, now)
        return True


def start_late(session_id: int, minutes: int, *, seen: int, by: Actor, now: datetime | None = None) -> bool:
    """Say how many minutes later than planned the rounds start, before they do; 0 takes it back."""
    now = now or datetime.now(UTC)
    if not 0 <= minutes <= MOST_LATE:
        raise BadInput(_("Give a number of minutes from 0 to %(most)s.", most=MOST_LATE), "minutes")
    with transaction() as rows:
        session, run = _open(rows, session_id)
        if not _is_current(run, seen):
            return False
        if clock.deciding(session, now) is not None:
            raise NotNow(_("The rounds have started. Give a minute more, or pause."))
        run.late_minutes = minutes
        _note(run, by, now)
        return True


def _open(rows: Rows, session_id: int) -> tuple[Session, Run]:
    session = rows.get(Session, session_id)
    if session is None or not planning.plannable(session):
        raise NotFound
    if session.run is None:
        session.run = Run(revision=0, late_minutes=0, steps=[])
    return session, session.run


def _is_current(run: Run, seen: int) -> bool:
    return run.revision == seen


def _note(run: Run, by: Actor, now: datetime) -> None:
    run.revision += 1
    run.changed_at, run.changed_by = _naive(now), by.name


def _nothing(_session: Session, _run: Run, _now: datetime) -> bool:
    return False


def _start(session: Session, run: Run, now: datetime) -> bool:
    if clock.deciding(session, now) is not None:
        return False
    run.started_at, run.paused_at, run.stopped_at, run.waiting = _naive(now), None, None, False
    run.steps = clock.steps_of(session.timing)
    return True


def _wait(session: Session, run: Run, now: datetime) -> bool:
    return _say_waiting(session, run, now, waiting=True)


def _follow_programme(session: Session, run: Run, now: datetime) -> bool:
    return _say_waiting(session, run, now, waiting=False)


def _say_waiting(session: Session, run: Run, now: datetime, *, waiting: bool) -> bool:
    if clock.deciding(session, now) is not None or bool(run.waiting) == waiting:
        return False
    run.waiting = waiting
    return True


def _pause(session: Session, run: Run, now: datetime) -> bool:
    if not _goes_on(session, now):
        return False
    run.paused_at = _naive(now)
    return True


def _go_on(session: Session, run: Run, now: datetime) -> bool:
    if clock.position(session, now).state != "paused":
        return False
    _stretch(run, now, (now - clock.held_at(run, now)) // clock.MILLISECOND)
    run.paused_at = None
    return True


def _minute(session: Session, run: Run, now: datetime) -> bool:
    return _goes_on(session, now, even_paused=True) and _stretch(run, now, clock.MINUTE // clock.MILLISECOND)


def _skip(session: Session, run: Run, now: datetime) -> bool:
    if not _goes_on(session, now, even_paused=True):
        return False
    left = clock.position(session, now).left
    _stretch(run, now, -left // clock.MILLISECOND)
    if clock.position(session, now).kind == "over":
        run.paused_at = None
    return True


def _stop(session: Session, run: Run, now: datetime) -> bool:
    if not _goes_on(session, now, even_paused=True):
        return False
    run.stopped_at = _naive(now)
    return True


def _back(session: Session, run: Run, now: datetime) -> bool:
    if clock.position(session, now).kind != "over":
        return False
    run.started_at = run.paused_at = run.stopped_at = None
    run.steps = []
    return True


def _goes_on(session: Session, now: datetime, *, even_paused: bool = False) -> bool:
    found = clock.position(session, now)
    return found.kind not in {"before", "over"} and (even_paused or found.state != "paused")


def _stretch(run: Run, now: datetime, by: int) -> bool:
    """Make the step that runs so many milliseconds longer; what follows moves with it."""
    at = clock.held_at(run, now)
    running = next(place for place, phase in enumerate(clock.phases(run)) if at < phase.ends)
    run.steps = [
        (kind, number, length + by if place == running else length)
        for place, (kind, number, length) in enumerate(run.steps)
    ]
    return True


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


VERBS: dict[str, Callable[[Session, Run, datetime], bool]] = {
    "start": _start,
    "wait": _wait,
    "programme": _follow_programme,
    "pause": _pause,
    "go-on": _go_on,
    "minute": _minute,
    "skip": _skip,
    "stop": _stop,
    "back": _back,
}
