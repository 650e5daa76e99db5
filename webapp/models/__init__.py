"""What is remembered. Rows only: no Flask, no engine; one module a noun family."""

from webapp.models.floor import Attendance, HelpPlace
from webapp.models.hosts import Host, HostLanguage, HostTopic, Interpreter, InterpreterLanguage, InterpreterSession
from webapp.models.journal import Attempt, Job, SignIn
from webapp.models.people import (
    Absence,
    AccessCode,
    KeepApart,
    Link,
    MetBefore,
    Organisation,
    Person,
    PersonInterest,
    PersonLanguage,
    PersonRegion,
    Staff,
    Wish,
)
from webapp.models.programme import Event, Interest, Region, RegionCountry, RemovedInterest, Session, Table
from webapp.models.rounds import Meeting, Plan, Rest, Seat

__all__ = [
    "Absence",
    "AccessCode",
    "Attempt",
    "Attendance",
    "Event",
    "HelpPlace",
    "Host",
    "HostLanguage",
    "HostTopic",
    "Interest",
    "Interpreter",
    "InterpreterLanguage",
    "InterpreterSession",
    "Job",
    "KeepApart",
    "Link",
    "Meeting",
    "MetBefore",
    "Organisation",
    "Person",
    "PersonInterest",
    "PersonLanguage",
    "PersonRegion",
    "Plan",
    "Region",
    "RegionCountry",
    "RemovedInterest",
    "Rest",
    "Seat",
    "Session",
    "SignIn",
    "Staff",
    "Table",
    "Wish",
]
