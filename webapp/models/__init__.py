"""What is remembered. Rows only: no Flask, no engine; one module a noun family."""

from webapp.models.apart import ApartEntry, ApartTarget
from webapp.models.floor import Attendance, Feedback, HelpPlace, Run, Screen, StandbyNote
from webapp.models.helping import Helper, Invitation
from webapp.models.hosts import Host, HostLanguage, HostTopic, Interpreter, InterpreterLanguage, InterpreterSession
from webapp.models.journal import Attempt, Job, SignIn, TakenOut, WaitingFile
from webapp.models.people import (
    Absence,
    AccessCode,
    HostWish,
    KeepApart,
    Link,
    MetBefore,
    Organisation,
    Person,
    PersonInterest,
    PersonLanguage,
    PersonRegion,
    Question,
    Staff,
    Wish,
)
from webapp.models.programme import Event, Interest, Region, RegionCountry, RemovedInterest, Session, Table
from webapp.models.rounds import Meeting, Plan, Rest, Seat

__all__ = [
    "Absence",
    "AccessCode",
    "ApartEntry",
    "ApartTarget",
    "Attempt",
    "Attendance",
    "Event",
    "Feedback",
    "HelpPlace",
    "Helper",
    "Host",
    "HostLanguage",
    "HostTopic",
    "HostWish",
    "Interest",
    "Interpreter",
    "InterpreterLanguage",
    "InterpreterSession",
    "Invitation",
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
    "Question",
    "Region",
    "RegionCountry",
    "RemovedInterest",
    "Rest",
    "Run",
    "Screen",
    "Seat",
    "Session",
    "SignIn",
    "Staff",
    "StandbyNote",
    "Table",
    "TakenOut",
    "WaitingFile",
    "Wish",
]
