"""`rondo import` and `rondo export`: what is shown first, stored with --yes, and written as files."""

from pathlib import Path

import pytest

from tests.webapp.test_commands import ask, refused, rondo

ROWS = "Number,Name,Organisation,Languages\n900,Mira Vale,Amber Lane Archive,English\n,Otto Lind,,Swedish\n"


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an event and two people in it."""
    from tests.webapp import factories as make
    from webapp.app import create_app
    from webapp.config import from_env
    from webapp.db import db

    folder = tmp_path_factory.mktemp("trade") / "data"
    rondo("staff", "add", "anna", "--role", "organiser", data=folder, typed="correct horse battery\n")
    with create_app(from_env(data=folder)).app_context():
        make.store(
            make.event(), make.session(slug="clinic", format="clinics"), make.person(name="Old One", number="111")
        )
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    return folder


def test_an_import_is_shown_first_and_stored_with_yes(held: Path, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(ROWS, encoding="utf-8")
    told = rondo("import", str(file), "--kind", "people", data=held)
    assert "row 2: new: Mira Vale 900" in told.stdout
    assert told.stdout.endswith("Nothing was stored. Store it with --yes.\n")
    assert len(ask(held, "SELECT 1 FROM person")) == 1
    told = rondo("import", str(file), "--kind", "people", "--yes", data=held)
    assert told.stdout.endswith("2 new, 0 changed, 0 as they are, 0 with something that people saved themselves, "
                                "1 here and not in the file (they stay).\nStored.\n")  # fmt: skip
    again = rondo("import", str(file), "--kind", "people", "--yes", data=held)
    assert "0 new, 0 changed, 2 as they are" in again.stdout
    assert len(ask(held, "SELECT 1 FROM person")) == 3


def test_problems_end_an_import_with_their_places(held: Path, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("Name,Languages\nMira,Frensh\n", encoding="utf-8")
    told = rondo("import", str(file), "--kind", "people", "--yes", data=held)
    assert (told.exit_code, "row 2, column B (Languages)" in told.stdout) == (2, True)
    assert "nothing was stored" in told.stderr


def test_columns_can_be_named(held: Path, tmp_path: Path) -> None:
    file = tmp_path / "hosts.csv"
    file.write_text("Wer,Was\nNadia,Law\n", encoding="utf-8")
    words = ("import", str(file), "--kind", "specialists", "--session", "clinic")
    assert "--column" in refused(rondo(*words, data=held))
    told = rondo(*words, "--column", "Wer=name", "--column", "Was=title", "--yes", data=held)
    assert told.stdout.endswith("Stored.\n")
    assert ask(held, "SELECT name, title FROM host") == [("Nadia", "Law")]
    assert "there is no column" in refused(rondo(*words, "--column", "Wo=name", data=held))
    assert "--session" in refused(rondo("import", str(file), "--kind", "tools", data=held))
    assert "its format is clinics" in refused(
        rondo("import", str(file), "--kind", "tools", "--session", "clinic", data=held)
    )


def test_a_whole_event_goes_to_an_empty_folder(held: Path, tmp_path: Path) -> None:
    out, again, other = tmp_path / "event.xlsx", tmp_path / "again.xlsx", tmp_path / "other"
    assert rondo("export", "event", "--out", str(out), data=held).exit_code == 0
    shown = rondo("import", str(out), "--kind", "event", data=other)
    assert "Nothing was stored" in shown.stdout
    assert "Keep-apart pairs, codes and drafts are in no such file" in shown.stdout
    assert rondo("import", str(out), "--kind", "event", "--yes", data=other).stdout.endswith("Stored.\n")
    assert "\n0 new, 0 changed." in rondo("import", str(out), "--kind", "event", data=other).stdout
    assert rondo("export", "event", "--out", str(again), data=other).exit_code == 0
    assert again.read_bytes() == out.read_bytes()
    assert "written as xlsx" in refused(rondo("export", "event", "--out", str(tmp_path / "e.csv"), data=held))
    for words in (("--session", "clinic"), ("--column", "a=b")):
        assert "do not go" in refused(rondo("import", str(out), "--kind", "event", *words, data=other))
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(out.read_bytes()[:-9])
    assert "damaged" in refused(rondo("import", str(broken), "--kind", "event", data=other))


def test_exports_are_written_by_their_endings(held: Path, tmp_path: Path) -> None:
    out = tmp_path / "people.csv"
    assert rondo("export", "people", "--out", str(out), data=held).stdout.startswith("Written to")
    assert "Old One" in out.read_text(encoding="utf-8-sig")
    for kind, name in (("specialists", "a.xlsx"), ("problem", "a.json")):
        told = rondo("export", kind, "--session", "clinic", "--out", str(tmp_path / name), data=held)
        assert (told.exit_code, told.stderr) in {(0, ""), (2, told.stderr)}
    assert (tmp_path / "a.xlsx").read_bytes().startswith(b"PK")
    assert rondo("export", "programme", "--out", str(tmp_path / "p.ics"), data=held).exit_code == 0
    assert "written as csv or xlsx" in refused(rondo("export", "people", "--out", str(tmp_path / "p.pdf"), data=held))
    assert "--session" in refused(rondo("export", "plan", "--out", str(tmp_path / "p.csv"), data=held))
    told = rondo("export", "plan", "--session", "clinic", "--out", str(tmp_path / "p.csv"), data=held)
    assert "Nothing is published yet" in refused(told)
