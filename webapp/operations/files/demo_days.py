"""The days of the demo conference: laid around the moment at which somebody wants to try the house with it.

Speed Dating is what one looks at first, so it begins within the hour, at whatever hour that is at the venue. All else
keeps its time of day and its order: what comes before it ends the evening before where the two would be at one time,
what follows on the same day comes as much later, and where it is evening already Speed Dating is held on the eve.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as Rows

from webapp.db import db, transaction
from webapp.exchange.seed import Conference, SessionRow, read_conference
from webapp.models import (
    Absence,
    Attendance,
    ContactAnswer,
    Event,
    Feedback,
    HelpPlace,
    MeetingNote,
    Run,
    Session,
    StandbyCall,
    StandbyNote,
)
from webapp.operations.event import retention
from webapp.operations.files import intake
from webapp.operations.files.intake import Loaded

LEADS = "speed-dating"
QUARTER = timedelta(minutes=15)
TO_LOOK_AROUND = timedelta(minutes=40)
"""So long nothing begins by itself; with the quarter it is less than an hour, so that the desk can start at once."""
EVENING = time(18)
TO_THE_EVE = timedelta(hours=-15, minutes=-30)
HELD = (Run, Attendance, HelpPlace, StandbyNote, StandbyCall, Feedback, ContactAnswer, MeetingNote)
"""What is known of rounds because they were held."""


@dataclass(frozen=True, slots=True)
class Brought:
    """The demo as it is there now; `moved` says that its days were laid anew."""

    loaded: Loaded
    moved: bool


def bring(day: date | None = None, *, anew: bool = False, now: datetime | None = None) -> Brought:
    """Load the demo with Speed Dating soon after `now`, or on `day` at the programme's own time.

    One that is there stays as it is, unless it is to be laid `anew`, a day is given, or its own days are past.
    """
    conference, event = read_conference(), db.session.get(Event, 1)
    zone = ZoneInfo(event.time_zone if event else conference.event.time_zone)
    here = (now or datetime.now(UTC)).astimezone(zone).replace(tzinfo=None)
    laid = lay(conference, soon(here) if day is None else datetime.combine(day, _lead(conference).starts.time()))
    is_past = event is not None and event.title == conference.event.title and event.ends_on < here.date()
    loaded = intake.load_demo(laid)
    moved = not loaded.added and (anew or day is not None or is_past)
    if moved:
        with transaction() as rows:
            _lay_anew(rows, laid)
    return Brought(loaded, moved)


def soon(here: datetime) -> datetime:
    """Return the first full quarter of an hour that leaves time to look around."""
    least = here + TO_LOOK_AROUND
    midnight = datetime.combine(least, time())
    return midnight + -((midnight - least) // QUARTER) * QUARTER


def lay(conference: Conference, leads: datetime) -> Conference:
    """Return the conference on the days on which Speed Dating begins at the moment `leads`, by the venue's clock."""
    days = _Days.around(conference, leads)
    event = conference.event
    ends_on = event.ends_on + days.whole
    delete_on = retention.usual_day(ends_on, event.preset, time_zone=event.time_zone)
    return replace(
        conference,
        event=replace(event, starts_on=event.starts_on + days.whole, ends_on=ends_on, delete_on=delete_on),
        sessions=tuple(replace(row, starts=days.at(row.starts), ends=days.at(row.ends)) for row in conference.sessions),
        people=tuple(
            replace(row, away=tuple((days.at(starts), days.at(ends)) for starts, ends in row.away))
            for row in conference.people
        ),
    )


@dataclass(frozen=True, slots=True)
class _Days:
    """How far the moments of the files move: most by `whole` days, those of Speed Dating's own day by its parts."""

    lead: SessionRow
    whole: timedelta
    before: timedelta
    during: timedelta
    after: timedelta

    @classmethod
    def around(cls, conference: Conference, leads: datetime) -> "_Days":
        """Return how far all moves where Speed Dating begins at `leads`."""
        lead = _lead(conference)
        day = leads.date() + timedelta(days=leads.time() >= EVENING)
        whole, during = day - lead.starts.date(), leads - lead.starts
        over = leads + (lead.ends - lead.starts)
        morning = [
            row for row in conference.sessions if lead.starts.date() == row.ends.date() and row.ends < lead.starts
        ]
        in_the_way = any(row.starts + whole < over and leads < row.ends + whole for row in morning)
        return cls(lead, whole, whole + TO_THE_EVE * in_the_way, during, max(whole, during))

    def at(self, moment: datetime) -> datetime:
        """Return the moment at which something is that the files have at this one."""
        if self.lead.starts <= moment <= self.lead.ends:
            return moment + self.during
        if moment.date() != self.lead.starts.date():
            return moment + self.whole
        return moment + (self.before if moment < self.lead.starts else self.after)


def _lead(conference: Conference) -> SessionRow:
    return next(row for row in conference.sessions if row.slug == LEADS)


def _lay_anew(rows: Rows, laid: Conference) -> None:
    """Move the demo that is there to these days; what was added to it moves along, and its rounds are to come again."""
    event, given = rows.get_one(Event, 1), {row.slug: row for row in laid.sessions}
    sessions = {session.slug: session for session in rows.scalars(select(Session))}
    whole = laid.event.starts_on - event.starts_on
    _move_absences(rows, whole, sessions.get(LEADS), given[LEADS])
    for slug, session in sessions.items():
        if slug in given:
            session.starts, session.ends = given[slug].starts, given[slug].ends
        else:
            session.starts, session.ends = session.starts + whole, session.ends + whole
    event.starts_on, event.ends_on = laid.event.starts_on, laid.event.ends_on
    event.delete_on = retention.usual_day(event.ends_on, event.preset, time_zone=event.time_zone)
    for kind in HELD:
        rows.execute(delete(kind))


def _move_absences(rows: Rows, whole: timedelta, was: Session | None, lead: SessionRow) -> None:
    """Let people be away from the same rounds of Speed Dating as before, and else at the same time of day."""
    for absence in rows.scalars(select(Absence)):
        from_it = was is not None and absence.starts < was.ends and was.starts < absence.ends
        by = lead.starts - was.starts if was is not None and from_it else whole
        absence.starts, absence.ends = absence.starts + by, absence.ends + by
