"""The plans of a file become published versions again, within a transaction that is open."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session as Rows

from webapp import bridge
from webapp.access import Actor
from webapp.models import Meeting, Person, Plan, Rest, Seat, Session
from webapp.operations.files.event_file import book
from webapp.operations.files.event_file.book import Record, Sheet
from webapp.operations.files.event_file.cells import BETWEEN, HOUSE_OF, listed
from webapp.operations.files.event_file.comparing import Work
from webapp.operations.files.event_file.plans_told import LISTS, MADE_FOR, UNKNOWN, UNMET
from webapp.operations.files.event_file.shelves import Shelves
from webapp.operations.plans import planning
from webapp.operations.plans.presence import expected
from webapp.operations.words.spelling import bare

NOBODY = 0
"""Stands in a reason for somebody who is no more: no row has this number."""

UNTOLD = "not_possible"
"""Why a wish is not granted, where it cannot be worked out: what has most causes."""


def publish_plans(shelves: Shelves, work: Work, *, by: Actor) -> None:
    """Publish each version that is new, as it was; what is told of people one by one is worked out anew."""
    told = {sheet.name: _by_session(sheet, work) for sheet in book.PLANNED}
    made = []
    for slug, (record,) in told["plans"].items():
        values = {one.name: one.kind.value(record[one.name]) for one in book.PLANS.columns}
        case = _Case(shelves, shelves.sessions[slug], {name: rows.get(slug, []) for name, rows in told.items()})
        plan = case.plan(values, by=by.name)
        planning.take_over(shelves.rows, plan, version=values["version"], at=values["published_at"], by=by)
        made.append((case, plan))
    # who is expected in one session depends on the plans of others
    for case, plan in made:
        plan.quality = case.quality(shelves.rows, plan)
    shelves.rows.flush()


def _by_session(sheet: Sheet, work: Work) -> Mapping[str, list[Record]]:
    found: dict[str, list[Record]] = defaultdict(list)
    for step in work.moving(sheet):
        found[step.record["session"]].append(step.record)
    return found


class _Case:
    """One version: all rows of a file that tell of it."""

    def __init__(self, shelves: Shelves, session: Session, told: Mapping[str, list[Record]]) -> None:
        self.shelves, self.session, self.told = shelves, session, told

    def plan(self, values: Mapping[str, Any], *, by: str) -> Plan:
        """Return the version as a draft that is not kept yet."""
        rules = {one.name: values[one.name] for one in book.PLANS.columns if one.holds == book.RULES}
        del rules["fits"]
        there = bool(rules["same_organisation"])
        return Plan(
            session_id=self.session.id,
            made_by=by,
            quality={},
            rules=rules if there else None,
            meetings=self._meetings(),
            rests=[
                Rest(round_no=int(one["round"]), person_id=self._person(one["number"]).id, code=one["code"])
                for one in self.told["rests"]
            ],
            **{name: values[name] for name in ("rounds", "people", "seed", "open_from", "made_at")},
        )

    def _meetings(self) -> list[Meeting]:
        reasons: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
        for one in self.told["reasons"]:
            reasons[one["round"], one["table"]].append((int(one["part"]), one["reasons"]))
        return [
            Meeting(
                round_no=int(one["round"]),
                table=one["table"],
                position=int(one["position"]),
                benefit=int(one["benefit"]),
                language=one["language"] or None,
                host=self._host(one["host"]),
                interpreter=self._voice(one["interpreter"]),
                locked=one["locked"] == "yes",
                reasons=[
                    self._reason(*told)
                    for _part, text in sorted(reasons[one["round"], one["table"]])
                    for told in json.loads(text)
                ],
                seats=[
                    Seat(person_id=self._person(number).id, round_no=int(one["round"]), place=at)
                    for at, number in enumerate(listed(one["people"]))
                ],
            )
            for one in self.told["meetings"]
        ]

    def _person(self, number: str) -> Person:
        return self.shelves.people[number]

    def _host(self, key: str) -> str | None:
        host = self.shelves.hosts.get((self.session.slug, key))
        return host.public_id if host else key or None

    def _voice(self, name: str) -> str | None:
        voice = self.shelves.interpreters.get(bare(name))
        return voice.public_id if voice else name or None

    def _reason(self, code: str, points: int, topic: Any, *people: str | None) -> dict[str, Any]:
        if isinstance(topic, dict):
            house = self.shelves.houses.get(bare(topic[HOUSE_OF]))
            topic = str(house.id) if house else None
        rows = (None if one is None else NOBODY if one == UNKNOWN else self._person(one).id for one in people)
        return {"code": code, "points": points, "topic": topic, **dict(zip(("giver", "taker"), rows, strict=True))}

    def quality(self, rows: Rows, plan: Plan) -> dict[str, Any]:
        """Return the figures of the version: those of the file, and the others worked out anew."""
        fresh = bridge.told_anew(rows, plan, expected(rows, self.session))
        told: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for one in self.told["figures"]:
            told[one["figure"]].append((one["of"], one["value"]))
        if not told:
            return fresh
        numbers = {name: json.loads(of[0][1]) for name, of in told.items() if of[0][1] and name not in LISTS}
        shares = {self._person(number).public_id: 1.0 for number, _value in told[MADE_FOR]}
        own = {name: fresh["shares"].get(name, share) for name, share in shares.items()}
        codes = {(person, host): code for person, host, code in fresh["unmet"]}
        pairs = [(self._person(number).public_id, self._host(key) or "") for number, key in _pairs(told[UNMET])]
        found = fresh | numbers | {
            "shares": own,
            "unmet": [(*pair, codes.get(pair, UNTOLD)) for pair in pairs],
            "lowest_satisfaction": min(own.values(), default=1.0),
            "languages": [(code, json.loads(count)) for code, count in told["languages"]],
            "regions": [(*pair, json.loads(value)) for pair, value in _split(told["regions"])],
            "load": [(self._host(key), *map(int, listed(value))) for key, value in told["load"]],
        }  # fmt: skip
        if found["lowest_bound"] is not None:
            found["lowest_bound"] = max(found["lowest_bound"], found["lowest_satisfaction"])
        return found


def _split(told: Iterable[tuple[str, str]]) -> list[tuple[list[str], str]]:
    return [(of.split(BETWEEN), value) for of, value in told]


def _pairs(told: Iterable[tuple[str, str]]) -> list[list[str]]:
    return [of for of, _value in _split(told)]
