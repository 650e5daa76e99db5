"""Files: what is written is read back, and what cannot be read is refused in one sentence that names the place."""

import json
from datetime import datetime
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.errors import BadFile, BadProblem, MatcherError, NotPossible, UnknownId
from matcher.plan import Meeting, Plan, Quality, Reason, Rest, Unmet
from matcher.problem import KindWish, Person, Problem, Session
from matcher.wire import read_plan, read_problem, write_benefits, write_plan, write_problem
from tests.matcher.problems import problems

SMALL = MappingProxyType(
    {"rondo": 1, "session": {"format": "pairs", "rounds": 3}, "people": [{"id": "p1"}, {"id": "p4"}]}
)
QUALITY = Quality(1, 740, 745, 0.006711, 0.931, 0.942, 0, 0, 0.4)
PLAN = Plan(
    session="speed-dating",
    meetings=(
        Meeting(
            1, "3", ("p1", "p4"), 740, "fr",
            (Reason("offer_meets_need", 600, "law", "p1", "p4"), Reason("wish", 140, None, "p4", "p1")),
            datetime.fromisoformat("2013-06-19T14:00:00+07:00"),
        ),
    ),
    rests=(Rest(1, "p9", "odd_number"),),
    unmet=(Unmet("p1", "p9", "clash"),),
    quality=QUALITY,
    seed=7,
)  # fmt: skip

moments = st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.timezones()) | st.none()
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
shares = st.floats(0, 1)
plans = st.builds(
    Plan,
    session=words,
    meetings=st.lists(
        st.builds(
            Meeting,
            round=st.integers(1, 9),
            table=words,
            people=st.tuples(words, words),
            benefit=st.integers(0, 1000),
            language=words | st.none(),
            reasons=st.lists(st.from_type(Reason), max_size=2).map(tuple),
            starts=st.just(datetime.fromisoformat("2013-06-19T14:00:00+07:00")) | st.none(),
        ),
        max_size=3,
    ).map(tuple),
    rests=st.lists(st.from_type(Rest), max_size=2).map(tuple),
    unmet=st.lists(st.from_type(Unmet), max_size=2).map(tuple),
    quality=st.builds(Quality, gap=shares, lowest_satisfaction=shares, lowest_bound=shares | st.none(), seconds=shares),
)


@given(problems())
def test_a_problem_comes_back_as_it_was(problem):
    text = write_problem(problem)
    assert read_problem(text) == problem
    assert read_problem(text.encode()) == problem
    assert write_problem(read_problem(text)) == text


@given(plans)
def test_a_plan_comes_back_as_it_was(plan):
    text = write_plan(plan)
    assert read_plan(text) == plan
    assert write_plan(read_plan(text.encode())) == text


@given(moments.filter(bool))
def test_a_start_keeps_its_instant(start):
    problem = Problem(Session(rounds=1, start=start))
    assert read_problem(write_problem(problem)).session.start.timestamp() == start.timestamp()


def test_a_plan_file_reads_line_by_line():
    assert write_plan(PLAN).splitlines() == [
        "{",
        '  "rondo": 1,',
        '  "session": "speed-dating",',
        '  "version": 1,',
        '  "seed": 7,',
        '  "meetings": [',
        (
            '    {"round": 1, "table": "3", "people": ["p1", "p4"], "host": null, "benefit": 740, "language": "fr", '
            '"reasons": [{"code": "offer_meets_need", "topic": "law", "from": "p1", "to": "p4", "points": 600}, '
            '{"code": "wish", "from": "p4", "to": "p1", "points": 140}], "starts": "2013-06-19T14:00:00+07:00"}'
        ),
        "  ],",
        '  "rests": [',
        '    {"round": 1, "person": "p9", "code": "odd_number"}',
        "  ],",
        '  "unmet": [',
        '    {"person": "p1", "wish": "p9", "code": "clash"}',
        "  ],",
        (
            '  "quality": {"meetings": 1, "benefit": 740, "bound": 745, "gap": 0.006711, "lowest_satisfaction": 0.931, '
            '"lowest_bound": 0.942, "breaks": 0, "table_changes": 0, "seconds": 0.4}'
        ),
        "}",
    ]


