"""What a clock of the rounds shows, on the big screen and at the desk, and what its script counts by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from babel import Locale
from markupsafe import Markup, escape

from webapp.i18n import LANGUAGES, force_locale, show_time
from webapp.i18n import lazy_gettext as _
from webapp.models import Session
from webapp.operations.plans import clock
from webapp.operations.plans.clock import Position
from webapp.operations.rounds import calls, running
from webapp.operations.words import titles

SIGNS = {
    "before": _("We start at %(time)s"),
    "soon": _("We start in a moment"),
    "talk": "",
    "half": _("Half-time"),
    "minute": _("Last minute"),
    "change": _("Go to your next table"),
    "break": _("Break"),
    "paused": _("The clock is paused"),
    "over": _("The rounds are over. Thank you."),
}
SWAP = _("Half-time: swap who speaks")
ROUND, NEXT = _("Round"), _("Next: round")
CALL = _("Number %(number)s: table %(table)s, please")
LONGEST_COUNTDOWN = timedelta(minutes=100)
MOST_ZONES = 8


@dataclass(frozen=True, slots=True)
class Words:
    """Everything that may be shown, in one language."""

    lang: str
    dir: str
    title: str
    signs: dict[str, str]
    round: str
    next: str
    call: str

    def called(self, number: str, table: str) -> Markup:
        """Whom the room calls to a table, by number; the script fills in others."""
        marked = Markup("<b data-call-number><bdi>{}</bdi></b>"), Markup("<b data-call-table><bdi>{}</bdi></b>")
        return escape(self.call) % {"number": marked[0].format(number), "table": marked[1].format(table)}


@dataclass(frozen=True, slots=True)
class Face:
    """A clock as it stands: `state` is what the script counts by, the rest what stands there without one."""

    session: Session
    position: Position
    words: list[Words]
    state: dict[str, Any]
    wall: str
    begins: str

    @property
    def titles(self) -> list[Words]:
        """The languages in which the session has a title of its own, each title once."""
        return list({one.title: one for one in reversed(self.words)}.values())[::-1]

    @property
    def left(self) -> str:
        """The time left as 5:42; where the start is far away its time of day, and once that has passed the present."""
        if self.position.kind == "over":
            return ""
        if self.position.sign == "soon":
            return self.wall
        if self.position.kind == "before" and self.position.left >= LONGEST_COUNTDOWN:
            return self.begins
        minutes, seconds = divmod(-(-self.position.left // timedelta(seconds=1)), 60)
        return f"{minutes}:{seconds:02d}"

    @property
    def zones(self) -> list[tuple[str, str, str]]:
        """Which tables stand where: the first and the last of those that stand together, and their zone."""
        found = []
        for zone, tables in groupby(self.session.tables, key=lambda table: table.zone):
            names = [table.name for table in tables]
            found += [(names[0], names[-1], zone)] if zone else []
        return found[:MOST_ZONES]


def now() -> datetime:
    """Return the time at this moment, in UTC."""
    return datetime.now(UTC)


def face(session: Session, languages: Sequence[str]) -> Face:
    """Return the clock of a session as it stands now, with the words of these languages."""
    moment = now()
    begins = _begins(session)
    words = [_words(code, session, begins) for code in languages]
    untranslated = {words[0].signs["change"]}
    told = words[:1]
    for one in words[1:]:
        if one.signs["change"] not in untranslated:
            untranslated.add(one.signs["change"])
            told.append(one)
    return Face(
        session=session,
        position=clock.position(session, moment),
        words=told,
        state=state(session, moment),
        wall=show_time(moment.astimezone(session.event.zone)),
        begins=begins,
    )


def languages_of(session: Session, otherwise: str) -> list[str]:
    """Return the event's working languages that Rondo speaks, `otherwise` where there is none."""
    return [code for code in session.event.working_languages if code in LANGUAGES] or [otherwise]


def state(session: Session, moment: datetime) -> dict[str, Any]:
    """Return what a clock counts by, in milliseconds of universal time; `held` is a moment held fast."""
    run = clock.deciding(session, moment)
    line = clock.phases(run) if run else []
    offset = moment.astimezone(session.event.zone).utcoffset() or timedelta()
    return {
        "now": _stamp(moment),
        "offset": offset // clock.MILLISECOND,
        "revision": running.revision(session),
        "begins": _begins(session),
        "starts": _stamp(clock.announced(session)),
        "first": _stamp(line[0].starts) if line else None,
        "steps": [[phase.kind, phase.number, _stamp(phase.ends)] for phase in line],
        "held": _stamp(clock.held_at(run, moment)) if run and (run.paused_at or run.stopped_at) else None,
        "stopped": bool(run and run.stopped_at),
        "calls": [[one.number, one.table, _stamp(one.until)] for one in calls.shown(session, moment)],
    }


def _words(code: str, session: Session, begins: str) -> Words:
    signs = {**SIGNS, "half": SWAP} if session.format == "pairs" else SIGNS
    with force_locale(code):
        told = {name: str(words) for name, words in signs.items()}
        told["before"] = escape(told["before"]) % {"time": Markup("<span data-begins>{}</span>").format(begins)}
        title = titles.in_language(session.title, code)
        return Words(code, Locale.parse(code).text_direction, title, told, str(ROUND), str(NEXT), str(CALL))


def _begins(session: Session) -> str:
    return show_time(clock.announced(session).astimezone(session.event.zone))


def _stamp(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // clock.MILLISECOND
