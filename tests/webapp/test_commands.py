"""The command line: each command does its work or says in one line what to do instead, with exit status 2."""

import contextlib
import http.client
import io
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pypdf
import pytest
from click.testing import CliRunner, Result

from tests.webapp.once import of_all_workers, once
from webapp.cli import main

PATIENCE = 60
LONG_ENOUGH = "correct horse battery"


DAY = "2099-06-17"


def rondo(*words: str, data: Path | None = None, typed: str = "") -> Result:
    """Run a command as a shell would; nothing but a refusal may end it early."""
    folder = ["--data", str(data)] if data else []
    told = CliRunner().invoke(main, [*words, *folder], input=typed)
    assert told.exception is None or isinstance(told.exception, SystemExit), told.exc_info
    return told


def refused(told: Result) -> str:
    """Return the one line of a refusal."""
    assert (told.exit_code, told.stdout) == (2, ""), told.output
    assert told.stderr.count("\n") == 1
    assert told.stderr.startswith("rondo: ")
    return told.stderr


def ask(data: Path, query: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(data / "rondo.sqlite3")) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the demo in it."""
    shared = of_all_workers(tmp_path_factory, "demo")

    def load(name: str) -> Path:
        told = rondo("demo", "--load-only", "--day", DAY, data=shared / name)
        assert told.exit_code == 0, told.output
        said = "Loaded 213 people, 96 organisations, 14 sessions.\nPlanned and published Speed Dating.\n"
        assert told.stdout == said
        with closing(sqlite3.connect(shared / name / "rondo.sqlite3")) as rows:
            # so that whoever copies the folder needs no journal beside
            assert rows.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
        return shared / name

    return once(shared, ["data"], load)["data"]


@pytest.fixture
def demo(loaded: Path, tmp_path: Path) -> Path:
    """A copy of the demo's data folder."""
    return Path(shutil.copytree(loaded, tmp_path / "data"))


@pytest.fixture
def empty(migrated: Path, tmp_path: Path) -> Path:
    """A data folder whose database holds nothing."""
    return Path(shutil.copytree(migrated, tmp_path / "data"))


def test_loading_the_demo_again_changes_nothing(demo: Path) -> None:
    held = "SELECT (SELECT count(*) FROM person), (SELECT group_concat(version) FROM plan), (SELECT count(*) FROM seat)"
    before = ask(demo, held)
    again = rondo("demo", "--load-only", data=demo)
    assert (again.exit_code, again.output) == (0, "")
    assert ask(demo, held) == before
    assert before[0][:2] == (213, "1")


DAYS = "SELECT starts_on, ends_on, delete_on, (SELECT starts FROM session WHERE slug = 'speed-dating') FROM event"


def test_the_demo_s_days_are_laid_anew_where_that_is_asked_for(demo: Path) -> None:
    told = rondo("demo", "--load-only", "--day", "2031-06-18", data=demo)
    assert told.exit_code == 0, told.output
    assert "Its days have moved" in told.stdout
    assert ask(demo, DAYS) == [("2031-06-16", "2031-06-19", "2031-06-26", "2031-06-18 14:00:00.000000")]
    now = datetime.now(UTC).replace(tzinfo=None)
    assert rondo("demo", "--load-only", "--day", "today", data=demo).exit_code == 0
    begins = datetime.fromisoformat(ask(demo, DAYS)[0][3]) - timedelta(hours=7)
    assert timedelta(minutes=40) <= begins - now < timedelta(minutes=61)


@pytest.mark.parametrize("day", ["tomorrow", "2099-02-30", "9999-12-31", "0001-01-01", "2099-06-17T14:00", ""])
def test_a_day_that_is_none_is_refused(demo: Path, day: str) -> None:
    before = ask(demo, DAYS)
    told = rondo("demo", "--load-only", "--day", day, data=demo)
    assert (told.exit_code, told.stdout) == (2, "")
    assert "neither 'today' nor a day" in told.stderr
    assert ask(demo, DAYS) == before