def test_the_smallest_problem_has_the_defaults():
    problem = read_problem('{"rondo": 1, "session": {"format": "pairs", "rounds": 3}}')
    assert problem == Problem(Session(rounds=3))


def test_every_key_of_pairs_is_read():
    text = """{"rondo": 1,
      "session": {"id": "s", "title": "Speed Dating", "format": "pairs", "start": "2013-06-19T14:00:00+07:00",
                  "rounds": 7, "round_minutes": 6, "change_minutes": 2, "tables": ["A1", "A2"]},
      "rules": {"same_organisation": "allow", "shared_language": false, "regions": "mix", "limit": 7},
      "people": [{"id": "p1", "name": "សុខា", "organisation": "o1", "role": "member", "regions": ["africa"],
                  "languages": ["en", "fr"], "offers": ["law"], "seeks": ["radio"], "side": "a", "away": [1, 2],
                  "limit": 5, "wishes": ["p4", {"role": "donor"}], "first_time": true, "seated": true}, {"id": "p4"}],
      "hosts": [], "interpreters": [], "keep_apart": [], "met_before": [["p1", "p4"]],
      "locks": [{"round": 3, "table": "A1", "people": ["p1", "p4"]}], "benefits": [["p1", "p4", 740]]}"""
    problem = read_problem(text)
    assert problem.people[0] == Person(
        "p1", "សុខា", "o1", "member", ("africa",), ("en", "fr"), ("law",), ("radio",), "a", frozenset({1, 2}), 5,
        ("p4", KindWish("role", "donor")), first_time=True, seated=True,
    )  # fmt: skip
    assert problem.session.tables == ("A1", "A2")
    assert problem.locks[0].table == "A1"
    assert problem.benefits == (("p1", "p4", 740),)


def edited(place: list[str | int], value: object) -> str:
    data = json.loads(json.dumps(dict(SMALL)))
    here = data
    for step in place[:-1]:
        here = here.setdefault(step, {}) if isinstance(step, str) else here[step]
    here[place[-1]] = value
    return json.dumps(data)


