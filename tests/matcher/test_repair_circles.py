"""Repair of circles: no breach, begun rounds untouched, a table that is one short is still a circle."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

from matcher.benefit import matrix
from matcher.engine import solve
from matcher.errors import BadProblem, NotPossible
from matcher.plan import Plan
from matcher.problem import Lock, Person, Problem, Rules, Session
from matcher.repair.cards import NOWHERE
from matcher.repair.changes import Changes, changed
from matcher.repair.circles.counting import Census
from matcher.repair.circles.peers import peers_of
from matcher.repair.circles.placing import Placed, Placing
from matcher.repair.circles.widening import fewest
from matcher.rules import Admissibility
from matcher.wire import write_plan
from tests.breadth import breadth

from .strategies import sessions
from .test_honesty import solved
from .test_repair import events, faults, repair, seats, timeless

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def circles(number: int = 24, rounds: int = 4, *, size: int = 4, tables: int | None = None, **more: object) -> Problem:
    people = tuple(Person(f"p{at}") for at in range(number))
    return Problem(Session(rounds=rounds, format="circles", size=size, tables=tables), people, **more)


def true(printed: Plan, now: Problem, fresh: Plan, changes: Changes) -> list[str]:
    """What a repaired plan of circles must not have."""
    quality = fresh.quality
    found = faults(printed, now, fresh, changes)
    if quality.repeats is None or quality.repeats_bound is None or quality.repeats_bound > quality.repeats:
        found.append("repeats_bound is above repeats")
    return found


@settings(CALM, max_examples=breadth(50, quick=10))
@given(st.data())
def test_any_circles_are_repaired_without_breach(data: st.DataObject) -> None:
    problem = data.draw(sessions("circles", most=9, rounds=4))
    plan = solved(problem)
    changes = data.draw(events(problem, plan))
    try:
        now, fresh = repair(problem, plan, changes)
    except (NotPossible, BadProblem):
        assert problem.locks or changes.lost_tables
        reject()
    assert not true(plan, now, fresh, changes)
    assert not true(fresh, *repair(now, fresh, Changes(now.session.rounds)), Changes(now.session.rounds))


# --- brute force -------------------------------------------------------------------------------------------------


def partitions(names: list[str]) -> Iterator[list[list[str]]]:
    if not names:
        yield []
        return
    for rest in partitions(names[1:]):
        yield [[names[0]], *rest]
        for at, group in enumerate(rest):
            yield [*rest[:at], [names[0], *group], *rest[at + 1 :]]


class Oracle:
    """All ways to fill the open rounds of a tiny room without seated people; whoever is alone rests."""

    def __init__(self, problem: Problem, plan: Plan, changes: Changes, now: Problem) -> None:
        self.now, self.changes, self.rules = now, changes, Admissibility(now)
        self.said, self.late = seats(plan, changes.from_round), {one.id for one in changes.late}
        self.begun = [one for one in plan.meetings if one.round < changes.from_round]
        tables = problem.session.tables
        given = len(tables) if isinstance(tables, tuple) else tables
        self.most = 99 if given is None else given - len(set(changes.lost_tables))
        self.spoken = {one.id: set(one.languages) for one in now.people}
        self.apart = {frozenset(pair) for pair in (*now.keep_apart, *changes.keep_apart)}

    def plans(self) -> tuple[tuple[int, int], int, int]:
        """The fewest rests and then stale cards; the fewest repeats and the most benefit where as few rest."""
        numbers = range(self.changes.from_round, self.now.session.rounds + 1)
        found: dict[int, tuple[int, int, int]] = {}
        for ways in product(*(self._ways(number) for number in numbers)):
            groups = [group for way, _, _ in ways for group in way]
            if not self._within(groups):
                continue
            rests = sum(idle for _, _, idle in ways)
            repeats, benefit = self._figures(groups)
            stale = min(len(frozenset().union(*some)) for some in product(*(wrong for _, wrong, _ in ways)))
            old = found.get(rests, (10**6, 10**6, -1))
            found[rests] = (min(old[0], stale), min(old[1], repeats), max(old[2], benefit))
        least = min(found)
        return (least, found[least][0]), found[least][1], found[least][2]

    def _within(self, groups: list[frozenset[str]]) -> bool:
        held = Counter(name for one in (*groups, *(set(each.people) for each in self.begun)) for name in one)
        pinned = Counter(name for lock in self.now.locks for name in lock.people)
        caps = {one.id: int(self.rules.caps[row]) for row, one in enumerate(self.now.people)}
        return all(held[name] <= max(caps[name], pinned[name]) for name in caps)

    def _figures(self, groups: list[frozenset[str]]) -> tuple[int, int]:
        times = Counter(frozenset(pair) for pair in {frozenset(pair) for pair in self.now.met_before})
        met = [
            frozenset(two) for one in (*groups, *(each.people for each in self.begun)) for two in combinations(one, 2)
        ]
        times.update(met)
        worth, index = matrix(self.now), self.rules.index
        return (
            sum(count - 1 for count in times.values()),
            sum(int(worth[index[one], index[other]]) for one, other in map(tuple, met)),
        )

    def _ways(self, number: int) -> list[tuple[list[frozenset[str]], set[frozenset[str]], int]]:
        there = [one.id for one in self.now.people if number not in one.away]
        found = []
        for groups in partitions(there):
            tables = [frozenset(group) for group in groups if len(group) > 1]
            if len(tables) <= self.most and self._sized(tables, len(there)) and self._may(tables, number):
                wrong = set(self._wrong(tables, there, number))
                if wrong:
                    found.append((tables, wrong, len(there) - sum(map(len, tables))))
        return found

    def _sized(self, tables: list[frozenset[str]], there: int) -> bool:
        sizes, size = [len(one) for one in tables], self.now.session.size
        if not sizes or max(sizes) - min(sizes) > 1:
            return not sizes
        free = -(-there // (size + 1)) * (size - 1) > there
        return free or size - 1 <= min(sizes) <= max(sizes) <= size + 1

    def _may(self, tables: list[frozenset[str]], number: int) -> bool:
        locks = [lock for lock in self.now.locks if lock.round == number]
        if not all(any(one >= set(lock.people) for one in tables) for lock in locks):
            return False
        for table in tables:
            pardoned = {frozenset(two) for lock in locks for two in combinations(lock.people, 2)}
            for pair in map(frozenset, combinations(table, 2)):
                one, other = pair
                may = self.rules.allowed[self.rules.index[one], self.rules.index[other]]
                if pair in self.apart or not (may or pair in pardoned):
                    return False
            loud = [self.spoken[name] for name in table if self.spoken[name] and not self._excused(name, locks)]
            if self.now.rules.shared_language and loud and not set.intersection(*loud):
                return False
        return True

    def _excused(self, name: str, locks: list[Lock]) -> bool:
        own = [self.spoken[one] for lock in locks if name in lock.people for one in lock.people if self.spoken[one]]
        return bool(own) and not set.intersection(*own)

    def _wrong(self, tables: list[frozenset[str]], there: list[str], number: int) -> Iterator[frozenset[str]]:
        """Whose cards are wrong, for each way to give the tables names that cards say or that are new."""
        named = [
            {lock.table for lock in self.now.locks if lock.round == number and lock.table and set(lock.people) <= one}
            or {f"new {at}", *(self.said[name, number] for name in one if (name, number) in self.said)}
            for at, one in enumerate(tables)
        ]
        for names in product(*named):
            if len(set(names)) == len(names) and not set(names) & set(self.changes.lost_tables):
                sits = {who: name for one, name in zip(tables, names, strict=True) for who in one}
                yield frozenset(
                    who for who in there if who not in self.late and self.said.get((who, number)) != sits.get(who)
                )


@settings(CALM, max_examples=breadth(120, quick=20))
@given(st.data())
def test_no_way_leaves_fewer_rests_or_fewer_stale_cards(data: st.DataObject) -> None:
    problem = data.draw(sessions("circles", most=5, rounds=3))
    problem = replace(problem, people=tuple(replace(one, seated=False) for one in problem.people))
    plan = solved(problem)
    changes = data.draw(events(problem, plan, most=1, least=max(1, problem.session.rounds - 1)))
    changes = replace(changes, late=tuple(replace(one, seated=False) for one in changes.late))
    assume(len(problem.people) + len(changes.late) <= 5)
    try:
        now, fresh = repair(problem, plan, changes)
    except (NotPossible, BadProblem):
        assert problem.locks or changes.lost_tables
        reject()
    (rests, fewest), repeats, benefit = Oracle(problem, plan, changes, now).plans()
    first = changes.from_round
    assert sum(one.round >= first for one in fresh.rests) == rests
    assert len(fresh.stale or ()) == fewest == fresh.quality.stale_bound
    assert (fresh.quality.repeats_bound or 0) <= repeats
    assert fresh.quality.bound >= benefit


@settings(CALM, max_examples=breadth(100, quick=20))
@given(st.data())
def test_what_is_counted_for_large_rooms_is_never_too_much(data: st.DataObject) -> None:
    problem = data.draw(sessions("circles", most=5, rounds=2))
    problem = replace(problem, people=tuple(replace(one, seated=False) for one in problem.people))
    plan = solved(problem)
    changes = data.draw(events(problem, plan, most=1))
    changes = replace(changes, late=tuple(replace(one, seated=False) for one in changes.late))
    assume(0 < len(problem.people) + len(changes.late) <= 5)
    try:
        now = changed(problem, plan, changes)
        peers = peers_of(problem, now, plan, changes)
        place, bound = fewest(peers)
    except (NotPossible, BadProblem):
        assert problem.locks or changes.lost_tables
        reject()
    (rests, stale), _, _ = Oracle(problem, plan, changes, now).plans()
    assert bound <= stale
    assert (peers.there & (place == NOWHERE)).sum() >= rests
    assert Census(peers).least_rests <= rests


# --- what happens at a conference --------------------------------------------------------------------------------


def mended(problem: Problem, changes: Changes) -> tuple[Plan, Plan]:
    plan = solve(problem, clock=timeless)
    now, fresh = repair(problem, plan, changes)
    assert not true(plan, now, fresh, changes)
    return plan, fresh


def test_nothing_happens() -> None:
    plan, fresh = mended(circles(), Changes(2))
    assert (fresh.meetings, fresh.stale, fresh.quality.stale_bound) == (plan.meetings, (), 0)
    assert fresh.quality.repeats == plan.quality.repeats


@pytest.mark.parametrize("number", [24, 160])
def test_an_absence_or_a_late_comer_makes_no_card_stale(number: int) -> None:
    """Tables of four get smaller or larger by one; the large room is counted, the small one solved at once."""
    for changes in (Changes(2, absent=("p0",)), Changes(2, late=(Person("l1"), Person("l2")))):
        plan, fresh = mended(circles(number, 3), changes)
        assert (fresh.stale, fresh.quality.stale_bound) == ((), 0)
        assert not fresh.rests
        assert {one.table for one in fresh.meetings} == {one.table for one in plan.meetings}


@pytest.mark.parametrize("number", [24, 160])
def test_two_absent_from_one_table_cost_one_card(number: int) -> None:
    problem = circles(number, 3)
    gone = next(one.people[:2] for one in solve(problem, clock=timeless).meetings if one.round == 3)
    _, fresh = mended(problem, Changes(2, absent=gone))
    assert len(fresh.stale or ()) == fresh.quality.stale_bound == 1
    assert not fresh.rests


@pytest.mark.parametrize("number", [24, 160])
def test_a_circle_whose_table_is_lost_stays_together(number: int) -> None:
    problem = circles(number, 3)
    plan, fresh = mended(problem, Changes(2, lost_tables=("3",)))
    mine = {name for one in plan.meetings if one.round > 1 and one.table == "3" for name in one.people}
    assert set(fresh.stale or ()) == mine
    assert fresh.quality.stale_bound == len(mine)
    assert {(one.round, one.people) for one in plan.meetings} == {(one.round, one.people) for one in fresh.meetings}


@pytest.mark.parametrize("number", [24, 160])
def test_two_kept_apart_from_now_on_are_parted(number: int) -> None:
    problem = circles(number, 3)
    pair = next(one.people[:2] for one in solve(problem, clock=timeless).meetings if one.round == 3)
    _, fresh = mended(problem, Changes(2, keep_apart=(pair,)))
    assert len(fresh.stale or ()) == fresh.quality.stale_bound == 2


def test_a_lost_table_with_no_other_left_makes_the_fewest_rest() -> None:
    _, fresh = mended(circles(12, 2, size=3, tables=3), Changes(2, lost_tables=("1",)))
    assert len(fresh.rests) == 4
    problem = circles(8, 2, tables=1, size=7)
    with pytest.raises(BadProblem, match="--lost-table: no table would be left"):
        repair(problem, solve(problem, clock=timeless), Changes(2, lost_tables=("1",)))


def test_the_same_repair_twice_gives_the_same_bytes() -> None:
    problem = circles(160, 3, rules=Rules(limit=3), keep_apart=(("p4", "p5"), ("p1", "p9")))
    plan = solve(problem, clock=timeless)
    changes = Changes(2, absent=tuple(f"p{at}" for at in range(20, 40)), late=(Person("l1", limit=1),))
    first, second = (write_plan(repair(problem, plan, changes)[1]) for _ in range(2))
    assert first == second


def test_no_question_is_asked_twice_where_somebody_must_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, bytes]] = []
    fewest_of = Placing.fewest

    def noted(placing: Placing, nodes: int) -> Placed:
        loose = placing.loose
        cards = placing.peers.card.tobytes()
        asked.append((nodes, cards + loose.moves.tobytes() + loose.may.tobytes() + loose.price.tobytes()))
        return fewest_of(placing, nodes)

    people = tuple(Person(f"p{at}", languages=("en", "fr") if at % 5 == 0 else ("efrr"[at % 4],)) for at in range(20))
    problem = Problem(Session(2, "circles", size=5), people)
    plan = solve(problem, clock=timeless)
    first = plan.meetings[0].people
    changes = Changes(1, absent=("p1", "p5"), keep_apart=((first[0], first[1]), (first[0], first[2])))
    now = changed(problem, plan, changes)
    monkeypatch.setattr(Placing, "fewest", noted)
    fewest(peers_of(problem, now, plan, changes))
    assert asked
    assert len(asked) == len(set(asked))
