"""What an open page asks by, every few seconds, and what it then says in a line."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from webapp import wording
from webapp.i18n import gettext as _
from webapp.i18n import isolate
from webapp.operations.event import programme
from webapp.operations.mine import news
from webapp.operations.mine.news import News, NewVersion, Stamp
from webapp.operations.mine.schedule import MyRounds
from webapp.signin import current_actor
from webapp.views.clockface import SIGNS

EVERY, SPREAD = timedelta(milliseconds=3200), timedelta(milliseconds=600)
"""How often an open page asks; up to so much later each time, so that phones that asked together do not for long."""
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Told:
    """What is new: versions, and a sentence on the rounds, whose `kind` is clock where nothing but time has passed."""

    kind: str
    versions: tuple[NewVersion, ...]
    sentence: str
    several: bool


def open_page(stamp: Stamp | None = None) -> dict[str, Any] | None:
    """Return what an open page asks by, with the stamp of what it shows; nothing where there is nobody to show it."""
    event = programme.the_event()
    if event is None or current_actor().person is None:
        return None
    return {
        "seen": stamp or news.stamp_of(current_actor(), now=datetime.now(UTC)),
        "every": EVERY // MILLISECOND,
        "spread": SPREAD // MILLISECOND,
        "zone": event.time_zone,
    }


def told(found: News, mine: MyRounds, now: datetime) -> Told:
    """Return what an open page says of the news."""
    kind = "programme" if not found.timed else "pressed" if found.pressed else "clock"
    if found.versions:
        return Told("version", found.versions, "", several=len(mine.timed) > 1)
    sentence = _how_it_runs(mine, now) if found.timed else _("The programme has changed.")
    return Told(kind, (), sentence, several=False)


def _how_it_runs(mine: MyRounds, now: datetime) -> str:
    """Where the rounds of the session under way stand, for one person."""
    state = mine.first.state if mine.first else ""
    if state == "waits":
        return _("We have not begun yet; your times will move.")
    if state in {"paused", "over"}:
        return str(SIGNS[state])
    if not mine.steps:
        return ""
    step = mine.steps[0]
    left = wording.time_ahead(step.until - now)
    return wording.awaited(step.number, isolate(step.table), running=step.running, when=left)
