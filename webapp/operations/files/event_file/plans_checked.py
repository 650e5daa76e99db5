"""What is wrong with the plans of a file, and which of them are left alone."""

import json
from collections.abc import Iterator

from webapp.errors import BadInput
from webapp.i18n import gettext as _
from webapp.i18n import isolate
from webapp.models.programme import HOSTED
from webapp.operations.files.event_file import book
from webapp.operations.files.event_file.book import Record, Sheet
from webapp.operations.files.event_file.cells import BETWEEN, GONE, LANGUAGE, listed, shown
from webapp.operations.files.event_file.comparing import Step, Work
from webapp.operations.files.event_file.plans_told import LISTS, LOAD, MADE_FOR, UNKNOWN, UNMET
from webapp.operations.files.event_file.telling import Book
from webapp.operations.words.spelling import bare

Complaint = tuple[str, str]
RULES = ("same_organisation", "shared_language", "regions", "floor")
PARTS_OF = {MADE_FOR: 1, UNMET: 2, LOAD: 1, "regions": 2, "languages": 1}
NONE, MAY_BE_NONE = "null", ("lowest_bound", "breaks_bound", "repeats", "repeats_bound", "stale_bound")
VALUES_OF = {MADE_FOR: 0, UNMET: 0, LOAD: 2}


def leave_alone(work: Work, house: Book) -> None:
    """Take out of what a file would do all plans that would come over those of the house, or over people of it.

    A plan of a file knows nothing of who is kept apart here: so it is for a house where nobody is yet.
    """
    here = {record["session"]: record["version"] for record in house[book.PLANS.name]}
    there = {step.record["session"]: step.record["version"] for step in work.steps[book.PLANS.name]}
    told = {step.record["session"] for sheet in book.PLANNED for step in work.steps[sheet.name]}
    left = told & here.keys()
    left |= told if house[book.PEOPLE.name] else set()
    titles = {record["slug"]: record["title"] for record in work.merged[book.SESSIONS.name].values()}
    for slug in sorted(left):
        if slug in here and _same(work, slug):
            continue
        called, version = isolate(titles.get(slug, slug)), there.get(slug, "")
        if slug in here:
            sentence = _("Version %(here)s of %(session)s is published here; the file's version %(version)s is left "
                         "alone.", here=here[slug], session=called, version=version)  # fmt: skip
        else:
            sentence = _("There are people here already, so the file's version %(version)s of %(session)s is left "
                         "alone. Plan and publish it here.", session=called, version=version)  # fmt: skip
        work.notes.append(sentence)
        _leave(work, house, slug)


def _same(work: Work, slug: str) -> bool:
    """Whether the file says of a session's plan what the house says."""
    moving = (step for sheet in book.PLANNED for step in work.moving(sheet))
    missing = (record for sheet in book.PLANNED for record in work.missing[sheet.name])
    return not any(step.record["session"] == slug for step in moving) and not any(
        record["session"] == slug for record in missing
    )


def _leave(work: Work, house: Book, slug: str) -> None:
    for sheet in book.PLANNED:
        name = sheet.name
        work.steps[name] = [step for step in work.steps[name] if step.record["session"] != slug]
        work.missing[name] = [record for record in work.missing[name] if record["session"] != slug]
        others = {key: record for key, record in work.merged[name].items() if record["session"] != slug}
        own = {sheet.key(record): record for record in house[name] if record["session"] == slug}
        work.merged[name] = others | own


# --- what a row says -------------------------------------------------------------------------------------------------


def check_plans(work: Work) -> None:
    """Note what no plan can say: unknown people and rounds, somebody twice in a round, rows of no plan."""
    known = _Known(work)
    for sheet, rule in ((book.PLANS, known.plan), (book.MEETINGS, known.meeting), (book.RESTS, known.rest),
                        (book.REASONS, known.reasons), (book.FIGURES, known.figure)):  # fmt: skip
        for step in work.moving(sheet):
            for column, sentence in rule(step):
                work.complain(sheet, step.row, column, sentence)


