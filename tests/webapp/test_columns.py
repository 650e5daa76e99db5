"""Columns of the tools that people register with, told by their names."""

import pytest

from webapp.exchange.columns import guess

SEED = ("number", "name", "latin", "organisation", "role", "country", "regions", "languages", "offers", "seeks",
        "offers_words", "seeks_words", "wishes", "away", "seated", "first_time", "companion", "companion_languages",
        "shows_topics", "listed")  # fmt: skip
EXPORTS: dict[str, tuple[str, dict[str, str]]] = {
    "a form in English": ("people", {
        "Timestamp": "", "What is your name?": "name", "Which organisation do you work for?": "organisation",
        "Which country are you based in?": "country", "Which languages do you speak?": "languages",
        "What can you offer others?": "offers", "What are you looking for?": "seeks",
        "Is this your first time at the meeting?": "first_time", "Email Address": "",
    }),
    "a form in French": ("people", {
        "Horodateur": "", "Votre nom": "name", "Votre organisation": "organisation",
        "Dans quel pays travaillez-vous ?": "country", "Quelles langues parlez-vous ?": "languages",
        "Que pouvez-vous offrir ?": "offers", "Que cherchez-vous ?": "seeks", "Adresse e-mail": "",
    }),
    "pretix": ("people", {
        "Order code": "registration", "Event slug": "", "Status": "", "Email": "", "Phone number": "",
        "Order date": "", "Position ID": "registration", "Product": "", "Attendee name": "",
        "Attendee name: Given name": "first", "Attendee name: Family name": "last", "Attendee email": "",
        "Company": "organisation", "Street": "", "ZIP code": "", "City": "", "Country": "country",
        "Languages": "languages",
    }),
    "pretix in French": ("people", {
        "Code de commande": "registration", "Nom du participant": "name", "Entreprise": "organisation",
        "Pays": "country", "Langues": "languages",
    }),
    "Indico": ("people", {
        "ID": "registration", "Name": "", "First Name": "first", "Last Name": "last", "Email Address": "",
        "Affiliation": "organisation", "Country": "country", "Registration date": "",
    }),
    "Eventbrite": ("people", {
        "Order #": "registration", "Order Date": "", "First Name": "first", "Surname": "last", "Email": "",
        "Quantity": "", "Ticket Type": "", "Attendee #": "registration", "Company": "organisation", "Job Title": "",
        "Home Country": "country",
    }),
    "Eventbrite in French": ("people", {
        "N° de commande": "registration", "Prénom": "first", "Nom de famille": "last", "Société": "organisation",
        "Pays de résidence": "country", "N° de participant": "registration",
    }),
    "people of this house": ("people", {name: name for name in SEED}),
    "specialists": ("specialists", {
        "name": "name", "about": "title", "number": "number", "topics": "topics", "away": "rounds_away", "e-mail": "",
    }),
    "tool tables": ("tools", {
        "tool": "title", "presenter": "name", "places": "places", "least_places": "least_places", "note": "note",
    }),
    "names twice": ("people", {"Name": "name", "name ": "", "Surname": ""}),
}  # fmt: skip


@pytest.mark.parametrize("tool", EXPORTS)
def test_columns_are_known_by_their_names(tool: str) -> None:
    kind, columns = EXPORTS[tool]
    assert dict(zip(columns, guess(kind, list(columns)), strict=True)) == columns


def test_whatever_columns_are_called_something_is_answered() -> None:
    for names in ((), ("",), ("\x00", "﷽" * 40, "a" * 5000), tuple("name" for _ in range(60))):
        assert len(guess("people", names)) == len(names)
