"""The numbers in words: the same for the page, the spreadsheet and the sheet of paper."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal, cast

from babel.numbers import format_decimal

from webapp.access import Actor
from webapp.errors import BadInput
from webapp.exchange.numbers import Group, Row, Told, numbers_sheet
from webapp.i18n import country_name, isolate, language_name, locale, show_day
from webapp.i18n import gettext as _
from webapp.i18n import lazy_gettext as __
from webapp.operations.event.programme import regions, the_event
from webapp.operations.figures.numbers import Numbers, Pair, numbers
from webapp.operations.figures.small_counts import FEWEST, STEP, Share
from webapp.operations.paper.printing import PAPERS
from webapp.operations.words.titles import titled

ROLE_WORDS = {
    "member": __("Members"),
    "donor": __("Donors"),
    "stakeholder": __("Stakeholders"),
    "guest": __("Guests"),
}


def told_numbers(*, by: Actor, now: datetime | None = None) -> Told:
    """Return the numbers in the words of the current language, for organisers."""
    return _in_words(numbers(by=by, now=now))


def sheet_of_numbers(*, by: Actor, paper: str = "a4", now: datetime | None = None) -> bytes:
    """Return the numbers as PDF."""
    if paper not in PAPERS:
        raise BadInput(_("The paper is either a4 or letter."), "paper")
    told, event = told_numbers(by=by, now=now), the_event()
    printed = (now or datetime.now(UTC)).astimezone(event.zone if event else UTC).replace(second=0, microsecond=0)
    size = cast(Literal["a4", "letter"], paper)
    return numbers_sheet(told, printed=printed, locale=str(locale()), paper=size, say=_)


def _in_words(found: Numbers) -> Told:
    event = found.event
    name = isolate(event.title) if event else ""
    about = _about(event.venue, show_day(event.starts_on), show_day(event.ends_on)) if event else ""
    title = _("Numbers")
    if not found.enough:
        return Told(title, name, about, missing=_missing(found.held), notes=_notes() if found.held else ())
    titles = {one.slug: isolate(titled(one.title)) for one in regions()}
    groups = (_sessions(found), _places(found, titles), _met(found, titles), _spoken(found), _roles(found))
    return Told(
        title=title,
        event=name,
        about=about,
        figures=_figures(found),
        sentences=_sentences(found),
        groups=tuple(group for group in groups if group.rows),
        notes=_notes(),
    )


def _about(venue: str, first: str, last: str) -> str:
    """Where and when it was."""
    days = isolate(first) if first == last else _("%(first)s to %(last)s", first=isolate(first), last=isolate(last))
    return " · ".join([*([isolate(venue)] if venue else []), days])


def _missing(held: bool) -> str:
    if held:
        return _("Fewer than %(least)s people have met so far. Numbers are told from there on.", least=FEWEST)
    return _("Nothing has been held yet. The numbers appear here once rounds have run.")


def _notes() -> tuple[str, ...]:
    return (
        _(
            "A meeting counts as held when its round ran for at least a minute and at least two of its people were "
            "there. Whoever was marked absent, or said that they did not meet, was not."
        ),
        _(
            "Meetings and people are rounded down to a multiple of %(step)s, shares to the nearest 5 %%, so sums can "
            "differ a little. Groups of fewer than %(least)s are counted with the next larger one, so that nobody can "
            "be recognised. Countries, regions, languages and organisations are exact.",
            step=STEP,
            least=FEWEST,
        ),
        _(
            "People are counted in the region of their country, or else in the first region that they work in. "
            "What nobody said counts with the others."
        ),
    )


def _count(number: int) -> str:
    """A count in the digits of the language; a group that is too small has none."""
    return format_decimal(number, locale=locale()) if number else "–"


def _figures(found: Numbers) -> tuple[tuple[str, str], ...]:
    figures = (
        (found.meetings, _("Meetings held")),
        (found.people, _("People reached")),
        (found.organisations, _("Organisations")),
        (found.countries, _("Countries")),
        (found.regions, _("Regions")),
        (found.languages, _("Languages of the meetings")),
        (found.country_pairs, _("Pairs of countries connected")),
        (found.region_pairs, _("Pairs of regions connected")),
    )
    return tuple((_count(number), label) for number, label in figures if number)


def _share(told: Share) -> str:
    words = {"few": _("few or none"), "most": _("nearly all or all")}
    return words.get(told.kind) or _("about %(percent)s %%", percent=told.percent)


def _sentences(found: Numbers) -> tuple[tuple[str, str], ...]:
    wishers, answered = _count(found.wishers), _count(found.answered)
    told = (
        (found.granted, _("of %(people)s people with a wish met somebody whom they had wished for", people=wishers)),
        (found.useful, _("of the meetings that %(people)s people spoke of were useful to them", people=answered)),
        (found.across, _("of the conversations between two people were between two regions")),
    )
    return tuple((_share(share), label) for share, label in told if share)


def _sessions(found: Numbers) -> Group:
    rows = tuple(
        Row(
            isolate(titled(one.title)) if one.title else _("Other sessions"),
            (_count(one.meetings), _count(one.people), _share(one.useful) if one.useful else "–"),
        )
        for one in found.sessions
    )
    columns = (_("Session"), _("Meetings held"), _("People reached"), _("Found useful"))
    return Group("session", _("Session by session"), columns, rows)


def _places(found: Numbers, titles: Mapping[str, str]) -> Group:
    rows = []
    for one in found.places:
        label = titles.get(one.region or "") or _("Other regions")
        rows.append(Row(label, (_count(one.people),), one.people))
        for code, count in one.countries if any(code for code, _count in one.countries) else ():
            label = country_name(code) if code else _("other countries")
            rows.append(Row(label, (_count(count),), count, inner=True))
    return Group("country", _("Where people came from"), (_("Region or country"), _("People")), tuple(rows))


def _met(found: Numbers, titles: Mapping[str, str]) -> Group:
    def named(pair: Pair | None) -> str:
        if pair is None:
            return _("Other pairs of regions")
        one, other = (titles.get(slug, slug) for slug in pair)
        return _("Within %(region)s", region=one) if one == other else _("%(one)s – %(other)s", one=one, other=other)

    rows = tuple(Row(named(pair), (_count(count),), count) for pair, count in found.met)
    columns = (_("Regions"), _("Conversations"))
    return Group("regions", _("Who met whom"), columns, rows)


def _spoken(found: Numbers) -> Group:
    rows = tuple(
        Row(language_name(code) if code else _("Other languages"), (_count(count),), count)
        for code, count in found.spoken
    )
    return Group("language", _("In which language"), (_("Language"), _("Meetings held")), rows, narrow=True)


def _roles(found: Numbers) -> Group:
    rows = tuple(
        Row(str(ROLE_WORDS[role]) if role else _("Others"), (_count(count),), count) for role, count in found.roles
    )
    return Group("role", _("Who took part"), (_("Role"), _("People")), rows, narrow=True)
