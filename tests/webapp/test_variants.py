"""Other rules, tried: what is told is what the seats say, and everything else is left alone."""

import re
from dataclasses import replace
from itertools import combinations
from random import Random

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.webapp import factories as make
from tests.webapp.factories import Visitor, untimed
from tests.webapp.test_bridge import BY, open_room
from webapp.bridge import Rules, appraising
from webapp.db import db, transaction
from webapp.models import Host, Meeting, Person, Plan, Session
from webapp.operations.event import programme
from webapp.operations.paper import cards
from webapp.operations.plans import planning, variants

DOOR = "/desk/s"
COLLEAGUES = "People of the same organisation do not meet"
LANGUAGE = "Only people who share a language meet"


@pytest.fixture
def desk(app: Flask, visitor: Visitor) -> FlaskClient:
    """A browser in which a facilitator is signed in."""
    return visitor.staff("facilitator")


def other(session_id: int, **changes: object) -> Rules:
    """The rules of a session, some of them changed."""
    db.session.rollback()
    return replace(Rules.of(db.session.get(Session, session_id)), **changes)


def tried(session_id: int, **changes: object) -> str:
    return variants.try_rules(session_id, other(session_id, **(changes or {"limit": 1})), by=BY)


def room(count: int = 6, **values: object) -> int:
    """A session with a draft and a trial in which everybody has one meeting."""
    session_id, _people = open_room(count, slug="s", title="Meet", **values)
    planning.make_plan(session_id, by=BY)
    tried(session_id)
    return session_id


def mixed_room(format_: str, seed: int) -> int:
    """A session of people of few organisations and languages; some have told neither."""
    chance = Random(seed)
    houses, regions = [make.organisation() for _ in range(3)], [make.region() for _ in range(2)]
    session = make.session(slug="s", format=format_, size=3, tables=make.tables("1", "2", "3", "4", "5"))
    spoken = ((), ("en",), ("en",), ("fr",), ("en", "fr"), ("fr", "km"), ("km",))
    people = [
        make.person(
            organisation=chance.choice([None, *houses]),
            regions=chance.sample(regions, chance.randint(0, 2)),
            languages=chance.choice(spoken),
        )
        for _ in range(chance.randint(8, 11))
    ]
    make.store(make.event(), session, *people)
    if format_ in ("clinics", "stations"):
        own = {"session": session, "places": 1 if format_ == "clinics" else 3}
        make.store(
            *(
                make.host(organisation=house, languages=(code,), **own)
                for house, code in zip(houses, ("en", "fr", "km"), strict=True)
            )
        )
    planning.make_plan(session.id, by=BY)
    return session.id


def company(plan: Plan) -> list[list[Person | Host]]:
    """Who sits at each table; whoever is visited comes last."""
    hosts = {host.public_id: host for host in plan.session.hosts}
    return [
        [*(seat.person for seat in meeting.seats), *([hosts[meeting.host]] if meeting.host else [])]
        for meeting in plan.meetings
    ]


def contacts(table: list[Person | Host]) -> list[tuple[Person | Host, Person | Host]]:
    return [(one, table[-1]) for one in table[:-1]] if isinstance(table[-1], Host) else list(combinations(table, 2))


def speechless(*people: Person | Host) -> bool:
    lists = [codes for one in people if (codes := {row.code for row in one.languages})]
    return len(lists) > 1 and not set.intersection(*lists)


