"""The process that reads files: it can take nothing from the server, and whatever becomes of it, somebody is told."""

import base64
import io
import json
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterable
from pathlib import Path

import openpyxl
import pytest
from flask.testing import FlaskClient

from tests.test_house import SOURCES, imports_of, named
from tests.webapp.badfiles import BAD, belittled, packed, vast, workbook
from webapp.errors import BadInput
from webapp.exchange import confined
from webapp.exchange.spreadsheet import HARMLESS, Sheet, read_sheet, read_sheets

START = "import sys; sys.path.insert(0, sys.argv[1]); from webapp.exchange import parser; sys.stdin.buffer.read(); "
ANSWER = """print('{"encoding": "", "sheets": [["", [[1, ["Name"]], [2, ["Anna"]]]]]}')"""
LONG_TEXT = b"Name\n" + b"Anna\n" * HARMLESS
posix = pytest.mark.skipif(sys.platform == "win32", reason="only POSIX systems hold a process to limits of its own")


def told(patch: pytest.MonkeyPatch, code: str) -> str:
    """What somebody is told whose file is read by a process that does this."""
    patch.setattr(confined, "READING", START + code)
    try:
        return str(read_sheet(LONG_TEXT).rows)
    except BadInput as refusal:
        return refusal.sentence


def test_without_a_mishap_the_stand_in_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Anna" in told(monkeypatch, ANSWER)
    assert "Anna" in told(monkeypatch, f"x = bytearray(2**29); {ANSWER}")
    assert "Anna" in told(monkeypatch, f"parser.confine(); {ANSWER}")


@posix
@pytest.mark.parametrize(
    "code", [f"x = bytearray(2**29); {ANSWER}", f"x = ['y' * 9 * 2**20] * 99; ''.join(x); {ANSWER}"]
)
def test_memory_ends_before_it_is_the_servers(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    assert "could not be read within 30 seconds" in told(monkeypatch, f"parser.confine(); {code}")


@pytest.mark.parametrize(
    "code",
    ["import os; os._exit(3)", "raise SystemExit", "print('no JSON')", "print('[]')", "print('{}')",
     "print('9' * 9999)", "print('[' * 10**6)", """print('{"refused": "rows", "told": 1}')""",
     """print('{"refused": "rows", "told": {}}')""", """print('{"refused": "nothing known", "told": {}}')""",
     """print('{"encoding": "", "sheets": [["", [["x", ["Name"]]]]]}')"""],
)  # fmt: skip
def test_whatever_becomes_of_it_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    assert "save it as CSV and try again" in told(monkeypatch, code)


def test_where_no_process_can_be_started_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert "save it as CSV and try again" in told(monkeypatch, ANSWER)


def test_who_says_too_much_is_not_listened_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "MOST_ANSWER", 20)
    assert "save it as CSV and try again" in told(monkeypatch, ANSWER)


@posix
def test_it_writes_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write = f"open({str(tmp_path / 'x')!r}, 'wb', buffering=0).write(b'x'); {ANSWER}"
    assert "Anna" in told(monkeypatch, write)
    (tmp_path / "x").unlink()
    assert "could not be read" in told(monkeypatch, f"parser.confine(); {write}")
    assert not (tmp_path / "x").read_bytes()


def test_it_knows_no_secret_and_loads_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONDO_SECRET_KEY", "a secret of the server")
    code = "import os, json; print(json.dumps({'encoding': str([*os.environ.items(), *sys.modules]), 'sheets': []}))"
    monkeypatch.setattr(confined, "READING", START + code)
    known = confined.read_confined(b"")[0]
    assert "PATH" in known
    assert "RONDO" not in known
    assert "python_calamine" in known
    for heavy in ("flask", "sqlalchemy", "babel", "numpy", "pydantic", "inspect", "asyncio"):
        assert f"'{heavy}'" not in known, heavy


def test_who_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "LONGEST", 1.0)
    assert "could not be read within 1 seconds" in told(monkeypatch, "exec('while True: pass')")


