"""Rivals of every format keep the rules by the referee's word, and none of them is a straw man."""

from dataclasses import replace

import pytest

from matcher import Person, Problem, Session, breaches, solve
from matcher.problem import Chosen, Format, Host, Lock
from matcher.repair.again import repaired
from matcher.repair.changes import Changes
from tests.benchmarks import agreed
from tests.benchmarks.alone import alone
from tests.benchmarks.fairs import Fair, fair
from tests.benchmarks.judging import ENGINE, Result, faults, host_breaks, tried, visited
from tests.benchmarks.problems import Recipe, conference
from tests.benchmarks.rivals import CannotRun
from tests.benchmarks.sections import losses
from tests.benchmarks.sections.cards import widowed
from tests.benchmarks.sections.seats import naive, walks
from tests.benchmarks.visiting import Hall, by_assignment, greedy

FAIRS = [
    Fair("stations", 12, 4, 3, places=(4,), least=2),
    Fair("stations", 23, 4, 4, places=(7,), least=3, away=0.4, seed=1),
    Fair("clinics", 14, 4, 4, places=(1, 2), limit=2, away=0.3),
    Fair("clinics", 30, 5, 6, places=(1, 2, 4), least=1, limit=3, seed=2),
]


def clock() -> float:
    return 0.0


def silent(what: str, seconds: float = 0.0) -> None:
    """Nobody listens."""


@pytest.mark.parametrize("way", [greedy, by_assignment], ids=["greedy", "assignment"])
@pytest.mark.parametrize("recipe", FAIRS, ids=lambda one: f"{one.format}-{one.people}")
def test_planners_of_visits_break_no_rule(recipe: Fair, way) -> None:
    problem = fair(recipe)
    plan = visited(problem, way, 1.0)
    assert breaches(problem, plan) == []
    assert plan.quality.meetings > recipe.rounds


def test_people_kept_apart_sit_with_different_hosts() -> None:
    people = tuple(Person(f"p{number}") for number in range(3))
    hosts = (Host("h1", places=3), Host("h2", places=3))
    worth = (("p0", "h1", 900), ("p1", "h1", 800), ("p2", "h1", 700), ("p1", "h2", 100))
    problem = Problem(Session(1, "stations"), people, hosts=hosts, keep_apart=(("p0", "p1"),), benefits=worth)
    for way in (greedy, by_assignment):
        plan = visited(problem, way, 1.0)
        assert breaches(problem, plan) == []
        assert plan.quality.benefit == 900 + 700 + 100


def test_a_table_with_too_few_people_is_closed_and_they_go_elsewhere() -> None:
    people = tuple(Person(f"p{number}") for number in range(4))
    hosts = (Host("h1", places=4, min_places=2), Host("h2", places=4, min_places=2))
    worth = (*((f"p{number}", "h1", 500) for number in range(4)), ("p3", "h2", 600))
    problem = Problem(Session(1, "stations"), people, hosts=hosts, benefits=worth)
    for way in (greedy, by_assignment):
        plan = visited(problem, way, 1.0)
        assert [(meeting.host, len(meeting.people)) for meeting in plan.meetings] == [("h1", 4)]


def test_assignment_is_better_than_greedy_in_one_round() -> None:
    problem = Problem(
        Session(1, "clinics"),
        (Person("p1"), Person("p2")),
        hosts=(Host("h1"), Host("h2")),
        benefits=(("p1", "h1", 1000), ("p1", "h2", 900), ("p2", "h1", 800)),
    )
    assert visited(problem, greedy, 1.0).quality.meetings == 1
    assert visited(problem, by_assignment, 1.0).quality.benefit == 1700


def test_planners_of_visits_refuse_what_they_do_not_plan() -> None:
    problem = fair(FAIRS[0])
    groups = replace(problem, session=replace(problem.session, move="groups"))
    locked = replace(problem, locks=(Lock(1, ("p1",), "1"),))
    for one in (groups, locked):
        with pytest.raises(CannotRun, match="no locks, no interpreters and no groups"):
            Hall(one)


def test_breaks_of_hosts_are_holes_between_their_meetings() -> None:
    problem = Problem(
        Session(4, "clinics"), (Person("p1"), Person("p2")), hosts=(Host("h1"),), benefits=(("p1", "h1", 5),)
    )
    plan = visited(problem, greedy, 1.0)
    (one,) = plan.meetings
    assert host_breaks(plan) == 0
    assert host_breaks(replace(plan, meetings=(one, replace(one, round=3), replace(one, round=4)))) == 1


# --- repair and tables -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("absent", [1, 2, 5])
@pytest.mark.parametrize("people", [16, 21])
def test_the_simple_repair_keeps_the_rules_and_every_card_that_can_stand(people: int, absent: int) -> None:
    problem = conference(Recipe(people, 4, seed=absent))
    printed = solve(problem, clock=clock)
    changes = Changes(2, absent=tuple(f"p{number}" for number in range(1, absent + 1)))
    now, ours = repaired(problem, printed, changes, clock=clock)
    simple = widowed(problem, printed, changes)
    assert breaches(now, simple) == []
    gone = set(changes.absent)
    whole = [one for one in printed.meetings if one.round == 1 or not gone & {*one.people}]
    seats = {(one.round, one.table, frozenset(one.people)) for one in simple.meetings}
    assert {(one.round, one.table, frozenset(one.people)) for one in whole} <= seats
    widows = {name for one in printed.meetings if one.round > 1 and gone & {*one.people} for name in one.people} - gone
    resting = {rest.person for rest in printed.rests if rest.round > 1}
    assert set(simple.stale or ()) <= widows | resting
    assert sum(one.round > 1 for one in ours.rests) <= sum(one.round > 1 for one in simple.rests)


