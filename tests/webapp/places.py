"""Reads the house of the crowd place by place: every role, every sheet, every file, and what each tells of whom."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urljoin

from werkzeug.test import TestResponse

from tests.webapp import crowd
from tests.webapp.crowd import GIVEN, OUTSIDER, PEOPLE, SPECIALIST
from tests.webapp.noticing import Told, told_in, told_of_own
from tests.webapp.pages import read_page
from tests.webapp.test_trust import keys_in
from tests.webapp.walker import House, own, queried, text_of
from webapp.db import db
from webapp.policy import Reader, shows

ROLES: dict[str, Reader] = {
    "anonymous": "anybody", "screen": "screen", "helper": "helper", "facilitator": "facilitator",
    "organiser": "organiser", "safety": "safety",
}  # fmt: skip
GUESTS = {"participant": "partner", "specialist": "visited"}
SHEETS = {
    "pairs": ("signs", "wall", "cards", "blanks", "interpreters", "tick", "rounds", "finder"),
    "circles": ("cards",),
    "clinics": ("hosts", "cards", "rounds"),
    "stations": ("signs", "signup", "hosts", "instructions", "cards", "rounds"),
}
CALLED = {"cards": "card"}
LEADS = ("/nothing-here", "/desk/pairs/print/nothing.pdf", "/office/people/nobody", "/me/nothing")
HELD = {"participant.held": "", "participant.held_text": ".txt", "participant.held_json": ".json"}
"""What is told to a person of all that is held of them, on a page and as files."""
EVERYBODY = frozenset(range(PEOPLE))
PRESENTERS = frozenset(range(OUTSIDER + 1, OUTSIDER + 5))

Standing = Mapping[int, set[Reader]]
"""People by their place, with all that they are there."""


@dataclass
class Look:
    """All that was read in one place, with who stands there, and as what: as themselves, or as who is visited."""

    told: Told
    readers: Standing
    hosts: Standing = field(default_factory=dict)
    answers: int = 1


@dataclass
class Matrix:
    """What was read in each place; keys of rows that stand in answers; what each role was answered, headers too."""

    found: Mapping[str, Look]
    keys: list[str]
    walked: Mapping[str, Mapping[str, str]]


# --- walking ---------------------------------------------------------------------------------------------------------


def walk(house: House, role: str) -> dict[str, TestResponse]:
    """Every answer that a role can reach by links, and some refused; sheets and calendars are looked at apart."""
    answers: dict[str, TestResponse] = {}
    seen: Counter[tuple[str, str]] = Counter()
    waiting = deque(rule.rule for rule in house.rules() if not rule.arguments and "GET" in (rule.methods or ()))
    waiting += [*LEADS, f"/in/{house.populated.link}", *_searches(role)]
    while waiting:
        address = waiting.popleft()
        rule = house.match(address)
        kind = (rule.endpoint if rule else address, ",".join(queried(address)))
        most = PEOPLE + 2 if kind[0] in {"organiser.person", "facilitator.guest"} else 4
        if address in answers or kind[0] in {"facilitator.sheet", "participant.calendar", "static", *HELD}:
            continue
        if seen[kind] >= most and "?q=4" not in address:
            continue
        seen[kind] += 1
        answers[address] = answer = house.get(role, address)
        if "Location" in answer.headers:
            waiting.append(own(urljoin(address, answer.headers["Location"]), house.host))
        if answer.mimetype == "text/html":
            waiting += [
                own(urljoin(address, link), house.host)
                for _tag, name, link in read_page(answer.text).links
                if name != "action"
            ]
            if role == "safety" and kind == ("safety.entry", ""):
                waiting += [f"{address}?q={crowd.number(at)}" for at in range(PEOPLE)]
    for method in ("POST", "PUT"):
        answers |= {f"{method} {path}": house.knock(role, method, path) for path in ("/me/profile", "/office", "/in/x")}
    return answers


def _searches(role: str) -> list[str]:
    numbers = [crowd.number(at) for at in range(PEOPLE)]
    if role == "helper":
        return [f"/tick/pairs?q={number}" for number in numbers]
    if role == "facilitator":
        return [f"/desk/pairs/meetings?q={number}&round=1" for number in numbers[5:6]]
    return []


def read(answers: Iterable[TestResponse]) -> Told:
    """What answers tell together."""
    found: Told = set()
    for answer in answers:
        found |= told_in(answer)
    return found


def given_out(house: House, role: str, who: str) -> list[TestResponse]:
    """The pages on which a new way in stands, once."""
    rules = {"facilitator": "facilitator.lost_slip", "organiser": "organiser.issue_code"}
    rule = next((one for one in house.rules() if one.endpoint == rules.get(role)), None)
    if rule is None:
        return []
    path = rule.rule.replace("<string:slug>", "pairs").replace("<string:public_id>", who)
    return [house.send(role, path, [])]


# --- who stands where ----------------------------------------------------------------------------------------------


def of_guest(me: int, role: str, preset: str) -> tuple[Standing, Standing]:
    """What others are to a participant."""
    readers: dict[int, set[Reader]] = {at: {"others"} for at in EVERYBODY}
    hosts: dict[int, set[Reader]] = {at: {"others"} for at in (OUTSIDER, SPECIALIST)}
    readers[me] = {"oneself"}
    for at in crowd.partners(me):
        readers[at].add("partner")
    for at in crowd.visitors(me):
        readers[at].add("visited")
    open_to_all = shows("name", to="visited", preset=preset)
    for at in crowd.exchanged(me) if open_to_all else crowd.exchanged(me) & crowd.partners(me):
        readers[at].add("exchanged")
    for at in crowd.visited(me):
        hosts.setdefault(at, set()).add("visitor")
        if at in readers:
            readers[at].add("visitor")
    if role == "specialist":
        hosts.pop(SPECIALIST)
    return readers, hosts


def looks(house: House, preset: str) -> Matrix:
    """Everything that can be read at the event, place by place."""
    house.restore()
    with house.app.app_context():
        crowd.choose(preset)
        who = str(crowd._rows("SELECT public_id FROM person WHERE id = :id", id=crowd.FIRST_KEY + GIVEN)[0][0])
        own = at_of()
        places = {role: of_guest(at, role, preset) for role, at in own.items()}
        on_sheets = sheets_hold()
        db.session.remove()
    found: dict[str, Look] = {}
    walked = {role: walk(house, role) for role in (*ROLES, *GUESTS)}
    for role, answers in walked.items():
        told = read([*answers.values(), *given_out(house, role, who)])
        if role in GUESTS:
            mine = [answer for path, answer in answers.items() if path.startswith("/me")]
            told |= {(at, what) for answer in mine for at, what in told_in(answer, own[role]) if at == own[role]}
        everybody: Standing = {at: {ROLES[role]} for at in EVERYBODY} if role in ROLES else {}
        hosts: Standing = {at: {ROLES[role]} for at in (*PRESENTERS, OUTSIDER, SPECIALIST)} if role in ROLES else {}
        readers, visited = places.get(role, (everybody, hosts))
        found[role] = Look(told, readers, visited, len(answers))
        if role in GUESTS:
            calendar: Standing = {at: {"calendar"} for at, held in readers.items() if held & {"partner", "visited"}}
            met: Standing = {at: {"calendar"} for at, held in visited.items() if "visitor" in held}
            found[f"held of {role}"] = held_of(house, role, own[role], visited)
            found[f"calendar of {role}"] = Look(told_in(house.get(role, "/me/rounds.ics")), calendar, met)
    found |= {**sheets(house, on_sheets), **files(house, on_sheets)}
    # what was searched for is an event number, which is nobody's key
    every = [pair for held in walked.values() for pair in held.items() if "q=" not in pair[0]]
    keys = [key for address, answer in every for key in keys_in(address, answer)]
    texts = {
        role: {at: f"{text_of(answer)} {answer.headers}" for at, answer in held.items()}
        for role, held in walked.items()
    }
    return Matrix(found, keys, texts)


def held_of(house: House, role: str, me: int, visited: Standing) -> Look:
    """What somebody is told of what is held of them; specialists whom they would like to see are named there."""
    answers = [house.get(role, f"/me/held{ending}") for ending in HELD.values()]
    told = set().union(*(told_in(answer, me) for answer in answers)) | told_of_own(answers[-1].get_json()["held"], me)
    hosts: Standing = {at: {"others"} for at in visited if at != me and at in {who for who, _what in told}}
    return Look(told, {me: {"held"}}, hosts, len(answers))


def at_of() -> dict[str, int]:
    """Whose pages are read."""
    return {"participant": min(crowd.visitors(SPECIALIST)), "specialist": SPECIALIST}


def sheets_hold() -> dict[str, frozenset[int]]:
    """Who stands on sheets that do not hold everybody, and who is visited."""
    nobody: frozenset[int] = frozenset()
    stations = frozenset().union(*(crowd.visitors(at, "stations") for at in PRESENTERS))
    return {
        "hosts of clinics": frozenset(crowd.visitors(SPECIALIST) | crowd.visitors(OUTSIDER)),
        "hosts of stations": stations, "signup of stations": stations,
        "interpreters of pairs": frozenset(crowd.interpreted()), "signs of pairs": nobody, "signs of stations": nobody,
        "instructions of stations": nobody, "blanks of pairs": nobody, "visited": frozenset(crowd.visited()),
    }  # fmt: skip


def sheets(house: House, hold: Mapping[str, frozenset[int]]) -> dict[str, Look]:
    """Every kind of sheet, pressed for the sessions in which it says something of its own."""
    found = {}
    for slug, kinds in SHEETS.items():
        hosts = {"clinics": frozenset((SPECIALIST, OUTSIDER)), "stations": PRESENTERS}.get(slug, frozenset())
        for kind in kinds:
            reader = cast(Reader, CALLED.get(kind, kind))
            sheet = f"{kind} of {slug}"
            there = EVERYBODY - {SPECIALIST} if slug == "clinics" else EVERYBODY
            told = told_in(house.get("facilitator", f"/desk/{slug}/print/{kind}.pdf"))
            seen = hosts & hold["visited"] if kind in ("cards", "rounds") else hosts
            readers = {at: {reader} for at in hold.get(sheet, there)}
            found[f"sheet: {sheet}"] = Look(told, readers, {at: {reader} for at in seen})
    return found


def files(house: House, hold: Mapping[str, frozenset[int]]) -> dict[str, Look]:
    """Every file that an organiser can take out; slips and links last, since they end what was given out before."""
    where = {
        "people": ("/office/files/people.csv", "/office/files/people.xlsx"), "event": ("/office/files/event.xlsx",),
        "plan": tuple(f"/office/files/{slug}/plan.csv" for slug in SHEETS),
        "problem": tuple(f"/office/files/{slug}/{what}.json" for slug in SHEETS for what in ("problem", "plan")),
        "hosts_file": ("/office/files/clinics/hosts.csv", "/office/files/stations/hosts.csv"),
        "numbers": ("/office/export/numbers.csv", "/office/export/numbers.pdf"),
        "programme": ("/office/export/programme.ics",),
        "slip": ("/office/ways-in/slips",), "links": ("/office/ways-in/links",),
    }  # fmt: skip
    hosts = frozenset({*PRESENTERS, SPECIALIST, OUTSIDER})
    found = {}
    for name, addresses in where.items():
        reader = cast(Reader, name)
        answers = [taken(house, address) for address in addresses]
        on_it = {"hosts_file": frozenset((SPECIALIST,))}.get(reader, EVERYBODY)
        # a plan tells of tools, not of who shows them
        seen = (hosts - PRESENTERS) & hold["visited"] if reader == "plan" else hosts
        found[f"file {reader}"] = Look(
            read(answers), {at: {reader} for at in on_it}, {at: {reader} for at in seen}, len(answers)
        )
    return found


def taken(house: House, address: str) -> TestResponse:
    """Take a file out."""
    if "/export/" in address:
        answer = house.get("organiser", address)
    else:
        forms = read_page(house.get("organiser", address).text).forms if "/ways-in/" in address else []
        filled = next((one.filled() for one in forms if one.action == "" and one.method == "POST"), [])
        fields = [(name, "everybody" if name == "whom" else value) for name, value in filled]
        answer = house.send("organiser", address, fields)
    assert answer.status_code == 200, f"{address}: {answer.status_code}"
    return answer
