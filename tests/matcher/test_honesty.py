"""Every format keeps its word: a deadline, the same bytes again, and progress that only goes on."""

import os
import random
import re
import subprocess
import sys
from itertools import count, pairwise
from pathlib import Path

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from matcher.engine import solve
from matcher.errors import NotPossible
from matcher.plan import Plan
from matcher.problem import Chosen, Host, Interpreter, Person, Problem, Rules, Session
from matcher.solver import milp
from matcher.wire import write_plan, write_problem
from tests.breadth import breadth
from tests.matcher.strategies import KINDS, LANGUAGES, sessions

PLAN = """
import sys
from pathlib import Path

from matcher.commands.match import match

folder, salt = sys.argv[1:]
for asked in sorted(Path(folder).glob("problem-*.json")):
    answer = asked.with_name(f"{asked.stem.replace('problem', 'plan')}-{salt}.json")
    match([str(asked), "--out", str(answer), "--seed", "3"], standalone_mode=False)
"""


def room(kind: str, people: int = 24, rounds: int = 5, seed: int = 1) -> Problem:
    """A room of some size, with rules, wishes and absences in it."""
    rng, more = random.Random(seed), KINDS[kind]
    hosted = more["kind"] in ("clinics", "stations")
    ids, ports = [f"p{at}" for at in range(people)], [f"h{at}" for at in range(6)] if hosted else []
    topics = ("law", "radio", "money", "safety")
    pairs = list({tuple(sorted(rng.sample(ids, 2))): None for _ in range(people)})
    return Problem(
        Session(rounds=rounds, format=more["kind"], size=4, move=more.get("move", "each")),
        tuple(
            Person(
                name,
                organisation=rng.choice((None, "o1", "o2")),
                languages=("en", rng.choice(LANGUAGES)) if rng.random() < 0.9 else ("km",),
                offers=tuple(rng.sample(topics, 2)),
                seeks=tuple(rng.sample(topics, 2)),
                away=frozenset({rng.randint(1, rounds)} if rng.random() < 0.1 else ()),
                wishes=tuple(rng.sample([one for one in ports or ids if one != name], 2)),
            )
            for name in ids
        ),
        Rules(limit=3 if more["kind"] == "clinics" else None),
        hosts=tuple(Host(name, topics=(rng.choice(topics),), places=people // 5, languages=("en",)) for name in ports),
        interpreters=(Interpreter("i1", ("en", "km")),) if more.get("helped") else (),
        chosen=tuple(Chosen(pair) for pair in pairs[: people // 3]) if more.get("agreed") else None,
    )


def solved(problem: Problem, **how: object) -> Plan:
    """The plan, which the referee has seen; a problem that no plan can keep is passed over."""
    try:
        return solve(problem, **({"clock": lambda: 0.0} | how))
    except NotPossible:
        reject()


def hurried(problem: Problem, ticks: float) -> Plan:
    """The plan by a clock that ticks whenever it is looked at; once that is over no solver has a moment left."""
    clock = count()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("matcher.solver.LEAST_SECONDS", 0.0)
        return solved(problem, clock=lambda: float(next(clock)), deadline=float(ticks))


def attendance(problem: Problem, plan: Plan) -> list[int]:
    """How many people have at least one, two, three … meetings."""
    held = [sum(person.id in one.people for one in plan.meetings) for person in problem.people]
    return [sum(number >= level for number in held) for level in range(1, problem.session.rounds + 1)]


def likeness(problem: Problem, plan: Plan) -> tuple[list[int], ...]:
    """What bounds are for: these meetings of people, and in circles so many tables in each round."""
    rounds = range(1, problem.session.rounds + 1) if problem.session.format == "circles" else ()
    return attendance(problem, plan), [sum(one.round == number for one in plan.meetings) for number in rounds]


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data(), ticks=st.integers(0, 40))
@settings(max_examples=breadth(25, quick=12), deadline=None)
def test_whenever_the_deadline_strikes_the_plan_is_lawful_and_its_bound_true(kind, data, ticks):
    problem = data.draw(sessions(**KINDS[kind]))
    stopped, unhurried = hurried(problem, ticks), solved(problem)
    if likeness(problem, stopped) == likeness(problem, unhurried):
        assert stopped.quality.bound >= unhurried.quality.benefit


@pytest.mark.parametrize("kind", KINDS)
@given(people=st.integers(7, 16), rounds=st.integers(2, 5), seed=st.integers(0, 99), power=st.floats(0, 9))
@settings(max_examples=breadth(6, quick=2))
def test_in_a_larger_room_too_the_deadline_may_strike_anywhere(kind, people, rounds, seed, power):
    problem = room(kind, people, rounds, seed)
    plan, unhurried = hurried(problem, 2.0**power), solved(problem)
    if likeness(problem, plan) == likeness(problem, unhurried):
        assert plan.quality.bound >= unhurried.quality.benefit


def test_a_small_room_whose_proof_takes_too_long_is_planned_without_it(monkeypatch):
    problem, looked_at = room("stations in groups", 14, 4, 26), []

    def counted(*args, **more):
        result = milp(*args, **more)
        looked_at.append(result.mip_node_count or 0)
        return result

    monkeypatch.setattr("matcher.solver.milp", counted)
    plan = solved(problem)
    assert plan.quality.bound >= plan.quality.benefit
    assert 500 < max(looked_at) < 2_000


@pytest.mark.parametrize("kind", KINDS)
def test_a_room_is_planned_though_the_deadline_is_over_at_once(kind):
    clock, problem = count(), room(kind)
    plan = solve(problem, clock=lambda: float(next(clock)), deadline=0.0)
    assert plan.meetings
    assert plan.quality.bound >= plan.quality.benefit


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=breadth(25, quick=10), deadline=None)
def test_progress_goes_from_the_beginning_to_the_end_and_never_back(kind, data):
    told: list[float] = []
    solved(data.draw(sessions(**KINDS[kind])), progress=lambda fraction, _: told.append(fraction))
    assert told[-1] == 1.0
    assert min(told) >= 0.0
    assert all(before <= after for before, after in pairwise(told))


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data(), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=breadth(15, quick=8), deadline=None)
def test_the_same_problem_and_seed_give_the_same_plan(kind, data, seed):
    problem = data.draw(sessions(**KINDS[kind]))
    assert write_plan(solved(problem, seed=seed)) == write_plan(solved(problem, seed=seed))


def test_two_processes_that_hash_otherwise_write_the_same_bytes(tmp_path):
    for number, kind in enumerate(KINDS):
        asked = room(kind, 16 if kind == "circles" else 24)
        (tmp_path / f"problem-{number}.json").write_text(write_problem(asked), encoding="utf-8")
    one, other = (written(tmp_path, salt) for salt in ("1", "2"))
    for number, kind in enumerate(KINDS):
        assert one[number] == other[number], kind
        assert '"meetings": [\n' in one[number], kind


def written(folder: Path, salt: str) -> list[str]:
    """The texts of all plans but for their seconds, from a process of its own whose sets are in another order."""
    environment = os.environ | {"PYTHONHASHSEED": salt, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", PLAN, str(folder), salt]
    subprocess.run(command, check=True, capture_output=True, env=environment, timeout=120)
    texts = (folder.joinpath(f"plan-{number}-{salt}.json").read_text(encoding="utf-8") for number in range(len(KINDS)))
    return [re.sub(r'"seconds": [\d.]+', "", text) for text in texts]
