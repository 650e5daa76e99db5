"""Parts of the room: which tables stand where, and which are step-free, quiet or near power."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from webapp.access import Actor
from webapp.db import transaction
from webapp.errors import BadInput
from webapp.i18n import gettext as _
from webapp.models import Table
from webapp.operations.event.programme import only_organisers, session_called
from webapp.operations.event.tables import in_words

SPAN = re.compile(r"([0-9]{1,6})\s*[-–—]\s*([0-9]{1,6})")


@dataclass(frozen=True, slots=True)
class Description:
    """What can be said of a table."""

    zone: str = ""
    step_free: bool = False
    quiet: bool = False
    power: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """Tables that follow one another in walking order and of which the same is said."""

    names: str
    count: int
    described: Description


def described(table: Table) -> Description:
    """Return what is said of a table."""
    return Description(table.zone, table.step_free, table.quiet, table.power)


def areas(tables: Sequence[Table]) -> list[Area]:
    """Return the parts of the room in walking order."""
    found = []
    for said, own in groupby(tables, key=described):
        names = [table.name for table in own]
        found.append(Area(in_words(names), len(names), said))
    return found


def read_which(typed: str, tables: Sequence[Table]) -> list[Table]:
    """Return the tables that `1–9`, `12A, 12B` or a mixture speaks of; a number takes all its places in."""
    wanted: list[Table] = []
    for part in filter(None, (part.strip() for part in re.split(r"[\n\r,;،؛、]+", typed))):
        span = SPAN.fullmatch(part)
        low, high = (int(end) for end in span.groups()) if span else (0, -1)
        found = [
            table
            for table in tables
            if table.name.casefold() == part.casefold()
            or number_of(table) == part
            or (span and _within(table, low, high))
        ]
        if not found:
            raise BadInput(_("There is no table %(name)s in this session.", name=part[:40]), "which")
        wanted += [table for table in found if table not in wanted]
    return wanted


def number_of(table: Table) -> str:
    """Return the number with which a table's name begins where only a letter follows, like 12 of 12B; else nothing."""
    found = re.fullmatch(r"([0-9]{1,6})[A-Z]?", table.name)
    return found[1] if found else ""


def _within(table: Table, low: int, high: int) -> bool:
    number = number_of(table)
    return bool(number) and low <= int(number) <= high


def describe_tables(slug: str, which: str, said: Description, *, by: Actor) -> int:
    """Say where some tables stand and what they are like, in place of what was said; return how many."""
    only_organisers(by)
    with transaction():
        found = read_which(which, session_called(slug).tables)
        for table in found:
            table.zone, table.step_free, table.quiet, table.power = said.zone, said.step_free, said.quiet, said.power
        return len(found)
