"""The organiser's page of numbers to give away, with no person in them."""

from flask import render_template

from webapp.operations.figures.numbers_told import told_numbers
from webapp.signin import current_actor
from webapp.views.office import counter


@counter.get("/office/numbers")
def numbers() -> str:
    """What was held, whom it reached, what it connected, and what people say of it."""
    return render_template("office/numbers.html", told=told_numbers(by=current_actor()))