def test_others_are_served_while_a_file_is_read(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    began, go_on = tmp_path / "began", tmp_path / "go on"
    start = f"from pathlib import Path; Path({str(began)!r}).touch(); "
    wait = f"{start}next(filter(None, iter(Path({str(go_on)!r}).exists, None)))"
    said: list[str] = []
    reading = threading.Thread(target=lambda: said.append(told(monkeypatch, f"{wait}; {ANSWER}")))
    reading.start()
    while not began.exists():
        assert reading.is_alive()
        time.sleep(0.01)
    answers = {client.get("/").status_code for _ in range(3)}
    assert (answers, reading.is_alive()) == ({200}, True)
    go_on.touch()
    reading.join()
    assert "Anna" in said[0]


MEASURE = """
import base64, json, resource, sys
from webapp.errors import BadInput
from webapp.exchange.spreadsheet import read_sheet
said = []
for content in json.load(sys.stdin):
    try:
        said.append(read_sheet(base64.b64decode(content)).header[0])
    except BadInput as refusal:
        said.append(refusal.sentence)
print(json.dumps([resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, said]))
"""


def read_elsewhere(files: Iterable[bytes]) -> tuple[int, list[str]]:
    """What is said of files, and how much memory the processes that read them held at most, in megabytes."""
    sent = json.dumps([base64.b64encode(content).decode() for content in files])
    run = subprocess.run([sys.executable, "-c", MEASURE], input=sent, capture_output=True, text=True, check=True)
    peak, said = json.loads(run.stdout)
    return peak // (2**20 if sys.platform == "darwin" else 2**10), said


@posix
def test_no_bomb_is_unpacked() -> None:
    bombs = {name: (make(), sentence) for name, (make, sentence) in BAD.items() if "million" in name or "bomb" in name}
    assert len(bombs) >= 8
    peak, said = read_elsewhere(content for content, _sentence in bombs.values())
    for (name, (_content, sentence)), answer in zip(bombs.items(), said, strict=True):
        assert sentence in answer, name
    print(f"{len(bombs)} bombs: the processes that read them held {peak} MB at most")
    assert peak < 200


@posix
def test_a_hundred_megabytes_in_two_stay_there() -> None:
    content = vast()
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        unpacked = sum(part.file_size for part in parts.infolist())
    assert unpacked > 100 * 2**20
    assert len(content) < 2 * 2**20
    peak, said = read_elsewhere([content, belittled(content, 999), belittled(content, 15_000_000)])
    assert ["too large" in said[0], "damaged" in said[1], "damaged" in said[2]] == [True] * 3
    print(f"{unpacked >> 20} MB in {len(content) / 2**20:.1f} MB: the processes that read it held {peak} MB at most")
    assert peak < 200


def test_one_process_opens_workbooks() -> None:
    uses = {named(path): imports_of(path.read_text(encoding="utf-8")) for path in SOURCES if "webapp" in path.parts}
    house = {name: found for name, found in uses.items() if name.startswith("webapp/")}
    assert [name for name, found in house.items() if "python_calamine" in found] == ["webapp/exchange/workbook.py"]
    readers = [name for name, found in house.items() if "webapp.exchange.workbook" in found]
    assert readers == ["webapp/exchange/parser.py"]
    assert not [name for name, found in house.items() if "webapp.exchange.parser" in found]


def test_all_sheets_that_are_shown_come_with_their_names() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.active.title = "People"
        book.active.append(["Name", "Country"])
        book.active.append(["Anna", "SE"])
        book.create_sheet("empty")
        book.create_sheet("hidden").sheet_state = "hidden"
        book.create_sheet("الجدول")["B2"] = "Session"

    people = Sheet(("Name", "Country"), ((2, ("Anna", "SE")),))
    assert read_sheets(workbook(fill)) == (
        ("People", people), ("empty", Sheet((), ())), ("الجدول", Sheet(("", "Session"), ())),
    )  # fmt: skip
    assert read_sheets(b"Name,Country\nAnna,SE\n") == (("", Sheet(people.header, people.rows, "utf-8-sig")),)


def test_a_complaint_says_in_which_sheet() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.active.append(["Name"])
        book.create_sheet("Tables").append(["x"])
        book["Tables"]["C4"] = "y"

    with pytest.raises(BadInput) as refusal:
        read_sheets(workbook(fill))
    assert "Tables\u2069: Row 4, column C" in refusal.value.sentence


def test_a_workbook_within_a_workbook_stays_shut() -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("0.zip", b"\0" * 9_000_000)
    book = workbook(lambda book: [book.active.append([word]) for word in ("Name", "Anna")])
    nested = packed({f"xl/media/{at}.zip": inner.getvalue() for at in range(16)}, like=book)
    assert read_sheet(nested).rows == ((2, ("Anna",)),)
