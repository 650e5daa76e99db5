"""What cannot stand together: rows that speak of nothing, the same twice, and numbers that do not fit."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from datetime import date

from webapp.i18n import gettext as _
from webapp.i18n import isolate, ngettext
from webapp.models.programme import ROLES
from webapp.operations.event import retention
from webapp.operations.files.event_file import book
from webapp.operations.files.event_file.book import Record, Sheet
from webapp.operations.files.event_file.cells import listed, shown
from webapp.operations.files.event_file.comparing import Step, Work
from webapp.operations.guests import tombstones
from webapp.operations.words.spelling import bare

POINTERS: tuple[tuple[Sheet, str, Sheet, str], ...] = (
    (book.SESSIONS, "audience_region", book.REGIONS, "slug"),
    (book.TABLES, "session", book.SESSIONS, "slug"),
    (book.PEOPLE, "regions", book.REGIONS, "slug"),
    (book.PEOPLE, "offers", book.INTERESTS, "slug"),
    (book.PEOPLE, "seeks", book.INTERESTS, "slug"),
    (book.WISHES, "number", book.PEOPLE, "number"),
    (book.ABSENCES, "number", book.PEOPLE, "number"),
    (book.HOSTS, "session", book.SESSIONS, "slug"),
    (book.HOSTS, "number", book.PEOPLE, "number"),
    (book.HOSTS, "topics", book.INTERESTS, "slug"),
    (book.HOST_WISHES, "number", book.PEOPLE, "number"),
    (book.HOST_WISHES, "session", book.SESSIONS, "slug"),
    (book.QUESTIONS, "number", book.PEOPLE, "number"),
    (book.QUESTIONS, "session", book.SESSIONS, "slug"),
    (book.INTERPRETER_SESSIONS, "name", book.INTERPRETERS, "name"),
    (book.INTERPRETER_SESSIONS, "session", book.SESSIONS, "slug"),
)
"""Columns whose parts stand in another sheet, or are in the house."""

LISTS = ("regions", "offers", "seeks", "topics")
ALONE: tuple[tuple[Sheet, tuple[str, ...], str], ...] = (
    (book.INTERESTS, (), "number"),
    (book.INTERESTS, (), "title"),
    (book.SESSIONS, (), "title"),
    (book.TABLES, ("session",), "position"),
    (book.PEOPLE, (), "registration"),
    (book.HOSTS, ("session",), "table"),
    (book.HOSTS, ("session",), "number"),
)
"""Columns that nobody shares, or nobody of the same session; empty cells apart."""

SPOKEN: tuple[tuple[Sheet, str], ...] = (
    (book.INTERESTS, "title"),
    (book.INTERESTS, "heading"),
    (book.REGIONS, "title"),
    (book.SESSIONS, "title"),
    (book.SESSIONS, "summary"),
    (book.HOSTS, "title"),
    (book.HOSTS, "note"),
)
"""Columns whose words may stand in other languages too."""

Complaint = tuple[str, str]


def check(work: Work, *, published: Collection[str], removed: Collection[str]) -> None:
    """Note all that does not go together.

    `published` are sessions whose format stays, by slug; `removed` the seals of numbers of who was removed here.
    """
    if not work.merged["event"]:
        sentence = _("There is no event here yet, so the file needs a sheet %(name)s with one row.", name="event")
        work.complain(book.EVENT, 1, "", sentence)
    for sheet, column, target, wanted in POINTERS:
        _check_pointers(work, sheet, column, target=target, wanted=wanted)
    for sheet, within, column in ALONE:
        _check_alone(work, sheet, within, column)
    for sheet, rule in RULES:
        # a translation that stays may have lost its words, and would go with them
        for step in work.steps[sheet.name] if sheet is book.TITLES else work.moving(sheet):
            for column, sentence in rule(step, work):
                work.complain(sheet, step.row, column, sentence)
    for step in work.moving(book.SESSIONS):
        if "format" in step.after and step.before is not None and step.record["slug"] in published:
            sentence = _("A plan of this session is published, so its format stays. Add a new session instead.")
            work.complain(book.SESSIONS, step.row, "format", sentence)

    for step in work.moving(book.PEOPLE) if removed else ():
        if step.before is None and tombstones.seal_of_number(step.record["number"]) in removed:
            work.complain(book.PEOPLE, step.row, "number", str(tombstones.REMOVED))


def note_who_left(work: Work) -> None:
    """Note that people of an older file have left the event since: that stays."""
    told = {line.row: line.told.get("left_at") for line in work.read.lines.get(book.PEOPLE.name, ())}
    left = sum(1 for step in work.steps[book.PEOPLE.name]
               if step.before and step.before["left_at"] and told[step.row] == "")  # fmt: skip
    if left:
        work.notes.append(ngettext(
            "%(num)s person has left the event since this file was written; that stays so.",
            "%(num)s people have left the event since this file was written; that stays so.", left,
        ))  # fmt: skip


def _check_pointers(work: Work, sheet: Sheet, column: str, *, target: Sheet, wanted: str) -> None:
    same = next(one.kind.same for one in target.columns if one.name == wanted)
    there = {same(record[wanted]) for record in work.merged[target.name].values()}
    for step in work.steps[sheet.name]:
        cell = step.record[column]
        for part in listed(cell) if column in LISTS else filter(None, [cell]):
            if same(part) not in there:
                work.complain(sheet, step.row, column, _nowhere(part, target))


def _nowhere(part: str, sheet: Sheet) -> str:
    return _("%(part)s is neither in the sheet %(sheet)s nor here.", part=shown(part), sheet=isolate(sheet.name))


def _check_alone(work: Work, sheet: Sheet, within: tuple[str, ...], column: str) -> None:
    held: dict[object, list[Record]] = defaultdict(list)

    def mark(record: Record) -> object:
        return (*(record[name] for name in within), bare(record[column]))

    for record in work.merged[sheet.name].values():
        if record[column]:
            held[mark(record)].append(record)
    for step in work.moving(sheet):
        if step.record[column] and (step.before is None or column in step.after):
            key = sheet.key(step.record)
            other = next((one for one in held[mark(step.record)] if sheet.key(one) != key), None)
            if other is not None:
                name = shown(other[sheet.title])
                work.complain(sheet, step.row, column, _("%(name)s has this already, or in this file.", name=name))


# --- what a row says by itself ---------------------------------------------------------------------------------------


def _event(step: Step, _work: Work) -> Iterator[Complaint]:
    told = step.record
    if told["ends_on"] < told["starts_on"]:
        yield "ends_on", _("The event ends before it starts.")
    decides = ("ends_on", "delete_on", "preset", "time_zone")
    if step.before is None or any(step.before[name] != told[name] for name in decides):
        wrong = retention.wrong_day(
            date.fromisoformat(told["delete_on"]),
            ends_on=date.fromisoformat(told["ends_on"]),
            preset=told["preset"],
            time_zone=told["time_zone"],
        )
        if wrong:
            yield "delete_on", wrong


def _interest(step: Step, work: Work) -> Iterator[Complaint]:
    removed = {part for event in work.merged["event"].values() for part in listed(event["removed_interests"])}
    if step.before is not None and "number" in step.after:
        yield "number", _("This number stands on paper forms, so it stays %(number)s.", number=step.before["number"])
    elif step.record["number"] in removed:
        yield "number", _("An interest that was removed had this number. Leave the cell empty for a new one.")


def _session(step: Step, _work: Work) -> Iterator[Complaint]:
    told = step.record
    if told["ends"] <= told["starts"]:
        yield "ends", _("The session ends before it starts.")
    if (told["audience"] == "region") != bool(told["audience_region"]):
        yield "audience_region", _("This cell is for sessions whose audience is a region, and needed there.")
    if told["format"] != "plain" and told["rounds"] == "0":
        yield "rounds", _("A session with rounds needs this number.")
    late = [part for part in listed(told["break_after"]) if int(part) >= max(int(told["rounds"]), 1)]
    if late:
        yield "break_after", _("There is no round after round %(number)s.", number=late[0])


def _title(step: Step, work: Work) -> Iterator[Complaint]:
    words = step.record["words"]
    if all(record[column] != words for sheet, column in SPOKEN for record in work.merged[sheet.name].values()):
        yield "words", _("Nothing here has these words: %(words)s", words=shown(words))


def _wish(step: Step, work: Work) -> Iterator[Complaint]:
    kind, whom = step.record["kind"], step.record["whom"]
    sheet = {"person": book.PEOPLE, "region": book.REGIONS}.get(kind)
    if sheet is not None and (whom,) not in work.merged[sheet.name]:
        yield "whom", _nowhere(whom, sheet)
    if kind == "role" and whom not in ROLES:
        yield "whom", _("%(part)s is no role. Write member, donor, stakeholder or guest.", part=shown(whom))


def _absence(step: Step, _work: Work) -> Iterator[Complaint]:
    if step.record["ends"] <= step.record["starts"]:
        yield "ends", _("This ends before it starts.")


def _host(step: Step, _work: Work) -> Iterator[Complaint]:
    if int(step.record["min_places"]) > int(step.record["places"]):
        most = step.record["places"]
        yield "min_places", _("The fewest visitors are more than the %(most)s at a time.", most=most)


def _host_wish(step: Step, work: Work) -> Iterator[Complaint]:
    if (step.record["session"], step.record["key"]) not in work.merged[book.HOSTS.name]:
        yield "key", _nowhere(step.record["key"], book.HOSTS)


def _interpreter(step: Step, _work: Work) -> Iterator[Complaint]:
    if len(listed(step.record["languages"])) < 2:
        yield "languages", _("Give at least two languages: from one into the other.")


RULES: tuple[tuple[Sheet, Callable[[Step, Work], Iterator[Complaint]]], ...] = (
    (book.EVENT, _event),
    (book.INTERESTS, _interest),
    (book.SESSIONS, _session),
    (book.TITLES, _title),
    (book.WISHES, _wish),
    (book.ABSENCES, _absence),
    (book.HOSTS, _host),
    (book.HOST_WISHES, _host_wish),
    (book.INTERPRETERS, _interpreter),
)
