"""Files good and bad, from the page to the database: stored exactly, or refused with the place and nothing changed."""

import hashlib
import re
import tempfile
import unicodedata
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.webapp import factories as make
from tests.webapp.badfiles import BAD, NAMED, WRONG
from tests.webapp.factories import Visitor
from tests.webapp.goodfiles import GOOD, HEADER, SCRIPTS
from tests.webapp.test_import_pages import choose, chosen, store
from tests.webapp.test_importing import BY, everything
from webapp.db import db, transaction
from webapp.exchange.spreadsheet import read_sheet
from webapp.models import Person
from webapp.operations.files.importing import judging
from webapp.operations.files.importing.judging import Incoming, guessed

# read once already, each by itself
HEAVY = {kind for kind in BAD if "million" in kind or "bomb" in kind}
COLUMNS = tuple(name.strip().lower().replace(" ", "_") for name in NAMED.split(","))
STORED = [*(f"{script}, CSV" for script in SCRIPTS), *(kind for kind in GOOD if "marks of their own" in kind)]


@pytest.fixture
def house(app: Flask) -> Flask:
    make.store(make.event(), make.interest(slug="privacy", title="Privacy"), make.person(name="Who was here before"))
    return app


@pytest.mark.parametrize("kind", GOOD)
def test_good_files_tell_what_they_hold(kind: str) -> None:
    made, guests = GOOD[kind]
    sheet = read_sheet(made())
    told = [[cell for cell in row if cell] for _number, row in sheet.rows]
    assert tuple(name for name in sheet.header if name) == HEADER
    assert [[unicodedata.normalize("NFC", cell) for cell in row] for row in told] == list(map(list, guests))


def test_good_files_are_stored_exactly(house: Flask) -> None:
    assert len(GOOD) >= 25
    for kind in STORED:
        made, guests = GOOD[kind]
        with transaction() as rows:
            rows.execute(text("DELETE FROM person"))
        sent = Incoming(made())
        sent = Incoming(sent.content, columns=guessed("people", sent.sheet))
        judging.store(sent, digest=judging.preview(sent, by=BY).digest, by=BY)
        people = db.session.query(Person).order_by(Person.id)
        stored = [(one.name, one.organisation.name if one.organisation else "") for one in people]
        assert stored == list(guests), kind
        assert all(unicodedata.is_normalized("NFC", name) for guest in stored for name in guest)


def test_a_good_file_comes_in_by_the_page(house: Flask, visitor: Visitor) -> None:
    office = visitor.staff("organiser")
    for kind in ("Persian with a joiner that is none, XLSX", "Excel in Egypt, CSV"):
        made, guests = GOOD[kind]
        assert store(office, chosen(office, made())).status_code == 303
        assert {name for name, _house in guests} <= {one.name for one in db.session.query(Person)}


# --- refused ---------------------------------------------------------------------------------------------------------


def kept() -> str:
    """A fingerprint of all that the house holds, but for the file that waits and who has just been seen."""
    held = {name: rows for name, rows in everything().items() if name not in ("waiting_file", "sign_in", "link")}
    return hashlib.sha256(repr(held).encode()).hexdigest()


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one folder for files that are to be gone again."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.setenv(name, str(folder))
    return folder


def refused(office: FlaskClient, content: bytes) -> str:
    """The sentence beside the field for the file."""
    answer = choose(office, content)
    assert answer.status_code in (413, 422)
    found = re.search(r'id="file-error"[^>]*>(.*?)</p>', answer.text, re.S)
    return found[1] if found else ""


def test_no_bad_file_leaves_a_trace(house: Flask, visitor: Visitor, temporary: Path) -> None:
    assert len(BAD) + len(WRONG) >= 60
    office = visitor.staff("organiser")
    before = kept()
    files = sorted(path.name for path in Path(house.config["SETTINGS"].data).rglob("*"))
    for kind in BAD.keys() - HEAVY:
        made, sentence = BAD[kind]
        assert sentence in refused(office, made()), kind
    assert kept() == before
    assert db.session.scalar(text("SELECT count(*) FROM waiting_file")) == 0
    assert not list(temporary.iterdir())
    assert sorted(path.name for path in Path(house.config["SETTINGS"].data).rglob("*")) == files


def test_a_wrong_cell_is_told_with_its_place(house: Flask) -> None:
    before = kept()
    for kind, (rows, place, sentence) in WRONG.items():
        sent = Incoming(f"{NAMED}{rows}\n".encode(), columns=COLUMNS)
        told = [((one.row, one.column), one.sentence) for one in judging.preview(sent, by=BY).problems]
        assert [at for at, _sentence in told] == [place], kind
        assert sentence in told[0][1], kind
    assert kept() == before


def test_pages_show_the_place_and_store_nothing(house: Flask, visitor: Visitor, temporary: Path) -> None:
    office = visitor.staff("organiser")
    before = kept()
    for kind in ("NUL", "a person twice", "a day that is none", "after a row of two lines"):
        rows, (row, column), sentence = WRONG[kind]
        page = office.get(chosen(office, f"{NAMED}{rows}\n".encode())).text
        assert re.search(rf'<td class="number">{row}</td><td>{column} ', page), kind
        assert sentence in page
        assert 'name="digest"' not in page
    assert kept() == before
    assert not list(temporary.iterdir())


def test_a_column_twice_is_refused(house: Flask) -> None:
    sheet = read_sheet(b"Name,name\nAnna,Boris\n")
    assert guessed("people", sheet) == ("name", "")
    with pytest.raises(judging.BadInput) as refusal:
        judging.refuse_columns("people", ("name", "name"), sheet)
    assert (refusal.value.field, "Column A" in refusal.value.sentence) == ("column_1", True)


def test_a_trace_would_be_noticed(house: Flask, temporary: Path) -> None:
    before = kept()
    make.store(make.person(name="Anna"))
    assert kept() != before
    with tempfile.NamedTemporaryFile() as file:
        assert Path(file.name) in temporary.iterdir()
