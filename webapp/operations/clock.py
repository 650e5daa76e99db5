"""Which round it is."""

from datetime import datetime

from webapp.models import Session


def begun(session: Session, now: datetime) -> int:
    """Return how many rounds have begun at `now` (with a zone); 0 on any day but the session's, as in a rehearsal."""
    wall = now.astimezone(session.event.zone).replace(tzinfo=None)
    if wall.date() != session.day:
        return 0
    return sum(session.round_starts(number) <= wall for number in session.numbers)