REFUSED = [
    (["people", 1, "away"], ["x"], "people[1] ('p4').away[0]: 'x' is not a whole number"),
    (["people", 1, "away"], [1.5], "people[1] ('p4').away[0]: 1.5 is not a whole number"),
    (["people", 1, "away"], 3, "people[1] ('p4').away: 3 is not a list"),
    (["people", 1, "away"], [9], "people: away of 'p4': 9 is not a whole number from 1 to 3"),
    (["people", 1, "languges"], [], "people[1] ('p4'): unknown key 'languges'; is 'languages' meant?"),
    (["people", 1, "id"], 4, "people[1].id: 4 is not a text"),
    (["people", 1, "id"], "", "people[1] ('').id: is empty"),
    (["people", 1, "id"], "p1", "people: the id 'p1' stands 2 times"),
    (["people", 1, "seated"], 1, "people[1] ('p4').seated: 1 is neither true nor false"),
    (["people", 1, "limit"], True, "people[1] ('p4').limit: true is not a whole number"),
    (["people", 1, "wishes"], [{"age": "9"}], "people[1] ('p4').wishes[0]: {\"age\": \"9\"} is neither an id nor"),
    (["people", 1, "wishes"], [7], "people[1] ('p4').wishes[0]: 7 is neither an id nor one of"),
    (["people", 1, "wishes"], ["p9"], "people: 'p4' wishes to meet 'p9', who is not in people"),
    (["people", 1], 7, "people[1]: 7 is not an object"),
    (["people", 1], {"name": "Zoë"}, "people[1]: the key 'id' is missing"),
    (["people"], {}, "people: {} is not a list"),
    (["session", "rounds"], 0, "session.rounds: 0 is not a whole number from 1 to 1000"),
    (["session", "rounds"], "7", "session.rounds: '7' is not a whole number"),
    (["session", "rounds"], 10**30, "session.rounds: 1000000000000000000000000000000 is not a whole number from 1"),
    (["session", "format"], "waltz", "session.format: 'waltz' is not a format"),
    (["session", "start"], "tomorrow", "session.start: 'tomorrow' is not a time with its zone"),
    (["session", "start"], "2013-06-19T14:00:00", "session.start: '2013-06-19T14:00:00' is not a time with its zone"),
    (["session", "tables"], [1], "session.tables: [1] is neither a whole number nor a list of table names"),
    (["session", "tables"], 2.5, "session.tables: 2.5 is neither a whole number nor a list"),
    (["session", "size"], "4", "session.size: '4' is not a whole number"),
    (["session", "size"], 1, "session.size: 1 is not a whole number from 2"),
    (["session", "move"], "waltz", "session.move: 'waltz' is not 'each' or 'groups'"),
    (["hosts"], [{"id": "p1"}], "people: the id 'p1' stands 2 times"),
    (["hosts"], [{"id": "h1", "places": 2, "min_places": 3}], "hosts: min_places of 'h1': 3 is not a whole number"),
    (["hosts"], [{"id": "h1", "seats": 3}], "hosts[0] ('h1'): unknown key 'seats'"),
    (["interpreters"], [{"id": "i1", "away": [9]}], "interpreters: away of 'i1': 9 is not a whole number from 1 to 3"),
    (["chosen"], [{"people": ["p1", "p9"]}], "chosen: 'p9' is not in people or hosts"),
    (["chosen"], [{"people": ["p1", "p4"], "rounds": [4]}], "chosen: rounds of p1 and p4: 4 is not a whole number"),
    (["rules", "regions"], "mixed", "rules.regions: 'mixed' is not 'mix', 'same' or 'any'"),
    (["rules", "shared_language"], "yes", "rules.shared_language: 'yes' is neither true nor false"),
    (["keep_apart"], [["p1"]], "keep_apart[0]: [\"p1\"] has too few items"),
    (["keep_apart"], [["p1", "p4", "p4"]], "keep_apart[0]: [\"p1\", \"p4\", \"p4\"] has too many items"),
    (["keep_apart"], [["p1", "p9"]], "keep_apart: 'p9' is not in people"),
    (["locks"], [{"round": 1, "people": [], "tabel": "3"}], "locks[0]: unknown key 'tabel'; is 'table' meant?"),
    (["benefits"], [["p1", "p4", 7.5]], "benefits[0][2]: 7.5 is not a whole number"),
    (["benefits"], [["p1", "p4", 1001]], "benefits of 'p1' and 'p4': 1001 is not a whole number from 0 to 1000"),
    (["rondo"], 2, "rondo: 2 is not a version that can be read; write 1"),
    (["rondo"], True, "rondo: true is not a version"),
    (["rundo"], 1, "unknown key 'rundo'; is 'rondo' meant?"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "value", "words"), REFUSED, ids=[words for *_, words in REFUSED])
def test_what_is_wrong_is_named_with_its_place(place, value, words):
    with pytest.raises(MatcherError) as refusal:
        read_problem(edited(place, value), name="problem.json")
    assert str(refusal.value).startswith(f"problem.json: {words}")
    assert "\n" not in str(refusal.value)


def test_the_unedited_problem_is_read():
    assert len(read_problem(edited(["rondo"], 1)).people) == 2