@pytest.mark.parametrize(
    ("starts", "said"),
    [
        (timedelta(minutes=50), "begins at "),
        (timedelta(minutes=-20), "has begun at "),
        (timedelta(hours=-3), "is over. To have it begin again: rondo demo --day today"),
    ],
)
def test_the_demo_says_when_it_begins(demo: Path, starts: timedelta, said: str) -> None:
    begins = datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=7) + starts
    with closing(sqlite3.connect(demo / "rondo.sqlite3")) as rows, rows:
        rows.execute(
            "UPDATE session SET starts = ?, ends = ? WHERE slug = 'speed-dating'",
            (f"{begins}", f"{begins + timedelta(hours=1)}"),
        )
    with served("demo", demo) as (_port, lines):
        told = next(line for line in lines if line.startswith("Its Speed Dating"))
        assert said in told
        assert f"{begins:%H:%M} on {begins:%A}, {begins.day} " in told
        here = begins - starts
        assert "is over" in told or any(f"clock says {here + timedelta(minutes=1) * at:%H:%M}" in told for at in (0, 1))


def test_a_plan_is_a_draft_until_it_is_published(demo: Path) -> None:
    assert rondo("plan", "speed-dating", "--seed", "3", data=demo).exit_code == 0
    assert ask(demo, "SELECT state, version, seed, made_by FROM plan ORDER BY id") == [
        ("published", 1, 0, "command line"),
        ("draft", None, 3, "command line"),
    ]
    assert rondo("publish", "speed-dating", data=demo).stdout == "Published version B of speed-dating.\n"
    assert ask(demo, "SELECT state, version FROM plan ORDER BY id") == [("replaced", 1), ("published", 2)]
    assert "no draft" in refused(rondo("publish", "speed-dating", data=demo))
    paper = demo.parent / "changed.pdf"
    told = rondo("sheets", "speed-dating", "--changed-since", "a", "--out", str(paper), data=demo)
    assert told.exit_code == 0, told.output
    assert "B replaces A." in pypdf.PdfReader(paper).pages[0].extract_text()
    since_b = ("sheets", "speed-dating", "--changed-since", "B", "--out", str(paper))
    assert "There is no version B before B. Earlier versions: A." in refused(rondo(*since_b, data=demo))


@pytest.mark.parametrize(("kind", "pages"), [("signs", 106), ("tick", None), ("pack", None)])
def test_sheets_are_written_whole(demo: Path, tmp_path: Path, kind: str, pages: int | None) -> None:
    out = tmp_path / "paper.pdf"
    out.write_text("an older file")
    told = rondo("sheets", "speed-dating", "--kind", kind, "--out", str(out), data=demo)
    assert told.exit_code == 0, told.output
    found = len(pypdf.PdfReader(io.BytesIO(out.read_bytes())).pages)
    assert found == pages if pages else found > 1
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["paper.pdf"]


@pytest.mark.parametrize("place", ["missing/paper.pdf", "file/paper.pdf", "x" * 250 + ".pdf"])
def test_sheets_that_cannot_be_written_say_so(demo: Path, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("no folder")
    told = rondo("sheets", "speed-dating", "--kind", "tick", "--out", str(tmp_path / place), data=demo)
    assert "cannot be written" in refused(told)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "file"]


