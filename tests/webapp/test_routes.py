"""Which door opens to whom: the table decides, looking changes nothing, and what is not for you is not there."""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.webapp.canaries import ROLES, Populated
from tests.webapp.faults import faulty
from tests.webapp.walker import House, plain
from webapp.access import ANYONE, DESK, DOOR, OFFICE, PARTICIPANT, ROUTES, SAFETY, Role
from webapp.signin import guard

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
UNTAKEN = ("PUT", "PATCH", "DELETE")
"""No address takes these, whoever asks; briefly one role asks for each at each address, and the next at the next."""
ALIKE = ("HEAD", "OPTIONS")
"""What the server answers by itself where an address is looked at: briefly asked for in turn as well."""
AS_ROLE = {role: "participant" if role == "another" else role for role in ROLES}
OPEN = {
    "static", "public.welcome", "public.sign_in", "public.link", "public.use_link", "public.staff",
    "public.staff_sign_in", "public.sign_out", "public.language", "public.healthz", "public.robots",
    "public.card", "public.use_card", "public.helper", "public.come_by_code", "public.invited", "public.come_by_link",
    "public.again", "public.exit",
}  # fmt: skip
COUNTERS = {
    "participant": PARTICIPANT,
    "tick": DOOR,
    "facilitator": DESK,
    "keeping": DESK,
    "organiser": OFFICE,
    "safety": SAFETY,
}
DEVICE: dict[str, frozenset[Role]] = {
    "public.devices": DESK | PARTICIPANT | SAFETY,
    "screen.door": DESK | {"anonymous", "screen"},
    "screen.ask": frozenset(("anonymous",)),
    "screen.show": DESK | {"anonymous", "screen"},
    "screen.state": DESK | {"screen"},
}
PLACES = {
    "/me": PARTICIPANT,
    "/tick": DOOR,
    "/desk": DESK,
    "/backup": DESK,
    "/guide.pdf": DESK,
    "/confirm": DESK,
    "/devices": DESK | PARTICIPANT | SAFETY,
    "/office": OFFICE,
    "/safety": SAFETY,
}
UNHEARD_OF = "/nothing-here"


# --- the table -----------------------------------------------------------------------------------------------------


def amiss(app: Flask) -> list[str]:
    """Rules that the table does not know, and lines of the table that lead nowhere."""
    there = {rule.endpoint for rule in app.url_map.iter_rules()}
    return sorted(there ^ ROUTES.keys())


def test_every_route_is_in_the_table_and_nothing_else_is(house: House) -> None:
    assert not amiss(house.app)
    assert all(roles and roles <= ANYONE for roles in ROUTES.values())