def by_hand(plan: Plan) -> dict[str, int]:
    """What the seats of a plan say, counted without any help of the house."""
    tables = company(plan)
    met = [pair for table in tables for pair in contacts(table)]
    houses = [(one.organisation_id, two.organisation_id) for one, two in met]
    same = {frozenset(map(id, pair)) for pair, (mine, yours) in zip(met, houses, strict=True) if mine and mine == yours}
    seated = {one.id for table in tables for one in table if isinstance(one, Person)}
    groups = [contacts(table) if isinstance(table[-1], Host) else [tuple(table)] for table in tables]
    regions = [
        ({row.id for row in one.regions}, {row.id for row in two.regions})
        for one, two in met
        if isinstance(two, Person)
    ]
    return {
        "contacts": len(met),
        "free": len({rest.person_id for rest in plan.rests}),
        "without": db.session.query(Person).filter(Person.id.not_in(seated)).count(),
        "unshared": sum(any(speechless(*group) for group in groups_of) for groups_of in groups),
        "colleagues": len(same),
        "organisations": sum(mine != yours for mine, yours in houses),
        "regions": sum(bool(mine and yours) and not mine & yours for mine, yours in regions),
    }


WORDS = {
    "contacts": ("Talks", "Visits", "Times two people meet"),
    "free": ("People with a free round",),
    "without": ("People with no talk", "People with no table"),
    "unshared": ("Talks without a shared language", "Tables without a shared language"),
    "colleagues": ("Pairs of colleagues who meet", "Visits within one organisation"),
    "organisations": ("Times two organisations meet",),
    "regions": ("Times two regions meet",),
}


def on_page(page: str) -> dict[str, tuple[int, int]]:
    """The figures of both plans as the page tells them; the words beside must say how they differ."""
    row = (
        r'<tr><th scope="row">([^<]+)</th><td class="number">(\d+)</td><td class="number"><b>(\d+)</b> <small>([^<]+)<'
    )
    figures = {}
    for words, before, after, difference in re.findall(row, page):
        more = int(after) - int(before)
        assert difference == ("the same" if not more else f"{abs(more)} {'more' if more > 0 else 'fewer'}"), words
        code = next((code for code, known in WORDS.items() if words in known), words)
        figures[code] = (int(before), int(after))
    return figures


def sentences(page: str) -> list[str]:
    return [" ".join(one.split()) for one in re.findall(r"<li>((?:Without|With|“).*?)</li>", page, re.DOTALL)]


def amiss(session_id: int, page: str) -> list[str]:
    """Where a page tells something else than the seats say."""
    base, trial = variants.find_base(session_id), variants.find_trial(session_id)
    before, after = by_hand(base), by_hand(trial)
    told = on_page(page)
    return [
        f"{code}: {told.get(code, (0, 0))}, counted {before[code], after[code]}"
        for code in before
        if told.get(code, (0, 0)) != (before[code], after[code])
    ]


@pytest.mark.parametrize("format_", ["pairs", "circles", "clinics", "stations"])
@pytest.mark.parametrize("seed", range(5))
def test_what_is_told_is_what_the_seats_say(desk: FlaskClient, format_: str, seed: int) -> None:
    session_id = mixed_room(format_, seed)
    tried(session_id, same_organisation="allow", shared_language=False)
    page = desk.get(f"{DOOR}/compare").text
    assert amiss(session_id, page) == []
    count = by_hand(variants.find_trial(session_id))
    first, second = sentences(page)
    number = {"same": count["colleagues"], "language": count["unshared"]}
    assert re.match(f"Without “{COLLEAGUES}”: {number['same']} (pairs?|person|people) ", first)
    assert re.match(f"Without “{LANGUAGE}”: {number['language']} (talk|table)s? would be without", second)