def test_nothing_is_printed_before_it_is_published(demo: Path, tmp_path: Path) -> None:
    out = tmp_path / "paper.pdf"
    told = rondo("sheets", "digital-tools", "--kind", "cards", "--out", str(out), data=demo)
    assert "Nothing is published yet" in refused(told)
    assert not out.exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "--kind pack"),
        (("--kind", "tick", "--changed-since", "A"), "--kind tick"),
        (("--changed-since", "A"), "Version A is the first one"),
        (("--kind", "changed"), "Version A is the first one"),
    ],
)
def test_what_cannot_be_printed_says_why(demo: Path, tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    out = tmp_path / "paper.pdf"
    assert told in refused(rondo("sheets", "speed-dating", *words, "--out", str(out), data=demo))
    assert not out.exists()


@pytest.mark.parametrize("words", [("plan", "none"), ("publish", "none"), ("sheets", "none", "--kind", "tick")])
def test_an_unknown_session_is_refused_with_those_there_are(demo: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    out = ("--out", str(tmp_path / "paper.pdf")) if words[0] == "sheets" else ()
    assert "'none'; there are: general-meeting, " in refused(rondo(*words, *out, data=demo))


def test_a_session_that_cannot_be_planned_says_why(demo: Path) -> None:
    assert "no rounds" in refused(rondo("plan", "closing-concert", data=demo))


def test_accounts_are_added_and_get_new_passwords(empty: Path) -> None:
    assert "/staff" in rondo("staff", "add", " Zoé ", "--role", "organiser", data=empty, typed=LONG_ENOUGH).stdout
    assert ask(empty, "SELECT name, role FROM staff") == [("Zoé", "organiser")]
    twice = rondo("staff", "add", "Zoé", "--role", "organiser", data=empty, typed=LONG_ENOUGH)
    assert "account 'Zoé' already; `rondo staff reset`" in refused(twice)
    before = ask(empty, "SELECT password_hash FROM staff")
    assert rondo("staff", "reset", "Zoe\u0301", data=empty, typed="another long one\r\n").exit_code == 0
    assert ask(empty, "SELECT password_hash FROM staff") != before
    assert "no account 'nobody'; `rondo staff add`" in refused(
        rondo("staff", "reset", "nobody", data=empty, typed=LONG_ENOUGH)
    )


@pytest.mark.parametrize("typed", ["", "\n", "short\n", "x" * 201, "nine\x07bells and more\n"])
def test_a_password_that_could_not_be_used_is_refused(empty: Path, typed: str) -> None:
    assert "password" in refused(rondo("staff", "add", "anna", "--role", "organiser", data=empty, typed=typed))
    assert ask(empty, "SELECT count(*) FROM staff") == [(0,)]


@pytest.mark.parametrize("name", ["", "  ", "--", "x" * 81, "an\u202ena", "an\x00na"])
def test_an_account_that_nobody_could_type_is_refused(empty: Path, name: str) -> None:
    told = rondo("staff", "add", "--role", "organiser", "--data", str(empty), "--", name, typed=LONG_ENOUGH)
    assert (told.exit_code, told.stdout) == (2, "")
    assert "the name is longer" in told.stderr or "a name needs letters or digits" in told.stderr
    assert ask(empty, "SELECT count(*) FROM staff") == [(0,)]


def no_folder(data: Path) -> str:
    data.write_text("a file")
    return "data"


def no_database(data: Path) -> str:
    data.mkdir()
    (data / "rondo.sqlite3").write_text("this is a letter, and long enough to be looked at as if it were a database")
    return "rondo.sqlite3 cannot be used: file is not a database"


def empty_key(data: Path) -> str:
    data.mkdir()
    (data / "secret.key").touch()
    return "secret.key: this is no signing key"


@pytest.mark.parametrize("spoil", [no_folder, no_database, empty_key])
def test_a_data_folder_that_cannot_be_used_is_named(tmp_path: Path, spoil: Callable[[Path], str]) -> None:
    data = tmp_path / "data"
    said = spoil(data)
    assert said in refused(rondo("plan", "speed-dating", data=data))


def test_a_torn_database_is_named(empty: Path) -> None:
    file = empty / "rondo.sqlite3"
    file.write_bytes(file.read_bytes()[:4096] + b"\xaa" * (file.stat().st_size - 4096))
    assert "rondo.sqlite3 cannot be used: " in refused(rondo("plan", "speed-dating", data=empty))


def test_a_database_of_a_later_version_is_left_alone(empty: Path) -> None:
    with contextlib.closing(sqlite3.connect(empty / "rondo.sqlite3")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999_later'")
        connection.commit()
    assert "rondo.sqlite3 was written by another version" in refused(rondo("demo", "--load-only", data=empty))
    assert ask(empty, "SELECT version_num, (SELECT count(*) FROM person) FROM alembic_version") == [("9999_later", 0)]


@pytest.mark.parametrize(
    ("name", "value"), [("RONDO_PROXIES", "9"), ("RONDO_SECRET_KEY", "short"), ("RONDO_HOSTS", " ,")]
)
def test_a_setting_that_does_not_fit_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert f"the setting {name} does not fit" in refused(rondo("plan", "speed-dating", data=tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("port", ["junk", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("PORT", port)
    told = rondo("serve", data=tmp_path)
    assert (told.exit_code, told.stdout) == (2, "")
    assert "'--port'" in told.stderr


@pytest.mark.parametrize("command", [("demo",), ("serve",)])
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_taken_port_is_told_before_anything_is_loaded(tmp_path: Path, command: tuple[str, ...], host: str) -> None:
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as taken:
        port = taken.getsockname()[1]
        told = rondo(*command, "--host", host, "--port", str(port), data=tmp_path)
    other = port + 1 if port < 65535 else port - 1
    assert f"cannot listen on {host}:{port}" in refused(told)
    assert f"--port {other}" in told.stderr
    assert ask(tmp_path, "SELECT count(*) FROM person") == [(0,)]


def test_an_address_that_is_not_here_is_refused(tmp_path: Path) -> None:
    for host in ("192.0.2.1", "not an address", "x" * 70 + ".example"):
        assert "cannot listen on" in refused(rondo("serve", "--host", host, "--port", "9", data=tmp_path))


def test_every_command_has_help_with_an_example() -> None:
    for words in (("demo",), ("serve",), ("plan",), ("publish",), ("sheets",), ("staff", "add"), ("staff", "reset")):
        told = rondo(*words, "--help")
        assert told.exit_code == 0
        assert f"Example: rondo {' '.join(words)}" in told.stdout


@contextmanager
def served(command: str, data: Path, *, host: str = "127.0.0.1", **settings: str) -> Iterator[tuple[int, list[str]]]:
    """Serve in a process of its own, with no other beside unless that is set; the port and the lines it printed."""
    settings = {"RONDO_PROCESSES": "1", **settings}
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as free:
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "webapp.cli", command, "--data", str(data), "--host", host, "--port", str(port)]
    with subprocess.Popen(
        ["env", *(f"{name}={value}" for name, value in settings.items()), *words],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as process:  # fmt: skip
        try:
            lines = []
            for line in process.stdout:
                lines.append(line.rstrip("\n"))
                if "Stop with Ctrl-C" in line:
                    break
            assert "Stop with Ctrl-C" in (lines or [""])[-1], lines
            yield port, lines
        finally:
            process.terminate()


def status(host: str, port: int, path: str, **headers: str) -> int:
    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE)
    try:
        connection.request("GET", path, headers={name.replace("_", "-"): text for name, text in headers.items()})
        return connection.getresponse().status
    finally:
        connection.close()


def test_the_demo_prints_one_link_each_and_serves(demo: Path) -> None:
    with served("demo", demo, RONDO_PROCESSES="2") as (port, lines):
        links = dict(re.fullmatch(r"  (\w+) +(http://\S+)", line).groups() for line in lines if "/in/" in line)
        assert list(links) == ["organiser", "facilitator", "safety", "participant"]
        assert lines[0] == f"Rondo is open at http://127.0.0.1:{port}"
        assert status("127.0.0.1", port, "/healthz") == 200
        for link in links.values():
            assert status("127.0.0.1", port, link.removeprefix(f"http://127.0.0.1:{port}")) == 200


@pytest.mark.parametrize(
    ("host", "name"),
    [
        pytest.param("::1", "localhost", marks=pytest.mark.long),
        ("::", "rondo.example"),
        pytest.param("0.0.0.0", "rondo.example", marks=pytest.mark.long),
    ],
)
def test_what_is_printed_can_be_opened(empty: Path, host: str, name: str) -> None:
    with served("serve", empty, host=host, RONDO_HOSTS="rondo.example,localhost") as (port, lines):
        assert lines == [f"Rondo is open at http://{name}:{port}. Stop with Ctrl-C."]
        near = "::1" if ":" in host else "127.0.0.1"
        assert status(near, port, "/", Host=f"{name}:{port}") == 200
        assert status(near, port, "/", Host=f"evil.example:{port}") == 400


@pytest.mark.parametrize(("proxies", "found"), [("1", (200, 400)), ("0", (400, 200))])
def test_what_a_proxy_says_counts_where_one_is_set(empty: Path, proxies: str, found: tuple[int, int]) -> None:
    with served("serve", empty, RONDO_PROXIES=proxies, RONDO_HOSTS="rondo.example") as (port, _lines):
        assert found == (
            status("127.0.0.1", port, "/", Host="inner.example", X_Forwarded_Host="rondo.example"),
            status("127.0.0.1", port, "/", Host="rondo.example", X_Forwarded_Host="evil.example"),
        )


def test_what_is_far_too_large_is_refused_before_it_is_sent(empty: Path) -> None:
    with served("serve", empty) as (port, _lines):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.putrequest("POST", "/")
        connection.putheader("Content-Length", str(900 * 1024 * 1024))
        connection.endheaders()
        connection.send(urlencode({"code": "1"}).encode())
        begun = time.monotonic()
        assert connection.getresponse().status == 413
        assert time.monotonic() - begun < PATIENCE / 2
        connection.close()
