"""A line of languages as people write them: names in any language of the event, or codes."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from wtforms.validators import ValidationError

from webapp.exchange.tongues import language_codes
from webapp.forms.text import LineField
from webapp.i18n import gettext as _
from webapp.i18n import language_name, locale

SEPARATORS = re.compile(r"[,;/،、؛]+")


def languages_in_words(codes: Iterable[str]) -> str:
    """Return the languages as the field takes them back."""
    return ", ".join(language_name(code) for code in codes)


class LanguagesField(LineField):
    """Languages with commas between them, the best first; `codes` holds what was understood."""

    codes: tuple[str, ...] = ()

    def __init__(self, label: Any = None, validators: Any = (), *, most: int = 12, **options: Any) -> None:
        super().__init__(label, validators, **options)
        self.most = most

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002
        """Understand every name, or refuse the first that is not known."""
        known = language_codes(str(locale()))
        codes: list[str] = []
        for name in filter(None, (part.strip() for part in SEPARATORS.split(self.data or ""))):
            code = known.get(name.casefold())
            if code is None:
                raise ValidationError(_unknown(name[:40], known))
            if code not in codes:
                codes.append(code)
        if len(codes) > self.most:
            raise ValidationError(_("Give at most %(most)s here.", most=self.most))
        self.codes = tuple(codes)


def _unknown(name: str, known: dict[str, str]) -> str:
    close = get_close_matches(name.casefold(), known, n=1)
    if close:
        return _(
            "%(name)s is no language known here; do you mean %(other)s?",
            name=name,
            other=language_name(known[close[0]]),
        )
    return _("%(name)s is no language known here; write it as English, français or sw.", name=name)
