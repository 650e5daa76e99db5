"""What somebody waits for: the next of their rounds to begin, or the one that runs to end."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from webapp.models import Event
from webapp.operations.plans.talks import Round


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of time up to the moment `until` (UTC): before a round begins, or while it is `running`."""

    until: datetime
    number: int
    table: str
    running: bool


def steps_of(rounds: Iterable[Round], event: Event, now: datetime) -> tuple[Step, ...]:
    """Return what is still to come of somebody's meetings, one moment after the other."""
    found = []
    for held in rounds:
        if held.talk is None:
            continue
        for moment, running in ((held.starts, False), (held.ends, True)):
            found.append(Step(event.at_venue(moment).astimezone(UTC), held.number, held.talk.table, running))
    return tuple(step for step in found if step.until > now)
