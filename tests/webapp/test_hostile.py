"""Hostile requests: whatever is sent to whatever address, nothing fails and nothing hangs."""

import json
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.webapp.canaries import Populated
from tests.webapp.faults import faulty
from tests.webapp.nasty import VALUES, Nasty, requests, sample
from tests.webapp.walker import House
from webapp.views.page import LETTER_BOX

SLOWEST = 2.0
ENOUGH, PLENTY, PARTS = 1_000, 20_000, 8


def failures(house: House, hostile: list[Nasty]) -> tuple[Counter[int], list[str]]:
    """Send all; return how often each status came, and what failed or took too long."""
    statuses: Counter[int] = Counter()
    wrong: list[str] = []
    for one in hostile:
        about = (
            f"{one.place}: {one.method} {one.path[:120]} ?{one.query[:120]} {one.body[-120:]!r} {one.environ!r:.150}"
        )
        began = time.process_time()
        try:
            status = one.send(house)
        except Exception as error:
            wrong.append(f"{about}: raised {error!r:.200}")
            continue
        if time.process_time() - began > SLOWEST:
            wrong.append(f"{about}: took {time.process_time() - began:.1f} s")
        statuses[status] += 1
        if status >= 500:
            wrong.append(f"{about}: {status}")
        if one.method == "POST" and status < 400:
            house.restore()
    return statuses, wrong


def told(statuses: Counter[int]) -> str:
    """The counts in one line."""
    return f"{sum(statuses.values())} hostile requests: " + ", ".join(f"{s} × {n}" for s, n in sorted(statuses.items()))


def test_nothing_hostile_makes_it_fail(house: House) -> None:
    statuses, wrong = failures(house, sample(list(requests(house)), ENOUGH, seed=20))
    print(f"\n{told(statuses)}")
    assert not wrong, "\n".join(wrong[:20])
    assert sum(statuses.values()) >= ENOUGH
    assert {200, 303, 400, 404, 405, 413, 422} <= statuses.keys()


def test_a_file_or_json_in_the_place_of_a_form_is_refused(house: House) -> None:
    for rule in (rule for rule in house.rules() if "POST" in (rule.methods or ())):
        role = house.role_for(rule)
        form, held = house.form_for(rule), {"X-CSRFToken": house.token(role)}
        for name in {"code", *(one.name for one in (form.fields if form else ()) if one.name)}:
            part = f'--x\r\nContent-Disposition: form-data; name="{name}"; filename="a"\r\n\r\n1\r\n--x--\r\n'
            for kind, body in (
                ("multipart/form-data; boundary=x", part),
                ("application/json", json.dumps({name: [1]})),
            ):
                answer = house.knock(role, "POST", house.address(rule), body=body.encode(), kind=kind, headers=held)
                taken = rule.endpoint == LETTER_BOX and kind.startswith("multipart")
                assert answer.status_code == (422 if taken else 415), f"{rule.rule} {name}"


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_hostile_makes_it_fail_at_length(house: House, part: int) -> None:
    everything = list(requests(house))[part::PARTS]
    statuses, wrong = failures(house, everything)
    print(f"\n{told(statuses)}")
    assert not wrong, "\n".join(wrong[:40])
    assert sum(statuses.values()) >= PLENTY // PARTS


def test_a_view_that_fails_is_noticed(populated: Populated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with faulty(populated, tmp_path / "data", monkeypatch) as house:
        hostile = [Nasty("number", "path", "anonymous", "GET", f"/fault/number/{value}") for value in VALUES]
        statuses, wrong = failures(house, [one for one in hostile if one.path.rpartition("/")[2]])
        assert len(wrong) == statuses[500] > 50
        assert any("9223372036854775808" in line for line in wrong)
