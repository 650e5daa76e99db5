"""Where people come to hosts: locks that no plan can keep, and people who can visit nobody."""

import pytest

from matcher.errors import NotPossible
from matcher.problem import Host, Lock, Person, Problem, Session
from matcher.refusals import lonely, refuse_locks
from matcher.rules import Admissibility, tables_of_hosts

PEOPLE = (Person("p1", languages=("en",)), Person("p2", languages=("en",)), Person("p3", away=frozenset({1})))
HOSTS = (
    Host("h1", languages=("en",), table="A", places=2),
    Host("h2", languages=("km",), table="B", away=frozenset({1})),
)


def clinic(*locks: Lock, **more: object) -> Problem:
    return Problem(Session(rounds=2, format="clinics"), PEOPLE, hosts=HOSTS, locks=locks, **more)


REFUSED = [
    (clinic(Lock(1, ("p1",), "C")), "'p1' in round 1: no host is at table 'C'; the tables are A, B"),
    (clinic(Lock(1, ("p1",), "B")), "the host 'h2' is away then"),
    (clinic(Lock(1, ("p3",), "A")), "'p3' is away then"),
    (clinic(Lock(2, ("p1", "p2", "p3"), "A")), "'h1' has 2 places and 3 people locked"),
    (clinic(Lock(2, ("p1", "p2", "p3"))), "no host has so many places"),
    (clinic(Lock(1, ("p1",), "A"), Lock(2, ("p1",), "A")), "nobody visits one host twice"),
    (clinic(Lock(1, ("p1",), "A"), Lock(1, ("p1",))), "'p1' has another lock in that round"),
    (clinic(Lock(1, ("p1",), "A"), keep_apart=(("h1", "p1"),)), "kept apart from the host"),
    (clinic(Lock(1, ("p1", "p2")), keep_apart=(("p2", "p1"),)), "the two are kept apart"),
    (clinic(Lock(1, ("p1",), "A"), Lock(1, ("p2",), "A"), keep_apart=(("p2", "p1"),)), "is kept apart from them"),
]


@pytest.mark.parametrize(("problem", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_a_lock_that_no_plan_can_keep_is_named(problem, words):
    with pytest.raises(NotPossible) as refusal:
        refuse_locks(problem)
    assert str(refusal.value).startswith("locks: the lock of 'p")
    assert words in str(refusal.value)


def test_locks_that_can_be_kept_are_not_refused():
    refuse_locks(clinic(Lock(1, ("p1",), "A"), Lock(1, ("p2",), "A"), Lock(2, ("p3",), "B")))


def test_who_can_visit_nobody_is_named_with_the_reason():
    people = (*PEOPLE, Person("p4", languages=("fr",)), Person("p5", limit=0))
    assert lonely(Problem(Session(rounds=2, format="clinics"), people, hosts=HOSTS)) == [
        ("p4", "speaks only fr"),
        ("p5", "has a limit of 0 meetings"),
    ]
    assert lonely(Problem(Session(rounds=2, format="stations"), PEOPLE[:1])) == [("p1", "there are no hosts")]


def test_visits_follow_the_rules_and_hosts_are_ignored_elsewhere():
    problem = clinic(met_before=(("p1", "h1"),))
    assert Admissibility(problem).visits.tolist() == [[False, False], [True, False], [True, True]]
    assert Admissibility(Problem(Session(rounds=2), PEOPLE, hosts=HOSTS)).visits.shape == (3, 0)


def test_hosts_without_a_table_get_one_that_nobody_has():
    hosts = (Host("h1"), Host("h2", table="Bar"), Host("h3"), Host("h4"))
    problem = Problem(Session(rounds=1, format="stations", tables=("Bar", "Bay")), hosts=hosts)
    assert tables_of_hosts(problem) == ("Bay", "Bar", "1", "2")
