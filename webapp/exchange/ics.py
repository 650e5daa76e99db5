"""A calendar file (RFC 5545) that every calendar can read: one entry a meeting, in the venue's time zone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from icalendar import Calendar, Event


@dataclass(frozen=True, slots=True)
class Entry:
    """One appointment. `key` stays the same for good; `starts` and `ends` carry the venue's zone.

    `version` rises when the entry changes; `noted_at` (UTC, without zone) is when this version was published.
    """

    key: str
    starts: datetime
    ends: datetime
    summary: str
    version: int
    noted_at: datetime
    location: str = ""
    description: str = ""


def calendar_file(entries: Iterable[Entry]) -> bytes:
    """Return the entries as a calendar file."""
    calendar = Calendar()
    calendar.add("prodid", "-//Rondo//Rounds//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for entry in entries:
        calendar.add_component(_event(entry))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", f"{entry.key}@rondo")
    event.add("dtstamp", entry.noted_at.replace(tzinfo=UTC))
    event.add("sequence", entry.version)
    event.add("dtstart", entry.starts)
    event.add("dtend", entry.ends)
    event.add("summary", entry.summary)
    for name, text in (("location", entry.location), ("description", entry.description)):
        if text:
            event.add(name, text)
    return event
