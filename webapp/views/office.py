"""The organiser's counter itself, and what its forms share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, render_template

from webapp.errors import BadInput

counter = Blueprint("organiser", __name__)


@contextmanager
def told(form: Any) -> Iterator[None]:
    """Put what an operation refuses beside the field it is about; the page is then shown again."""
    try:
        yield
    except BadInput as refusal:
        if refusal.field not in form:
            raise
        form[refusal.field].errors = [*form[refusal.field].errors, refusal.sentence]


def form_page(template: str, form: Any, **values: Any) -> tuple[str, int]:
    """Show a form's page; 422 where it was sent and is shown again."""
    return render_template(template, form=form, **values), 422 if form.is_submitted() else 200
