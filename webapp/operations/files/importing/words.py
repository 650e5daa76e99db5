"""What a column can be, and how values are told, in words."""

from collections.abc import Mapping
from typing import Any

from webapp.i18n import country_name, language_name
from webapp.i18n import gettext as _
from webapp.i18n import lazy_gettext as __
from webapp.operations.files.importing.lines import Value

LABELS: Mapping[str, Any] = {
    "number": __("Event number"),
    "registration": __("Number of the order or registration"),
    "name": __("Name"),
    "first": __("First name"),
    "last": __("Last name"),
    "latin": __("Name in Latin letters"),
    "organisation": __("Organisation"),
    "role": __("Role"),
    "country": __("Country"),
    "regions": __("Regions they work in"),
    "languages": __("Languages"),
    "offers": __("What they offer"),
    "seeks": __("What they seek"),
    "offers_words": __("What they offer, in their words"),
    "seeks_words": __("What they seek, in their words"),
    "wishes": __("Whom they wish to meet"),
    "away": __("When they are away"),
    "seated": __("Stays seated: never changes tables"),
    "companion": __("Brings a helper or an interpreter"),
    "companion_languages": __("Languages their interpreter speaks"),
    "shows_topics": __("Lets others read shared topics"),
    "listed": __("Stands on the list of those who may be picked"),
    "first_time": __("Is here for the first time"),
    "title": __("What people can ask about"),
    "topics": __("Topics"),
    "table": __("Table"),
    "places": __("Visitors at a time"),
    "least_places": __("Fewest visitors"),
    "rounds_away": __("Rounds in which they are away"),
    "note": __("In a sentence or two"),
}
TOOL_LABELS: Mapping[str, Any] = {"title": __("Tool"), "name": __("Presenter")}
ROLE_WORDS: Mapping[str, Any] = {
    "member": __("Member"),
    "donor": __("Donor"),
    "stakeholder": __("Local stakeholder"),
    "guest": __("Guest"),
}
BY_TITLE = ("regions", "offers", "seeks", "topics")


def label(kind: str, field: str) -> str:
    """Return what a field is called on a page."""
    own = TOOL_LABELS if kind == "tools" else {}
    return str(own.get(field) or LABELS[field])


def in_words(field: str, value: Value | None, titles: Mapping[str, str]) -> str:
    """Return a value as people read it; `titles` holds those of interests and regions by slug."""
    if value is None or value == "" or value == ():
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, tuple):
        between = _(", ")
        if field in ("languages", "companion_languages"):
            return between.join(language_name(str(code)) for code in value)
        return between.join(titles.get(str(part), str(part)) if field in BY_TITLE else str(part) for part in value)
    if field == "country":
        return country_name(str(value))
    return str(ROLE_WORDS[str(value)]) if field == "role" else str(value)
