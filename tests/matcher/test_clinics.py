"""Clinics against brute force on tiny rooms, and by their properties on larger ones."""

import random
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings

from matcher.check import breaches
from matcher.choose.clinics.choice import choose
from matcher.choose.clinics.ground import ground_of
from matcher.choose.clinics.timed import choose_timed
from matcher.engine import solve
from matcher.errors import NotPossible
from matcher.plan import Plan
from matcher.problem import Host, Lock, Person, Problem, Rules, Session
from matcher.rules import Admissibility
from matcher.when.fewest import fewest_breaks
from matcher.when.visits import HOSTS, agenda_of, greedy, timed
from tests.breadth import breadth
from tests.matcher.clinics_oracle import Best, Way, benefit, best_clinic, clinics, counts, first


def still() -> float:
    return 0.0


def ways(problem: Problem, plan: Plan) -> list[Way]:
    """Each person's host in each round."""
    at = {(name, one.round): one.host for one in plan.meetings for name in one.people}
    place = {host.id: number for number, host in enumerate(problem.visited)}
    rounds = range(1, problem.session.rounds + 1)
    return [tuple(place.get(at.get((person.id, when)) or "") for when in rounds) for person in problem.people]


def judged(problem: Problem, plan: Plan) -> Best:
    held = ways(problem, plan)
    return Best(counts(problem, held), benefit(problem, held), first(problem, held))


def as_good_as_brute_force(problem: Problem) -> None:
    best = best_clinic(problem)
    if best is None:
        with pytest.raises(NotPossible, match="locks"):
            solve(problem, clock=still)
        return
    plan = solve(problem, clock=still)
    assert judged(problem, plan) == best
    assert plan.quality.bound == best.benefit
    assert breaches(problem, plan) == []


@settings(max_examples=breadth(150, quick=60), deadline=None)
@given(clinics(people=4, hosts=2, rounds=3))
def test_four_people_are_as_good_as_brute_force(problem: Problem) -> None:
    as_good_as_brute_force(problem)


@settings(max_examples=50, deadline=None)
@given(clinics(people=3, hosts=3, rounds=3))
def test_three_hosts_are_as_good_as_brute_force(problem: Problem) -> None:
    as_good_as_brute_force(problem)


@pytest.mark.long
@settings(max_examples=2000, deadline=None)
@given(clinics(people=5, hosts=2, rounds=3))
def test_many_tiny_rooms_are_as_good_as_brute_force(problem: Problem) -> None:
    as_good_as_brute_force(problem)


def test_brute_force_sees_a_plan_that_is_not_the_best() -> None:
    problem = clinic(2, 1, 1, worth=[[5], [9]])
    best = best_clinic(problem)
    assert best is not None
    plan = solve(clinic(2, 1, 1, worth=[[9], [5]]), clock=still)
    assert judged(problem, plan).benefit < best.benefit


def clinic(people: int, hosts: int, rounds: int, worth: list[list[int]] | None = None, **host: int) -> Problem:
    """So many strangers and hosts; benefits as given, else from a fixed chance."""
    rng = random.Random(people * 100 + hosts)
    names, tables = [f"p{at}" for at in range(people)], [f"h{at}" for at in range(hosts)]
    values = worth or [[rng.choice([0, 100, 400, 900, rng.randint(1, 1000)]) for _ in tables] for _ in names]
    return Problem(
        Session(rounds=rounds, format="clinics"),
        tuple(Person(name) for name in names),
        Rules(limit=3),
        hosts=tuple(Host(name, **host) for name in tables),
        benefits=tuple((p, h, values[i][j]) for (i, p), (j, h) in product(enumerate(names), enumerate(tables))),
    )


