"""No cell of any file that leaves the house is a formula, whatever stands in the house, and all comes back the same."""

import csv
import io
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import text

from tests.webapp.canaries import Populated
from tests.webapp.test_exporting import BY
from webapp.db import db, transaction
from webapp.exchange import ledger
from webapp.exchange.ledger import Ledger
from webapp.exchange.numbers import numbers_ledger
from webapp.exchange.spreadsheet import read_sheet
from webapp.models import Session
from webapp.operations.figures.numbers_told import told_numbers
from webapp.operations.files import exporting

LEADS = ("=", "+", "-", "@", "\t", "\r", "＝", "＠", "'=", '"=', ';"=', "=cmd|' /C calc'!A0;")
RUN = set("=+-@\t\r＝＋－＠")
FIELDS = {
    "person": ("name", "latin", "registration"),
    "organisation": ("name",),
    "host": ("name", "latin", "title", "note"),
    "region": ("title",),
    "interest": ("title",),
    "interpreter": ("name",),
    "session": ("title",),
    "meeting": ("table_name",),
}
FILES = ("people", "numbers", "clinic/hosts", "first-talks/plan")


@pytest.fixture
def guests(populated: Populated, tmp_path: Path) -> Iterator[Flask]:
    app = populated.open(tmp_path / "data")
    with app.app_context():
        yield app
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def begin_with(lead: str) -> None:
    """Let every text that is exported begin with this."""
    with transaction() as rows:
        # published tables are held fast otherwise
        for guard in rows.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            rows.execute(text(f'DROP TRIGGER "{guard}"'))
        for table, columns in FIELDS.items():
            for column in columns:
                rows.execute(
                    text(f'UPDATE "{table}" SET "{column}" = :lead || "{column}" WHERE "{column}" <> \'\''),
                    {"lead": lead},
                )


def exported(name: str, ending: str) -> bytes:
    slug, _slash, what = name.rpartition("/")
    return exporting.file_of_session(slug, what, ending, by=BY) if slug else exporting.file_of(what, ending, by=BY)


def table_of(name: str) -> Ledger:
    tables = {
        "people": exporting.people_table,
        "numbers": lambda: numbers_ledger(told_numbers(by=BY)),
        "clinic/hosts": lambda: exporting.hosts_table("clinic"),
        "first-talks/plan": lambda: exporting.plan_table(db.session.query(Session).filter_by(slug="first-talks").one()),
    }
    return tables[name]()


def run_by_a_spreadsheet(content: bytes) -> list[str]:
    """The cells that a spreadsheet would run, whichever sign it holds to part them."""
    if content.startswith(b"PK"):
        book = openpyxl.load_workbook(io.BytesIO(content))
        return [str(cell.value) for row in book.active.iter_rows() for cell in row if cell.data_type == "f"]
    found = []
    for separator in ",;\t":
        for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=separator):
            found += [cell for cell in row if cell.lstrip('"')[:1] in RUN]
    return found


@pytest.mark.parametrize("lead", LEADS, ids=repr)
def test_no_cell_of_any_export_is_a_formula(guests: Flask, lead: str) -> None:
    begin_with(lead)
    for name in FILES:
        told = table_of(name)
        assert name == "numbers" or any(cell.startswith(lead) for row in told.rows for cell in row), name
        for ending in exporting.TABLES:
            content = exported(name, ending)
            assert not run_by_a_spreadsheet(content), (name, ending)
            back = read_sheet(content)
            assert (back.header, tuple(cells for _row, cells in back.rows)) == (told.columns, told.rows), (name, ending)


def test_a_formula_would_be_noticed(guests: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    begin_with("=")
    monkeypatch.setattr(ledger, "guarded", lambda cell: cell)
    assert run_by_a_spreadsheet(exported("people", "csv"))
    book, content = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["=1+1"])
    book.save(content)
    assert run_by_a_spreadsheet(content.getvalue()) == ["=1+1"]


@pytest.mark.long
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not on this machine")
@pytest.mark.parametrize("ending", exporting.TABLES)
def test_libreoffice_finds_no_formula(guests: Flask, tmp_path: Path, ending: str) -> None:
    begin_with("=1+")
    sent = tmp_path / f"sent.{ending}"
    sent.write_bytes(exported("people", ending))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
        "--outdir",
        tmp_path / "back",
        sent,
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    content = (tmp_path / "back" / "sent.xlsx").read_bytes()
    assert not run_by_a_spreadsheet(content)
    assert any("1+" in cell for _row, cells in read_sheet(content).rows for cell in cells)
