"""In which language paper comes: each card in its holder's own, or all of it in the one that was chosen."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask

from tests.webapp import factories as make
from tests.webapp.factories import Visitor
from tests.webapp.pages import Page
from tests.webapp.test_bridge import BY
from tests.webapp.test_changed import version
from tests.webapp.test_sheets import HEAD
from tests.webapp.test_stamps import texts
from webapp.db import db, transaction
from webapp.errors import BadInput
from webapp.exchange.heading import heading
from webapp.exchange.paper import plainly
from webapp.i18n import LANGUAGES, force_locale, ngettext, show_date, show_day, show_moment, show_time
from webapp.models import Person, Session
from webapp.operations.paper import changed, printing
from webapp.operations.paper.print_order import PrintOrder
from webapp.operations.plans import planning
from webapp.operations.words import titles

SPOKEN = {"101": ("ar", "en"), "102": ("de", "fr"), "103": ("pt",), "104": ("en",)}
OWN = {"101": "ar", "102": "fr", "103": None, "104": "en"}
ARABIC = re.compile("[\u0621-\u064a\ufe80-\ufefc]")


@pytest.fixture
def room(app: Flask) -> int:
    """Four people who are most comfortable in different languages, two at each table."""
    people = [make.person(number=number, name=f"G{number}", languages=codes) for number, codes in SPOKEN.items()]
    session = make.session(slug="s", title="Short talks", tables=make.tables("1", "2"))
    make.store(make.event(), session, *people)
    with transaction() as rows:
        titles.write(rows, {"Short talks": {"ar": "لقاءات", "fr": "Brèves"}})
    version([one.id for one in people], {"1": (0, 1), "2": (2, 3)})
    return session.id


def said(session_id: int, kind: str, language: str) -> tuple[int, int, bool]:
    """How often the title stands on a sheet as it was typed, and in French; and whether anything is Arabic."""
    db.session.rollback()
    words = " ".join(texts(printing.sheet(session_id, kind, language=language)))
    return words.count("Short talks"), words.count("Brèves"), bool(ARABIC.search(words))


def test_each_card_is_in_its_holders_own_language_where_paper_speaks_it(room: int) -> None:
    order = PrintOrder(db.session.get_one(Session, room), planning.find_plan(room, "published"), own=True)
    assert {card.number: card.language for card in order.carried.values()} == OWN
    assert {card.language for card in order.cards.values()} == {None}
    assert said(room, "cards", "own") == (2, 1, True)
    with force_locale("fr"):
        assert said(room, "cards", "own") == (1, 2, True)


def test_all_cards_and_lists_are_in_the_language_that_was_chosen(room: int) -> None:
    assert said(room, "cards", "fr") == (0, 4, False)
    assert said(room, "cards", "en") == (4, 0, False)
    assert said(room, "finder", "fr") == (0, 1, False)
    assert said(room, "finder", "own") == (1, 0, False)
    with pytest.raises(BadInput):
        printing.sheet(room, "cards", language="de")


def test_a_changed_card_speaks_to_its_holder_and_the_list_to_the_runner(room: int) -> None:
    people = [row.id for row in db.session.query(Person).order_by(Person.number)]
    version(people, {"1": (0, 2), "2": (1, 3)})
    session = db.session.get_one(Session, room)
    now = session.event.at_venue(session.starts - timedelta(days=1))
    order = PrintOrder(session, planning.find_plan(room, "published"), own=True, now=now)
    walk, cards = texts(changed.press(order))
    assert "go to 2" in walk
    assert not ARABIC.search(walk)
    # the two who change places are 102, in French, and 103, in the language of the sheet
    assert (cards.count("go to"), cards.count("Brèves"), cards.count("Short talks")) == (1, 1, 1)


def test_numbers_are_written_alike_in_every_language(app: Flask) -> None:
    moment = datetime(2013, 6, 19, 14, 6)
    for code in LANGUAGES:
        with force_locale(code):
            told = " ".join(
                [
                    show_time(moment),
                    show_day(moment),
                    show_date(moment),
                    show_moment(moment),
                    ngettext("%(num)s", "%(num)s", 12),
                ]
            )
        printed = " ".join(str(one) for one in heading(replace(HEAD, locale=code), plainly).values())
        assert [sign for sign in told + printed if sign.isdigit() and not sign.isascii()] == [], code
        assert "14:06" in told


def test_the_print_page_offers_them_and_its_links_lead_there(visitor: Visitor, room: int) -> None:
    desk = visitor.staff("facilitator")
    usual, arabic = (Page(desk.get(f"/desk/s/print{query}").text) for query in ("", "?language=ar"))
    offered = {value.partition("language=")[2] for _tag, _name, value in usual.links if "/print?language=" in value}
    assert offered == {"en", "fr", "es", "ar", "ru", "km"}
    sheets = [value for _tag, name, value in arabic.links if name == "href" and ".pdf" in value]
    assert sheets
    assert all("language=ar" in value for value in sheets)
    assert not any("language=" in value for _tag, _name, value in usual.links if ".pdf" in value)
    assert ARABIC.search(" ".join(texts(desk.get("/desk/s/print/finder.pdf?language=ar").data)))
    assert not ARABIC.search(" ".join(texts(desk.get("/desk/s/print/finder.pdf").data)))
    for path in ("/desk/s/print?language=xx", "/desk/s/print/cards.pdf?language=xx"):
        assert desk.get(path).status_code == 404


@pytest.fixture
def visited(app: Flask) -> int:
    """A tool table each for a participant of other languages, a presenter who is none, and one of no known language."""
    tools = make.session(slug="t", title="Tools", format="stations", rounds=1)
    guest, shows = make.person(number="201", languages=("fr",)), make.person(number="202", languages=("de", "ar"))
    make.store(make.event(), tools, guest, shows)
    for row in (
        make.host(name="Shows", title="Mail", table="T1", places=4, person_id=shows.id, languages=("fr", "en")),
        make.host(name="Other", title="Maps", table="T2", places=4, languages=("sw", "fr")),
        make.host(name="Third", title="Chat", table="T3", places=4, languages=("pt",)),
    ):
        row.session_id = tools.id
        make.store(row)
    with transaction() as rows:
        titles.write(
            rows,
            {
                "Mail": {"ar": "البريد", "fr": "Courrier"},
                "Maps": {"fr": "Cartes", "ar": "خرائط"},
                "Tools": {"fr": "Outils"},
            },
        )
    planning.make_plan(tools.id, by=BY)
    planning.publish(tools.id, by=BY)
    return tools.id


@pytest.mark.parametrize("kind", ["hosts", "instructions"])
def test_each_sheet_for_a_presenter_is_in_their_own_language(visited: int, kind: str) -> None:
    def told(language: str) -> list[tuple[bool, bool, bool]]:
        """For each sheet whether it is Arabic, French, and has the English word."""
        db.session.rollback()
        pages = texts(printing.sheet(visited, kind, language=language))
        return [(bool(ARABIC.search(one)), "Présent" in one, "Presenter" in one) for one in pages]

    arabic, french, english = (True, False, False), (False, True, False), (False, False, True)
    assert told("own") == [arabic, french, english]
    assert told("ar") == [arabic] * 3
    assert told("fr") == [french] * 3
    pages = texts(printing.sheet(visited, kind, language="own"))
    assert ["Tools" in one for one in pages] == [True, False, True]
    assert ("Cartes" in pages[1], "Outils" in pages[1], "Maps" in pages[1]) == (True, True, False)
    assert "Chat" in pages[2]


def test_signs_and_lists_that_lie_open_are_in_the_language_of_all_paper(visited: int) -> None:
    for kind in ("signs", "signup"):
        assert not ARABIC.search(" ".join(texts(printing.sheet(visited, kind, language="own")))), kind
    assert "Courrier" in " ".join(texts(printing.sheet(visited, "signs", language="fr")))