def with_absences(problem: Problem, share: float, seed: int) -> Problem:
    rng, rounds = random.Random(seed), range(1, problem.session.rounds + 1)

    def away() -> frozenset[int]:
        return frozenset(when for when in rounds if rng.random() < share)

    people = tuple(replace(one, away=away()) for one in problem.people)
    names = [one.id for one in people]
    apart = tuple((one, other) for one, other in (rng.sample(names, 2) for _ in names))
    hosts = tuple(replace(one, away=away()) for one in problem.hosts)
    return replace(problem, people=people, hosts=hosts, keep_apart=apart)


@pytest.mark.parametrize(
    ("places", "least", "share"), [(1, 1, 0.1), (2, 1, 0.1), (3, 2, 0.1), (4, 3, 0.0), (3, 1, 0.3)]
)
def test_a_room_with_absences_reaches_its_bound(places: int, least: int, share: float) -> None:
    problem = with_absences(clinic(60, 8, 6, places=places, min_places=least), share, places)
    plan = solve(problem, clock=still)
    assert plan.quality.gap == 0
    assert plan.quality.benefit == plan.quality.bound


def test_choosing_with_the_rounds_is_as_good_as_choosing_first() -> None:
    problem = clinic(40, 6, 6, places=2)
    ground = ground_of(problem, Admissibility(problem))
    choice = choose(ground)
    assert choice is not None
    visits, whole = timed(ground, choice.visits, random.Random(0))
    found = choose_timed(ground, choice, None)
    assert found is not None
    assert visits is not None
    assert whole
    assert len(found.visits) == len(visits)
    assert ground.worth[found.visits[:, 0], found.visits[:, 1]].sum() == choice.benefit == found.bound


def test_first_timers_go_first_between_equals_then_small_organisations() -> None:
    problem = clinic(4, 1, 1, worth=[[500]] * 4)
    people = [replace(one, organisation="large") for one in problem.people]
    for newcomer in range(4):
        new = tuple(replace(one, first_time=at == newcomer) for at, one in enumerate(people))
        plan = solve(replace(problem, people=new), clock=still)
        assert plan.meetings[0].people == (f"p{newcomer}",)
        alone = tuple(
            replace(one, organisation="small" if at == newcomer else "large") for at, one in enumerate(people)
        )
        plan = solve(replace(problem, people=alone), clock=still)
        assert plan.meetings[0].people == (f"p{newcomer}",)


def test_going_first_costs_no_benefit() -> None:
    problem = clinic(2, 1, 1, worth=[[500], [501]])
    people = (replace(problem.people[0], first_time=True), problem.people[1])
    assert solve(replace(problem, people=people), clock=still).meetings[0].people == ("p1",)


def test_nobody_waits_alone_where_two_are_needed() -> None:
    problem = clinic(3, 1, 2, worth=[[9], [8], [7]], places=2, min_places=2)
    plan = solve(problem, clock=still)
    assert [meeting.people for meeting in plan.meetings] == [("p0", "p1")]
    freer = clinic(3, 1, 2, worth=[[9], [8], [7]], places=2)
    assert solve(freer, clock=still).quality.benefit == 24


def test_people_kept_apart_never_sit_with_one_host_at_a_time() -> None:
    problem = replace(clinic(2, 1, 2, worth=[[9], [8]], places=2), keep_apart=(("p0", "p1"),))
    assert [meeting.people for meeting in solve(problem, clock=still).meetings] in (
        [("p0",), ("p1",)],
        [("p1",), ("p0",)],
    )
    together = solve(replace(problem, keep_apart=()), clock=still)
    assert sum(len(meeting.people) for meeting in together.meetings) == 2


@pytest.mark.parametrize("table", ["T", None])
def test_locks_stand_against_organisation_limit_and_lack_of_benefit(table: str | None) -> None:
    people = (Person("p0", organisation="one", limit=0), Person("p1"))
    hosts = (Host("h0", organisation="one", table="T", places=2),)
    problem = Problem(Session(rounds=2, format="clinics"), people, hosts=hosts, benefits=(("p1", "h0", 5),))
    plan = solve(replace(problem, locks=(Lock(2, ("p0",), table),)), clock=still)
    assert [meeting.round for meeting in plan.meetings if "p0" in meeting.people] == [2]
    assert plan.quality.benefit == 5
    assert not any("p0" in meeting.people for meeting in solve(problem, clock=still).meetings)