def test_the_simple_repair_joins_the_widowed_at_the_lower_table() -> None:
    problem = Problem(Session(2), tuple(Person(f"p{number}") for number in range(1, 9)))
    printed = solve(problem, clock=clock)
    second = [one for one in printed.meetings if one.round == 2]
    pairs = [(one, other) for one in second for other in second if one.table < other.table]
    met = {frozenset(one.people) for one in printed.meetings}
    left, right = next((one, other) for one, other in pairs if frozenset((one.people[0], other.people[0])) not in met)
    changes = Changes(2, absent=(left.people[1], right.people[1]))
    simple = widowed(problem, printed, changes)
    joined = {frozenset((left.people[0], right.people[0])): left.table}
    assert {frozenset(one.people): one.table for one in simple.meetings if one.round == 2}.items() >= joined.items()
    assert simple.stale == (right.people[0],)


def test_tables_numbered_naively_are_different_and_never_fewer_changes_than_proven() -> None:
    problem = conference(Recipe(21, 4, away=0.4, seed=3))
    plan = solve(problem, clock=clock)
    found = walks(problem, plan)
    assert found.ours == plan.quality.table_changes
    assert found.least <= found.ours <= found.naive <= found.steps


def test_a_naive_numbering_counts_from_one_in_every_round() -> None:
    from matcher.where.seat import Group

    groups = [Group(0, (2, 3)), Group(0, (0, 1)), Group(1, (0, 2))]
    assert naive(groups) == ["2", "1", "1"]


@pytest.mark.parametrize("kind", losses.FORMATS)
def test_other_formats_lose_people_and_hosts(kind: Format) -> None:
    problem = losses.session_of(kind, 1, small=True)
    assert problem.session.format == kind
    changes = losses.changes_of(problem, 1)
    assert len(changes) == 1 + problem.hosted
    assert all(one.absent or one.lost_hosts for one in changes.values())
    found = losses.lost(problem, next(iter(changes.values())))
    assert found.bound is None or found.bound <= found.stale


# --- agreed meetings -----------------------------------------------------------------------------------------------


def event(rounds: int = 4) -> Problem:
    people = tuple(Person(f"p{number}") for number in range(1, 5))
    pairs = (("p1", "p2"), ("p1", "p3"), ("p3", "p4"))
    return Problem(Session(rounds), people, chosen=tuple(Chosen(pair) for pair in pairs))


def test_the_engine_plans_agreed_meetings_without_a_fault() -> None:
    found = tried(event(), ENGINE, 5.0)
    assert (found.quality.breaks, found.quality.breaks_bound, found.breaches) == (0, 0, ())


def test_planners_of_agreed_meetings_refuse_what_they_do_not_plan() -> None:
    problem = event()
    seated = replace(problem, people=(replace(problem.people[0], seated=True), *problem.people[1:]))
    for one in (seated, replace(problem, chosen=None)):
        with pytest.raises(CannotRun, match="no locks and no seated people"):
            agreed.by_cp_sat(one, 1.0)


# --- what must never be --------------------------------------------------------------------------------------------


def test_contradictions_are_told() -> None:
    ours = tried(event(), ENGINE, 5.0)
    better = replace(ours, quality=replace(ours.quality, breaks=0, breaks_bound=0))
    worse = replace(ours, quality=replace(ours.quality, breaks=2, breaks_bound=2))
    rich = replace(ours, quality=replace(ours.quality, benefit=ours.quality.bound + 1))
    assert faults("x", {ENGINE: ours, "cp-sat": better}) == []
    assert faults("x", {ENGINE: worse, "cp-sat": better}) == ["x, cp-sat: 0 breaks are below the proven bound of 2"]
    assert faults("x", {ENGINE: better, "cp-sat": worse}) == ["x, cp-sat: proves 2 breaks at least, the engine has 0"]
    (sentence,) = faults("x", {ENGINE: ours, "greedy": rich})
    assert sentence.startswith("x, greedy: benefit ")
    assert faults("x", {ENGINE: replace(ours, breaches=("late",))}) == ["x, rondo: late"]
    assert faults("x", {ENGINE: "no plan", "greedy": rich}) == ["x, rondo: no plan"]


def refusing(problem: Problem) -> Result:
    raise CannotRun(f"not {problem.session.rounds} rounds")


def test_work_in_a_process_of_its_own_answers_or_says_why() -> None:
    found = alone(tried, event(), ENGINE, 5.0, what="event", patience=60, tell=silent)
    assert isinstance(found, Result)
    assert found.breaches == ()
    assert alone(refusing, event(4), what="refusal", patience=60, tell=silent) == "not 4 rounds"