def test_a_route_outside_the_table_is_noticed_and_closed_to_everybody(
    populated: Populated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def add(app: Flask) -> None:
        app.add_url_rule("/loose", "loose", lambda: "everything", methods=["GET", "POST"])

    with faulty(populated, tmp_path / "data", monkeypatch, change=add) as house:
        monkeypatch.setitem(ROUTES, "gone", ANYONE)
        assert amiss(house.app) == ["gone", "loose"]
        for role in ROLES:
            answers = [house.get(role, "/loose"), house.send(role, "/loose", [])]
            assert not any("everything" in answer.text for answer in answers)
            assert [a.status_code for a in answers] == ([303, 401] if role == "anonymous" else [404, 404])


def test_the_table_follows_counters_and_addresses(house: House) -> None:
    for rule in house.rules():
        room = rule.endpoint.partition(".")[0]
        expected = DEVICE.get(rule.endpoint) or COUNTERS.get(room, ANYONE if rule.endpoint in OPEN else None)
        assert ROUTES[rule.endpoint] == expected, f"{rule.endpoint} is open to {sorted(ROUTES[rule.endpoint])}"
        place = next((roles for start, roles in PLACES.items() if f"{rule.rule}/".startswith(f"{start}/")), ANYONE)
        assert room == "screen" or place == expected, f"{rule.rule} stands at the wrong counter"


# --- every rule, every method, every role --------------------------------------------------------------------------


def served(house: House, path: str) -> dict[str, Rule]:
    """The rules that serve an address, by method."""
    return {method: rule for method in METHODS if (rule := house.match(path, method))}


def knocks(house: House, within: str = "", *, briefly: bool) -> Iterator[tuple[str, str, str, Rule | None]]:
    """Every address × role × method, and the rule that serves it; briefly what nothing serves is asked for in turn."""
    for at, path in enumerate(house.addresses(within)):
        rules = served(house, path)
        for method in METHODS:
            rule = rules.get(method)
            turn = at + METHODS.index(method)
            in_turn = briefly and (method in ALIKE or (rule is None and method in UNTAKEN))
            for role in (ROLES[turn % len(ROLES)],) if in_turn else ROLES:
                yield method, path, role, rule


def wrong_doors(house: House, within: str = "", *, briefly: bool = False) -> tuple[list[str], int]:
    """Every knock whose answer is not what the table says, and how many there were."""
    wrong: list[str] = []
    nothing = {role: plain(house.get(role, UNHEARD_OF)) for role in ROLES}
    count = 0
    for method, path, role, rule in knocks(house, within, briefly=briefly):
        told = _told(house, role, method, path, rule)
        count += 1
        if not _right(rule, role, method, told, nothing[role]):
            wrong.append(f"{method} {path} as {role}: {told[0]}")
    return wrong, count


def _told(house: House, role: str, method: str, path: str, rule: Rule | None) -> tuple[int, str, str]:
    if method == "POST":
        form = house.form_for(rule) if rule else None
        answer = house.send(role, path, form.filled() if form else [])
        house.restore()
    else:
        answer = house.knock(role, method, path, headers={"X-CSRFToken": house.token(role)})
    return answer.status_code, plain(answer), answer.headers.get("Location", "")


def _right(rule: Rule | None, role: str, method: str, told: tuple[int, str, str], nothing: str) -> bool:
    status, text, led = told
    if rule is None:
        return status == 405
    if AS_ROLE[role] in ROUTES.get(rule.endpoint, ()):
        return status in {200, 303, 409, 422} or (status == 404 and nothing != text and _may_be_empty(role, rule))
    if role == "anonymous":
        return (status, led) == (303, "/") if method in {"GET", "HEAD"} else status == 401
    return status == 404 and (method == "HEAD" or text == nothing)


EMPTY = {"participant.calendar", "participant.visitors", "participant.contact_cards", "participant.contact_lines"}


def _may_be_empty(role: str, rule: Rule) -> bool:
    """Whether somebody may find nothing behind a door of their own: nobody's rounds or visitors are promised."""
    return AS_ROLE[role] == "participant" and rule.endpoint in EMPTY


def test_the_table_alone_decides(house: House) -> None:
    wrong, count = wrong_doors(house, briefly=True)
    print(f"\n{count} knocks at {len(house.rules())} rules, {len(wrong)} wrong answers")
    assert not wrong
    assert count > 2_000


@pytest.mark.long
def test_the_table_alone_decides_at_length(house: House) -> None:
    wrong, count = wrong_doors(house)
    assert not wrong
    assert count == len(house.addresses()) * len(METHODS) * len(ROLES)


def test_what_no_address_takes_is_asked_for_by_everybody_in_turn(house: House) -> None:
    asked = Counter(
        (method, role) for method, _path, role, rule in knocks(house, briefly=True) if method in UNTAKEN and not rule
    )
    assert asked.keys() == {(method, role) for method in UNTAKEN for role in ROLES}
    assert sum(asked.values()) == len(UNTAKEN) * len(house.addresses())


def test_without_the_guard_doors_would_stand_open(
    populated: Populated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def remove(app: Flask) -> None:
        app.before_request_funcs[None].remove(guard)

    with faulty(populated, tmp_path / "data", monkeypatch, change=remove) as house:
        monkeypatch.setitem(ROUTES, "fault.names", OFFICE)
        assert "GET /fault/names as anonymous: 200" in wrong_doors(house, "fault.names")[0]


def test_what_answers_to_a_method_that_nothing_takes_is_noticed(
    populated: Populated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def soften(app: Flask) -> None:
        app.register_error_handler(405, lambda _error: "taken all the same")

    with faulty(populated, tmp_path / "data", monkeypatch, change=soften) as house:
        monkeypatch.setitem(ROUTES, "fault.names", ANYONE)
        wrong, count = wrong_doors(house, "fault.names", briefly=True)
        assert count == 2 * len(ROLES) + len(UNTAKEN) + len(ALIKE)
        assert {line.partition(" ")[0] for line in wrong} == {*UNTAKEN, "POST"}


# --- foreign and missing look the same -----------------------------------------------------------------------------

WAITS = "/office/import/"
"""Files wait here, and one that does is told apart from none by its owner alone: all others read the same sentence."""

MISSING = ("nobody-knows-this", "AAAAAAAAAAAAAAAAAAAAAA", "910001", "1")


def test_what_is_missing_is_not_found_and_what_is_foreign_looks_like_it(house: House) -> None:
    checked = 0
    nothing = {role: plain(house.get(role, UNHEARD_OF)) for role in ROLES}
    no_file = nothing | {"organiser": plain(house.get("organiser", f"{WAITS}unheard-of"))}
    for rule in (rule for rule in house.rules() if rule.arguments and rule.endpoint not in OPEN):
        for path in (path for missing in MISSING for path in house.variants(rule, missing)):
            for role in set(ROLES) - {"anonymous"}:
                answer = house.send(role, path, []) if "GET" not in (rule.methods or ()) else house.get(role, path)
                said = (no_file if rule.rule.startswith(WAITS) else nothing)[role]
                assert (answer.status_code, plain(answer)) == (404, said), f"{rule.methods} {path} as {role}"
                checked += 1
    assert checked >= 50


def test_a_thing_of_another_session_is_not_found(house: House) -> None:
    linked = sorted(
        address for address in house.pages("facilitator") if re.fullmatch(r"/desk/[^/]+/job/[^/]+", address)
    )
    (one, first), (other, second) = [(address.split("/")[2], address.split("/")[4]) for address in linked[:2]]
    nothing = plain(house.get("facilitator", UNHEARD_OF))
    for slug, job in ((one, second), (other, first)):
        looked = house.get("facilitator", f"/desk/{slug}/job/{job}")
        stopped = house.send("facilitator", f"/desk/{slug}/job/{job}/stop", [])
        assert [(a.status_code, plain(a)) for a in (looked, stopped)] == [(404, nothing)] * 2
    assert one != other


# --- looking changes nothing ---------------------------------------------------------------------------------------


def writes_by_looking(house: House, within: str = "") -> list[str]:
    """Every address × role at which GET or HEAD changes a row."""
    found: list[str] = []
    for path in house.addresses(within):
        for role in ROLES:
            for method in ("GET", "HEAD"):
                with house.unchanged(found, f"{method} {path} as {role}"):
                    house.knock(role, method, path)
    return found


def test_looking_changes_nothing(house: House) -> None:
    assert not writes_by_looking(house)


@pytest.mark.long
def test_looking_at_every_linked_page_changes_nothing(house: House) -> None:
    found: list[str] = []
    for role in ROLES:
        with house.unchanged(found, role):
            for address in house.pages(role):
                if address.startswith("/"):
                    house.get(role, address)
    assert not found


def test_looking_at_work_whose_process_is_gone_changes_nothing(house: House) -> None:
    page = next(a for a in house.pages("facilitator") if "/job/" in a and a.startswith("/") and "#" not in a)
    assert "hx-get" in house.get("facilitator", page).text
    with sqlite3.connect(house.file) as rows:
        rows.execute("UPDATE job SET process = NULL, made_at = '2013-06-01 00:00:00.000000'")
    rows.close()
    found: list[str] = []
    with house.unchanged(found, page):
        answer = house.get("facilitator", page)
    assert "interrupted" in answer.text
    assert not found


def test_a_look_that_writes_is_noticed(populated: Populated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with faulty(populated, tmp_path / "data", monkeypatch) as house:
        found = writes_by_looking(house, "fault.write")
        assert found == [
            f"{method} /fault/write as {role}: changed person" for role in ROLES for method in ("GET", "HEAD")
        ]
        assert not writes_by_looking(house, "fault.bare")
