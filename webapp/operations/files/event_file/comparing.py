"""A file beside the house: which row is about what, and which cells would change."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from webapp.i18n import gettext as _
from webapp.operations.files.event_file import book
from webapp.operations.files.event_file.book import Key, Record, Sheet
from webapp.operations.files.event_file.cells import BETWEEN
from webapp.operations.files.event_file.plans_told import OF_HOSTS
from webapp.operations.files.event_file.reading import Line, Read, with_usual
from webapp.operations.files.event_file.telling import Book
from webapp.operations.files.importing.lines import Problem
from webapp.operations.words.spelling import bare


@dataclass(frozen=True, slots=True)
class Step:
    """What a row does: `before` is what the house says, nothing where it is new; `after` the cells that change."""

    row: int
    record: Record
    before: Record | None
    after: Record


@dataclass(slots=True)
class Work:
    """What a whole file would do: steps and rows that stay, sheet by sheet, and the rows there would be then.

    `notes` say what of the file is left alone.
    """

    read: Read
    steps: dict[str, list[Step]] = field(default_factory=dict)
    merged: dict[str, dict[Key, Record]] = field(default_factory=dict)
    missing: dict[str, list[Record]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def moving(self, sheet: Sheet) -> list[Step]:
        """Return the steps of a sheet that change anything."""
        return [step for step in self.steps[sheet.name] if step.before is None or step.after]

    def complain(self, sheet: Sheet, row: int, column: str, sentence: str) -> None:
        """Note a problem."""
        self.problems.append(self.read.problem(sheet, row, column, sentence))


def compared(house: Book, read: Read) -> Work:
    """Return what a file would do to a house."""
    work = Work(read, problems=list(read.problems))
    _refuse_same_keys(work)
    _name_hosts(house, read)
    for sheet in book.SHEETS:
        _compare(sheet, house[sheet.name], work)
    return work


def _compare(sheet: Sheet, held: tuple[Record, ...], work: Work) -> None:
    here = {sheet.key(record): record for record in held}
    work.merged[sheet.name] = merged = dict(here)
    work.steps[sheet.name] = steps = []
    rows: dict[Key, int] = {}
    for line in work.read.lines.get(sheet.name, ()):
        key = sheet.key(line.told)
        if key in rows:
            sentence = _("Row %(row)s is about the same. Leave one of the two out.", row=rows[key])
            work.complain(sheet, line.row, next(iter(sheet.keys), ""), sentence)
            continue
        rows[key] = line.row
        step = _step(sheet, line, here.get(key), work)
        if step is not None:
            merged[key] = step.record
            steps.append(step)
    there = sheet.name in work.read.lines
    work.missing[sheet.name] = [record for key, record in here.items() if key not in rows] if there else []


def _step(sheet: Sheet, line: Line, before: Record | None, work: Work) -> Step | None:
    if before is None:
        record, lacking = with_usual(sheet, line.told)
        for name in lacking:
            sentence = _("This row is new, and the sheet has no column %(name)s.", name=name)
            work.complain(sheet, line.row, name, sentence)
        return None if lacking else Step(line.row, record, None, record)
    stay = {*sheet.keys, *sheet.frozen}
    after = {
        column.name: line.told[column.name]
        for column in sheet.columns
        if column.name in line.told
        and column.name not in stay
        and column.kind.same(line.told[column.name]) != column.kind.same(before[column.name])
    }
    return Step(line.row, {**before, **after}, before, after)


# --- specialists and tool tables -------------------------------------------------------------------------------------


def _refuse_same_keys(work: Work) -> None:
    rows: dict[Key, int] = {}
    for line in work.read.lines.get(book.HOSTS.name, ()):
        first = rows.setdefault(book.HOSTS.key(line.told), line.row)
        if first != line.row:
            sentence = _("Row %(row)s has the same key. Give each its own; wishes in this file go by it.", row=first)
            work.complain(book.HOSTS, line.row, "key", sentence)


def _name_hosts(house: Book, read: Read) -> None:
    """Give the hosts of a file the keys that the house has for them now, and wishes for them too.

    A key is made of how somebody is called, so it is another one when that has changed: whoever has the same name and
    subject is meant first, then whoever has the key.
    """
    lines = read.lines.get(book.HOSTS.name, [])
    free: dict[str, list[Record]] = defaultdict(list)
    for record in house[book.HOSTS.name]:
        free[record["session"]].append(record)
    taken = {(record["session"], record["key"]) for record in house[book.HOSTS.name]}
    keys: dict[tuple[str, str], str] = {}
    ways: tuple[Callable[[Record], object], ...] = (
        lambda one: (one["key"], bare(one.get("name", "")), bare(one.get("title", ""))),
        lambda one: (bare(one.get("name", "")), bare(one.get("title", ""))),
        lambda one: one["key"],
    )
    left = lines
    for way in ways:
        later = []
        for line in left:
            own = free[line.told["session"]]
            match = next((record for record in own if way(record) == way(line.told)), None)
            if match is None:
                later.append(line)
                continue
            own.remove(match)
            keys.setdefault((line.told["session"], line.told["key"]), match["key"])
            line.told["key"] = match["key"]
        left = later
    for line in left:
        session, key = line.told["session"], line.told["key"]
        while (session, line.told["key"]) in taken:
            line.told["key"] += "-new"
        if line.told["key"] != key:
            keys.setdefault((session, key), line.told["key"])
    if keys:
        _rename(read, keys)


def _rename(read: Read, keys: Mapping[tuple[str, str], str]) -> None:
    """Call hosts by the keys of the house wherever else a file speaks of them."""

    def called(line: Line, key: str) -> str:
        return keys.get((line.told["session"], key), key)

    for line in read.lines.get(book.HOST_WISHES.name, ()):
        line.told["key"] = called(line, line.told["key"])
    for line in read.lines.get(book.MEETINGS.name, ()):
        if "host" in line.told:
            line.told["host"] = called(line, line.told["host"])
    for line in read.lines.get(book.FIGURES.name, ()):
        if line.told["figure"] in OF_HOSTS:
            line.told["of"] = BETWEEN.join(called(line, part) for part in line.told["of"].split(BETWEEN))