def test_whoever_a_lock_puts_together_comes_together() -> None:
    problem = clinic(6, 3, 2, places=2)
    plan = solve(replace(problem, locks=(Lock(1, ("p0", "p5")),)), clock=still)
    assert any(meeting.round == 1 and {"p0", "p5"} <= {*meeting.people} for meeting in plan.meetings)


def test_locks_that_no_plan_keeps_are_refused() -> None:
    problem = clinic(3, 1, 1, places=2)
    locks = (Lock(1, ("p0", "p1")), Lock(1, ("p2",)))
    with pytest.raises(NotPossible, match="locks: no plan was found that keeps all of them"):
        solve(replace(problem, locks=locks), clock=still)


def test_hosts_have_no_breaks_that_nobody_needs() -> None:
    problem = clinic(24, 6, 8, places=2)
    plan = solve(problem, clock=still)
    hours = {host.id: sorted(m.round for m in plan.meetings if m.host == host.id) for host in problem.hosts}
    assert all(rounds == list(range(rounds[0], rounds[-1] + 1)) for rounds in hours.values() if rounds)
    assert plan.quality.breaks_bound is not None
    assert plan.quality.breaks >= plan.quality.breaks_bound


def test_an_absence_within_the_day_is_a_break_that_is_proven() -> None:
    problem = clinic(4, 1, 5, worth=[[9]] * 4)
    host = replace(problem.hosts[0], away=frozenset({3}))
    ground = ground_of(replace(problem, hosts=(host,)), Admissibility(replace(problem, hosts=(host,))))
    visits, whole = timed(ground, choose(ground).visits, random.Random(0))
    assert whole
    agenda = agenda_of(ground, visits)
    assert fewest_breaks(agenda)[HOSTS] == 1


def test_the_same_seed_gives_the_same_plan_and_another_decides_ties_anew() -> None:
    problem = clinic(12, 2, 2, worth=[[5, 5]] * 12)
    plans = [solve(problem, seed=seed, clock=still) for seed in (3, 3, 4, 5, 6)]
    assert plans[0] == plans[1]
    assert len({tuple(one.people for one in plan.meetings) for plan in plans}) > 1
    assert len({plan.quality.benefit for plan in plans}) == 1


@pytest.mark.parametrize("least", [1, 2])
def test_a_deadline_gives_a_lawful_plan_with_its_bound(least: int) -> None:
    ticks = iter(range(10**6))
    problem = with_absences(clinic(40, 6, 6, places=3, min_places=least), 0.1, 1)
    plan = solve(problem, deadline=0.5, clock=lambda: float(next(ticks)))
    assert breaches(problem, plan) == []
    assert plan.quality.bound >= solve(problem, clock=still).quality.benefit >= plan.quality.benefit


@settings(max_examples=60, deadline=None)
@given(clinics(people=5, hosts=3, rounds=3))
def test_the_plan_at_once_is_lawful(problem: Problem) -> None:
    ground = ground_of(problem, Admissibility(problem))
    found = None if ground.stuck else greedy(ground, random.Random(0))
    if found is None:
        assert problem.locks
        return
    assert ground.open[tuple(found.T)].all()
    assert ground.must[found[:, 0], found[:, 2]].sum() == ground.must.sum()


@pytest.mark.parametrize(("people", "hosts"), [(0, 0), (0, 2), (2, 0), (1, 1)])
def test_empty_rooms(people: int, hosts: int) -> None:
    problem = clinic(people, hosts, 2, worth=[[7] * hosts] * people)
    assert solve(problem, clock=still).quality.benefit == 7 * min(people, hosts)