def test_a_wrong_count_is_noticed(desk: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    session_id = mixed_room("pairs", 1)
    for name in ("_colleagues", "_unshared"):
        right = getattr(appraising, name)
        monkeypatch.setattr(appraising, name, lambda *what, right=right: right(*what) + 1)
    tried(session_id, same_organisation="allow", shared_language=False)
    assert [one.split(":")[0] for one in amiss(session_id, desk.get(f"{DOOR}/compare").text)] == [
        "unshared",
        "colleagues",
    ]


def test_every_rule_has_its_sentence_both_ways(desk: FlaskClient) -> None:
    session_id = mixed_room("pairs", 2)
    changes = {"same_organisation": "allow", "shared_language": False, "regions": "same", "limit": 2, "floor": False}
    tried(session_id, **changes)
    starts = [one.partition(":")[0] for one in sentences(desk.get(f"{DOOR}/compare").text)]
    assert starts == [
        f"Without “{COLLEAGUES}”", f"Without “{LANGUAGE}”",
        "“Rather people of the same region” in place of “Rather people of different regions”",
        "With at most 2 meetings of one person", "Without “Guard those who would get least”",
    ]  # fmt: skip
    trial, base = variants.find_trial(session_id), variants.find_base(session_id)
    variants.take(session_id, by=BY, trial=trial.public_id, base=base.public_id)
    tried(session_id, same_organisation="apart", shared_language=True, regions="any", limit=None, floor=True)
    page = desk.get(f"{DOOR}/compare").text
    now = by_hand(variants.find_base(session_id))
    first, second, _regions, fourth, fifth = sentences(page)
    assert first == f"With “{COLLEAGUES}”: no colleagues would meet. As it is: {now['colleagues']}."
    assert second == f"With “{LANGUAGE}”: nobody would sit without a shared language. As it is: {now['unshared']}."
    assert fourth.startswith("Without a limit of meetings for one person: ")
    assert fifth.startswith("With “Guard those who would get least”: whoever gets least")
    assert amiss(session_id, page) == []


# --- the draft is left alone ---------------------------------------------------------------------------------------


def contents(public_id: str) -> list[tuple[object, ...]]:
    """Every row of a plan, as it is stored."""
    db.session.rollback()
    mine = "(SELECT id FROM plan WHERE public_id = :which)"
    queries = ["SELECT * FROM plan WHERE public_id = :which"]
    queries += [
        f"SELECT * FROM {table} WHERE plan_id = {mine} ORDER BY 1, 2, 3" for table in ("meeting", "seat", "rest")
    ]
    return [tuple(row) for query in queries for row in db.session.execute(text(query), {"which": public_id})]


def test_trying_leaves_the_draft_and_the_rules_as_they_are(app: Flask) -> None:
    session_id, _people = open_room(6)
    draft = planning.make_plan(session_id, by=BY)
    before, rules = contents(draft), other(session_id)
    for limit in (1, 2):
        public_id = tried(session_id, limit=limit, same_organisation="allow")
        assert variants.find_trial(session_id).public_id == public_id
        assert db.session.query(Plan).count() == 2
        assert (contents(draft), other(session_id)) == (before, rules)
    with transaction() as rows:
        rows.query(Meeting).filter_by(plan_id=planning.find_plan(session_id, "draft").id).first().table = "9Z"
    assert contents(draft) != before


def test_what_is_tried_shows_nowhere_else(desk: FlaskClient, visitor: Visitor) -> None:
    session_id, people = open_room(6, slug="s")
    planning.make_plan(session_id, by=BY)
    planning.publish(session_id, by=BY)
    guest = visitor.participant(db.session.get(Person, people[0]))

    def seen() -> tuple[object, ...]:
        told = cards.cards_of(planning.find_plan(session_id, "published"))
        pages = [
            untimed(one.get(path).text) for one, path in ((guest, "/me"), (desk, "/desk"), (desk, f"{DOOR}/print"))
        ]
        return told, pages, programme.has_draft(db.session.get(Session, session_id))

    before = seen()
    tried(session_id)
    assert seen() == before
    assert desk.get(f"{DOOR}/draft").location == DOOR
    assert desk.get(f"{DOOR}/draft.svg").status_code == 404
    trial, base = variants.find_trial(session_id), variants.find_base(session_id)
    assert base.state == "published"
    variants.take(session_id, by=BY, trial=trial.public_id, base=base.public_id)
    assert seen()[1][1] != before[1][1]
    planning.publish(session_id, by=BY)
    assert all(one != two for one, two in zip(seen()[:2], before[:2], strict=True))
