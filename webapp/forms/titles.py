"""Fields for what the organiser's own words are in other languages."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from wtforms.validators import Length, ValidationError

from webapp.forms.text import readable_name
from webapp.i18n import LANGUAGES, own_language_name
from webapp.i18n import gettext as _

F = TypeVar("F")


def translatable(**longest: int) -> Callable[[type[F]], type[F]]:
    """Give a form, for each of these fields of its own, one more for every language of pages and paper."""

    def extended(form: type[F]) -> type[F]:
        for name, most in longest.items():
            kind, checks = getattr(form, name).field_class, [Length(max=most), readable_name, _beside(name)]
            for code in LANGUAGES:
                setattr(form, _field(name, code), kind(own_language_name(code), checks))
        return form

    return extended


def as_typed(told: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return what the fields show, where this is `told` beside each field, by language."""
    return {_field(name, code): text for name, texts in told.items() for code, text in texts.items()}


def as_told(form: Any, *names: str) -> dict[str, dict[str, str]]:
    """Return by what stands in these fields what was typed in the languages beside."""
    told: dict[str, dict[str, str]] = {}
    for name in names:
        texts = told.setdefault(form[name].data or "", {})
        for code in LANGUAGES:
            texts[code] = form[_field(name, code)].data or texts.get(code, "")
    return told


def _beside(name: str) -> Callable[[Any, Any], None]:
    """Return a validator that wants the organiser's own words where there are others."""

    def check(form: Any, field: Any) -> None:
        if field.data and not form[name].data and not form[name].flags.required:
            raise ValidationError(_("Write it in your own words first, above."))

    return check


def _field(name: str, code: str) -> str:
    return f"{name}_{code}"
