"""Fields for what the organiser's own words are in other languages."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from wtforms.validators import Length

from webapp.forms.text import LineField, readable_name
from webapp.i18n import LANGUAGES, own_language_name

F = TypeVar("F")


def translatable(**longest: int) -> Callable[[type[F]], type[F]]:
    """Give a form, for each of these fields of its own, one more for every language of pages and paper."""

    def extended(form: type[F]) -> type[F]:
        for name, most in longest.items():
            for code in LANGUAGES:
                label = own_language_name(code)
                setattr(form, _field(name, code), LineField(label, [Length(max=most), readable_name]))
        return form

    return extended


def as_typed(told: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return what the fields show, where this is `told` beside each field, by language."""
    return {_field(name, code): text for name, texts in told.items() for code, text in texts.items()}


def as_told(form: Any, *names: str) -> dict[str, dict[str, str]]:
    """Return by what stands in these fields what was typed in the languages beside."""
    return {form[name].data: {code: form[_field(name, code)].data or "" for code in LANGUAGES} for name in names}


def _field(name: str, code: str) -> str:
    return f"{name}_{code}"