class _Known:
    """What there would be after the file."""

    def __init__(self, work: Work) -> None:
        merged = work.merged
        self.sessions = {record["slug"]: record for record in merged["sessions"].values()}
        self.plans = {record["session"]: record for record in merged["plans"].values()}
        self.people = {record["number"] for record in merged["people"].values()}
        self.hosts = {(record["session"], record["key"]) for record in merged[book.HOSTS.name].values()}
        self.tables = {(record["session"], record["name"]) for record in merged["tables"].values()}
        self.voices = {bare(record["name"]) for record in merged["interpreters"].values()}
        self.meetings = {book.MEETINGS.key(record) for record in merged["meetings"].values()}
        self.placed: dict[tuple[str, str, str], tuple[str, int]] = {}

    def plan(self, step: Step) -> Iterator[Complaint]:
        """Say what is wrong with a version."""
        told = step.record
        session = self.sessions.get(told["session"])
        if session is None:
            yield "session", _nowhere(told["session"], book.SESSIONS.name)
        elif session["format"] == "plain":
            yield "session", _("This session has no rounds, so it has no plan.")
        elif told["fits"] == "yes" and told["rounds"] != session["rounds"]:
            yield "rounds", _("This session has %(rounds)s rounds.", rounds=session["rounds"])
        empty = [name for name in RULES if not told[name]]
        if 0 < len(empty) < len(RULES) or (empty and told["limit"]):
            yield empty[0], _("This cell must not be empty where the other rules of the plan are told.")

    def meeting(self, step: Step) -> Iterator[Complaint]:
        """Say what is wrong with a meeting."""
        told = step.record
        plan, session = self.plans.get(told["session"]), self.sessions.get(told["session"])
        if plan is None or session is None:
            yield "session", _nowhere(told["session"], book.PLANS.name)
            return
        yield from self._round(told, plan)
        hosted = session["format"] in HOSTED
        if plan["fits"] == "yes" and not hosted and (told["session"], told["table"]) not in self.tables:
            yield "table", _nowhere(told["table"], book.TABLES.name)
        yield from self._people(step, book.MEETINGS, "people")
        host = told["host"]
        if hosted != bool(host):
            visits = _("Somebody is visited in this session, so this cell must not be empty.")
            yield "host", visits if hosted else _("Nobody is visited in this session, so this cell stays empty.")
        elif host and not GONE.fullmatch(host) and (told["session"], host) not in self.hosts:
            yield "host", _nowhere(host, book.HOSTS.name)
        voice = told["interpreter"]
        if voice and not GONE.fullmatch(voice) and bare(voice) not in self.voices:
            yield "interpreter", _nowhere(voice, book.INTERPRETERS.name)

    def rest(self, step: Step) -> Iterator[Complaint]:
        """Say what is wrong with a rest."""
        plan = self.plans.get(step.record["session"])
        if plan is None:
            yield "session", _nowhere(step.record["session"], book.PLANS.name)
            return
        yield from self._round(step.record, plan)
        yield from self._people(step, book.RESTS, "number")

    def _round(self, told: Record, plan: Record) -> Iterator[Complaint]:
        if int(told["round"]) > int(plan["rounds"]):
            yield "round", _("There is no round after round %(number)s.", number=plan["rounds"])

    def _people(self, step: Step, sheet: Sheet, column: str) -> Iterator[Complaint]:
        for one in listed(step.record[column]):
            place = step.record["session"], step.record["round"], one
            if one not in self.people:
                yield column, _nowhere(one, book.PEOPLE.name)
            elif place in self.placed:
                other, row = self.placed[place]
                yield column, _("%(part)s has a place in this round already: sheet %(sheet)s, row %(row)s.",
                                part=shown(one), sheet=other, row=row)  # fmt: skip
            else:
                self.placed[place] = sheet.name, step.row

    def reasons(self, step: Step) -> Iterator[Complaint]:
        """Say what is wrong with the reasons of a meeting."""
        told = step.record
        if book.MEETINGS.key(told) not in self.meetings:
            yield "table", _nowhere(told["table"], book.MEETINGS.name)
        named = {one for _code, _points, _topic, *people in json.loads(told["reasons"]) for one in people}
        for one in sorted(named - {None, UNKNOWN} - self.people):
            yield "reasons", _nowhere(one, book.PEOPLE.name)

    def figure(self, step: Step) -> Iterator[Complaint]:
        """Say what is wrong with a figure."""
        told = step.record
        figure, parts, values = told["figure"], told["of"].split(BETWEEN), listed(told["value"])
        if told["session"] not in self.plans:
            yield "session", _nowhere(told["session"], book.PLANS.name)
        if bool(told["of"]) != (figure in PARTS_OF) or not _fits(figure, parts):
            yield "of", _("This does not fit the figure; copy it from the file as it was.")
            return
        odd = figure in LISTS and not all(value.isdecimal() for value in values)
        odd |= told["value"] == NONE and figure not in MAY_BE_NONE
        if odd or len(values) != VALUES_OF.get(figure, 1):
            yield "value", _("This does not fit the figure; copy it from the file as it was.")
        if figure in (MADE_FOR, UNMET) and parts[0] not in self.people:
            yield "of", _nowhere(parts[0], book.PEOPLE.name)
        if figure in (LOAD, UNMET) and not GONE.fullmatch(parts[-1]) and (told["session"], parts[-1]) not in self.hosts:
            yield "of", _nowhere(parts[-1], book.HOSTS.name)


def _fits(figure: str, parts: list[str]) -> bool:
    if len(parts) != PARTS_OF.get(figure, 1):
        return False
    try:
        return figure != "languages" or LANGUAGE.read(parts[0]) == parts[0]
    except BadInput:
        return False


def _nowhere(part: str, sheet: str) -> str:
    return _("%(part)s is neither in the sheet %(sheet)s nor here.", part=shown(part), sheet=isolate(sheet))
