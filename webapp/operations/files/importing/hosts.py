"""Specialists and tool tables of a file: which of the session's a row is about, what it would change, and how."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Rows

from webapp.errors import BadInput
from webapp.i18n import gettext as _
from webapp.i18n import isolate
from webapp.models import Host, HostLanguage, Person, Session
from webapp.operations.event import organisations
from webapp.operations.event.programme import discard_drafts
from webapp.operations.files.importing.lines import Step, Told, Value
from webapp.operations.files.importing.people import Names
from webapp.operations.guests import apart
from webapp.operations.guests.hosts import hosts_of
from webapp.operations.words import titles
from webapp.operations.words.spelling import bare

USUAL_PLACES = {"clinics": 1, "stations": 8}
PLAIN = ("name", "latin", "title", "note", "table", "places")


def held(host: Host) -> dict[str, Value]:
    """Return what the house holds of a host, as a file says it."""
    return {
        "number": host.person.number if host.person else "",
        **{name: getattr(host, name) for name in PLAIN},
        "note": host.note.replace("\r\n", "\n"),
        "least_places": host.min_places,
        "organisation": host.organisation.name if host.organisation else "",
        "languages": tuple(language.code for language in host.languages),
        "topics": tuple(topic.slug for topic in sorted(host.topics, key=lambda one: (one.position, one.title, one.id))),
        "rounds_away": tuple(host.away),
    }


class Visited:
    """Whoever is visited in a session, found by name and by what they are asked about, or which tool they show."""

    def __init__(self, rows: Rows, session: Session, told: Sequence[Told]) -> None:
        self.rows, self.session = rows, session
        self.hosts = hosts_of(session)
        self.numbers = {row.number: row.id for row in rows.execute(select(Person.number, Person.id))}
        # a tool is known by its title first, a specialist by the name
        self.first, self.second = ("title", "name") if session.format == "stations" else ("name", "title")
        self.in_file = Counter(bare(str(one.values.get(self.first, ""))) for one in told)
        self.here: dict[tuple[str, ...], list[Host]] = defaultdict(list)
        for host in self.hosts:
            self.here[bare(getattr(host, self.first))].append(host)
        self.claimed: dict[object, int] = {}

    def held(self, host: Host) -> dict[str, Value]:
        """Return what the house holds of a host."""
        return held(host)

    def title(self, host: Host) -> tuple[str, str]:
        """Return how a host is called in lists: a name, and the event number where there is one."""
        name = host.title if self.session.format == "stations" else host.name
        return name or host.name, host.person.number if host.person else ""

    def step(self, told: Told, *, usual_role: str) -> Step:  # noqa: ARG002
        """Return what a row does; refuse what is not clear, or cannot be."""
        needed = ("title", "name") if self.session.format == "stations" else ("name",)
        for name in needed:
            if name not in told.values:
                raise BadInput(_("This cell must not be empty."), name)
        number = told.values.get("number")
        if number is not None and number not in self.numbers:
            raise BadInput(_("Nobody on the list of people has the event number %(number)s.", number=number), "number")
        host = self._meant(told)
        mark: object = host.id if host else tuple(bare(str(told.values.get(name, ""))) for name in ("name", "title"))
        if mark in self.claimed:
            raise BadInput(_("Row %(row)s says the same. Leave one of the two out.", row=self.claimed[mark]), "name")
        self.claimed[mark] = told.row
        before = held(host) if host else {}
        after = {name: value for name, value in told.values.items() if not host or not _same(name, before[name], value)}
        step = Step(told, host, before, after)
        self._refuse_numbers(step)
        return step

    def _meant(self, told: Told) -> Host | None:
        """The one of the same name and words; of the same name alone where that is one here and one in the file."""
        alike = self.here.get(bare(str(told.values[self.first])), [])
        said = bare(str(told.values.get(self.second, "")))
        close = [host for host in alike if bare(getattr(host, self.second)) == said]
        if close:
            return close[0]
        alone = len(alike) == 1 and self.in_file[bare(str(told.values[self.first]))] == 1
        return alike[0] if alone else None

    def _refuse_numbers(self, step: Step) -> None:
        usual = USUAL_PLACES[self.session.format]
        places = cast(int, step.after.get("places", step.before.get("places", usual)))
        least = cast(int, step.after.get("least_places", step.before.get("least_places", 1)))
        if least > places:
            column = "least_places" if "least_places" in step.after else "places"
            raise BadInput(_("The fewest visitors are more than the %(most)s at a time.", most=places), column)
        away = step.after.get("rounds_away", ())
        if isinstance(away, tuple) and len(away) == self.session.rounds:
            raise BadInput(_("Nobody can visit whoever is away in all rounds."), "rounds_away")

    def objections(self, steps: Sequence[Step]) -> list[tuple[Step, str, str]]:
        """Return the rows that would leave two at one table, or one participant twice."""
        found = []
        for field, sentence in (
            ("table", _("%(name)s would sit at this table as well.")),
            ("number", _("%(name)s would have this event number as well.")),
        ):
            seen: dict[Value, tuple[Step | None, str]] = {}
            stay = {step.target.id for step in steps if step.target is not None}
            for host in self.hosts:
                if host.id not in stay:
                    seen[held(host)[field]] = (None, host.name)
            for step in steps:
                value = step.after.get(field, step.before.get(field, ""))
                if value and value in seen:
                    found.append((step, field, sentence % {"name": isolate(seen[value][1])}))
                seen[value] = (step, str(step.after.get("name", step.before.get("name", ""))))
        return found

    def missing(self, steps: Sequence[Step]) -> list[Host]:
        """Return who is in the house and not in the file."""
        meant = {step.target.id for step in steps if step.target is not None}
        return [host for host in self.hosts if host.id not in meant]


def _same(name: str, before: Value, after: Value) -> bool:
    return bare(str(before)) == bare(str(after)) if name == "organisation" else before == after


def write(rows: Rows, visited: Visited, steps: Sequence[Step]) -> None:
    """Write what the rows change; what was drafted with the hosts of before is thrown away."""
    apart.pin(rows)
    names, session = Names(rows), visited.session
    before = {host.organisation_id for host in visited.hosts}
    for step in steps:
        # tables and people may change places: nobody has one while others take it
        if step.target is not None and "table" in step.after:
            step.target.table = ""
        if step.target is not None and "number" in step.after:
            step.target.person_id = None
    rows.flush()
    last = rows.scalar(select(func.max(Host.position)).where(Host.session_id == session.id)) or 0
    for step in steps:
        if not step.after:
            continue
        host = step.target
        if host is None:
            last += 1
            usual = USUAL_PLACES[session.format]
            host = Host(session_id=session.id, position=last, places=usual, min_places=1, away=[])
            rows.add(host)
        else:
            host.revision += 1
        _fill(host, step.after, names, visited.numbers)
    discard_drafts(rows, [session.id])
    rows.flush()
    organisations.forget_unnamed(rows, before)
    titles.forget_unused(rows)


def _fill(host: Host, values: Mapping[str, Value], names: Names, numbers: Mapping[str, int]) -> None:
    for name in PLAIN:
        if name in values:
            setattr(host, name, values[name])
    if "least_places" in values:
        host.min_places = cast(int, values["least_places"])
    if "organisation" in values:
        host.organisation = names.organisation(str(values["organisation"]))
    if "number" in values:
        host.person_id = numbers[str(values["number"])]
    if "topics" in values:
        host.topics = [names.interests[str(slug)] for slug in cast(tuple[str, ...], values["topics"])]
    if "rounds_away" in values:
        host.away = list(cast(tuple[int, ...], values["rounds_away"]))
    if "languages" in values:
        known = {language.code: language for language in host.languages}
        host.languages = [
            known.get(code) or HostLanguage(code=code) for code in cast(tuple[str, ...], values["languages"])
        ]
        for at, language in enumerate(host.languages):
            language.position = at
