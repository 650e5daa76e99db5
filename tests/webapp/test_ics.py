"""The calendar file, read back with another eye than the one that wrote it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from webapp.exchange.ics import Entry, calendar_file

ZONE = ZoneInfo("Asia/Phnom_Penh")
START = datetime(2013, 6, 19, 14, 16, tzinfo=ZONE)


def entry(**values: object) -> Entry:
    return Entry(
        **{
            "key": "k1", "starts": START, "ends": START + timedelta(minutes=6), "summary": "Round 3 · table 12",
            "version": 2, "noted_at": datetime(2013, 6, 18, 9, 30), **values,
        }
    )  # fmt: skip


def test_one_entry_read_back() -> None:
    calendar = Calendar.from_ical(calendar_file([entry(location="Grand Hall", description="Speed Dating\nFrench")]))
    (event,) = calendar.walk("VEVENT")
    assert event["UID"] == "k1@rondo"
    assert event["SUMMARY"] == "Round 3 · table 12"
    assert event["LOCATION"] == "Grand Hall"
    assert event["DESCRIPTION"] == "Speed Dating\nFrench"
    assert event["SEQUENCE"] == 2
    assert event["DTSTART"].dt == START
    assert event["DTSTART"].dt.utcoffset() == timedelta(hours=7)
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(minutes=6)
    assert event["DTSTAMP"].dt.isoformat() == "2013-06-18T09:30:00+00:00"


def test_zone_travels_with_the_file() -> None:
    text = calendar_file([entry()]).decode()
    assert "BEGIN:VTIMEZONE" in text
    assert "TZID:Asia/Phnom_Penh" in text
    assert "DTSTART;TZID=Asia/Phnom_Penh:20130619T141600" in text


@pytest.mark.parametrize(("month", "offset"), [(1, 1), (7, 2)])
def test_summer_time_is_kept(month: int, offset: int) -> None:
    start = datetime(2013, month, 10, 9, 0, tzinfo=ZoneInfo("Europe/Paris"))
    calendar = Calendar.from_ical(calendar_file([entry(starts=start, ends=start + timedelta(minutes=6))]))
    (event,) = calendar.walk("VEVENT")
    assert event["DTSTART"].dt.utcoffset() == timedelta(hours=offset)


def test_nothing_typed_becomes_a_line_of_its_own() -> None:
    hostile = "Anna\r\nATTENDEE:mailto:x@example.org\nEND:VEVENT"
    lines = calendar_file([entry(summary=hostile, location=hostile)]).decode().splitlines()
    assert not any(line.startswith("ATTENDEE") for line in lines)
    assert lines.count("END:VEVENT") == 1


def test_same_entries_same_bytes() -> None:
    assert calendar_file([entry()]) == calendar_file([entry()])
    assert calendar_file([entry()]) != calendar_file([entry(version=3)])
