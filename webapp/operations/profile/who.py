"""The first screen of the profile: who I am, in which languages, and where I work."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from sqlalchemy.orm import Session as Rows
from sqlalchemy.orm import joinedload, selectinload

from webapp.access import Actor
from webapp.models import Event, Organisation, Person, PersonLanguage, Region
from webapp.operations.event import organisations
from webapp.operations.guests import apart
from webapp.operations.profile import profiles
from webapp.operations.words.spelling import same_words

FIRST, THEN = "bdglmnrstv", "aeiou"
SYLLABLES = 3
AVOIDED = (
    "tit",
    "sida",
    "nasi",
    "sata",
    "bobo",
    "tonto",
    "toto",
    "rata",
    "mori",
    "lamo",
    "negro",
    "nega",
    "bebe",
    "nude",
    "rabi",
    "sadi",
    "tumor",
)


@dataclass(frozen=True, slots=True)
class Who:
    """Who somebody is to others; regions by slug, the best language first."""

    name: str
    latin: str = ""
    organisation: str = ""
    country: str = ""
    languages: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

    @classmethod
    def of(cls, person: Person) -> Self:
        """Read the part."""
        return cls(
            name=person.name,
            latin=person.latin,
            organisation=_own_spelling(person.organisation, person.typed.get("organisation", [])),
            country=person.country or "",
            languages=tuple(language.code for language in person.languages),
            regions=tuple(sorted(region.slug for region in person.regions)),
        )

    def write(self, rows: Rows, person: Person) -> None:
        """Write the part; a region that is there no more is refused."""
        before = person.organisation_id
        # whoever keeps apart from this person stays so under another name or organisation
        apart.pin(rows)
        person.name, person.latin, person.country = self.name, self.latin, self.country or None
        person.organisation = organisations.called(rows, self.organisation) if self.organisation else None
        person.typed = {"organisation": [self.organisation]}
        person.regions = profiles.found(rows, Region, self.regions, field="regions")
        _write_languages(person, self.languages)
        rows.flush()
        organisations.forget_unnamed(rows, [before], typed=True)


@dataclass(frozen=True, slots=True)
class Choices:
    """What may be chosen on the screen: regions as slug and title, the languages to offer first."""

    regions: list[tuple[str, str]]
    languages: list[str]


def open_who(by: Actor) -> tuple[profiles.Opened[Who], Choices]:
    """Return the actor's own part with all that may be chosen."""
    loading = (joinedload(Person.organisation), selectinload(Person.languages), selectinload(Person.regions))
    event, person = profiles.who_asks(by, *loading)
    who = Who.of(person)
    return profiles.opened(event, person, who), Choices(profiles.regions(), languages_here(event, who.languages))


def languages_here(event: Event, first: Iterable[str]) -> list[str]:
    """Return these languages and those of the event, each once."""
    host = [event.host_language] if event.host_language else []
    return list(dict.fromkeys([*first, *event.working_languages, *host]))


def _own_spelling(organisation: Organisation | None, typed: Iterable[str]) -> str:
    """The organisation as this person spelt it: another spelling would tell who else is here."""
    if organisation is None:
        return ""
    return next((text for text in typed if same_words(text, organisation.name)), organisation.name)


def _write_languages(person: Person, codes: tuple[str, ...]) -> None:
    known = {language.code: language for language in person.languages}
    chosen = [known.get(code) or PersonLanguage(code=code) for code in codes]
    for at, language in enumerate(chosen):
        language.position = at
    person.languages = chosen


def a_name() -> str:
    """Return an invented name that can be spoken in many languages; nothing is asked, so nothing is told by it."""
    while True:
        name = "".join(secrets.choice(FIRST) + secrets.choice(THEN) for _ in range(SYLLABLES))
        doubled = any(name[at : at + 2] == name[at + 2 : at + 4] for at in range(0, len(name) - 2, 2))
        if not doubled and not any(word in name for word in AVOIDED):
            return name.capitalize()