BROKEN = [
    (b"\xff{}", "is not UTF-8 (byte 0)"),
    (b"", "is not JSON at line 1, column 1"),
    (b'{"rondo": 1,\n "session": }', "is not JSON at line 2, column 13"),
    (b'{"rondo": 1, "rondo": 1}', "the key 'rondo' stands twice"),
    (b'{"rondo": 1, "people": [{"id": "p1", "id": "p2"}]}', "the key 'id' stands twice"),
    (b'{"rondo": NaN}', "NaN is not a number that JSON knows"),
    (b'{"rondo": -Infinity}', "-Infinity is not a number that JSON knows"),
    (b"[" * 100_000, "is nested too deeply"),
    (b'{"rondo": 1, "people": ' + b"[" * 600 + b"]" * 600 + b"}", "is nested too deeply"),
    (b'{"rondo": "\\ud800"}', "lone surrogate"),
    (b'{"rondo": 1, "session": {"format": "pairs", "rounds": 1' + b"0" * 5000 + b"}}", "a number that is too long"),
    (b"[]", "holds [] where an object with the key 'rondo' is expected"),
    (b"null", "holds null where an object"),
    (b"{}", "the key 'rondo' is missing"),
]


@pytest.mark.parametrize(("text", "words"), BROKEN, ids=[words for _, words in BROKEN])
@pytest.mark.parametrize("read", [read_problem, read_plan])
def test_a_broken_file_is_refused(read, text, words):
    with pytest.raises(BadFile) as refusal:
        read(text, name="a.json")
    assert str(refusal.value).startswith("a.json: ")
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_surrogate_in_a_text_is_refused_too():
    with pytest.raises(BadFile, match="lone surrogate"):
        read_problem('{"rondo": "\ud800"}')


def test_a_mark_at_the_beginning_and_escaped_pairs_are_fine():
    text = '\ufeff{"rondo": 1, "session": {"format": "pairs", "rounds": 1}, "people": [{"id": "\\ud83d\\ude00"}]}'
    assert read_problem(text.encode()).people[0].id == "😀"


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode(errors="replace")))
def test_no_bytes_do_more_than_be_refused(noise):
    for read in (read_problem, read_plan):
        with pytest.raises(BadFile):
            read(noise)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
places = st.sampled_from([place for place, _, _ in REFUSED])


@given(places, values)
def test_no_value_anywhere_does_more_than_be_refused(place, value):
    text = edited(place, value)
    try:
        problem = read_problem(text)
    except MatcherError:
        return
    assert read_problem(write_problem(problem)) == problem


def test_refusals_keep_their_kind():
    with pytest.raises(UnknownId):
        read_problem(edited(["keep_apart"], [["p1", "p9"]]))
    with pytest.raises(BadProblem) as refusal:
        read_problem(edited(["keep_apart"], [["p1", "p1"]]))
    assert not isinstance(refusal.value, UnknownId | NotPossible)


PLAN_REFUSED = [
    ({"host": 7}, "plan: meetings[0].host: 7 is not a text"),
    ({"benefit": 7.0}, "plan: meetings[0].benefit: 7.0 is not a whole number"),
    ({"tabel": "3"}, "plan: meetings[0]: unknown key 'tabel'; is 'table' meant?"),
    ({"reasons": [{"code": "luck"}]}, "plan: meetings[0].reasons[0].code: 'luck' is not 'offer_meets_need', 'wish'"),
]


@pytest.mark.parametrize(("change", "words"), PLAN_REFUSED, ids=[words for _, words in PLAN_REFUSED])
def test_a_plan_with_foreign_parts_is_refused(change, words):
    data = json.loads(write_plan(PLAN))
    data["meetings"][0] |= change
    with pytest.raises(BadFile) as refusal:
        read_plan(json.dumps(data))
    assert str(refusal.value).startswith(words)


def test_benefits_stand_one_pair_a_line():
    assert write_benefits([("p1", "p4", 740), ("p1", "p7", 3)]) == '[\n  ["p1", "p4", 740],\n  ["p1", "p7", 3]\n]\n'
    assert json.loads(write_benefits([])) == []
