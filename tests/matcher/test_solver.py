"""The door to the optimisers: silent, checked, and stopped by a clock only where a deadline says so."""

import ctypes
import os

import numpy as np
import pytest
import scipy.sparse as sp

from matcher.choose.pairs.choice import choose
from matcher.graph import meeting_graph
from matcher.problem import Person, Problem, Session
from matcher.rules import Admissibility
from matcher.solver import NEVER, Deadline, OutOfTime, Programme, decided, linear, silence, whole

TRIANGLE = Programme(
    gain=np.array([3.0, 4.0, 5.0]),
    rows=sp.csr_matrix(np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])),
    low=np.zeros(3),
    high=np.ones(3),
    top=np.ones(3),
)


class Struck(Deadline):
    """A deadline that leaves no moment at all."""

    def __init__(self) -> None:
        super().__init__(lambda: 1.0, 0.0)

    def options(self) -> dict[str, float]:
        return {"time_limit": 0.0}


def print_from_c(text: bytes) -> None:
    ctypes.CDLL(None).puts(text)
    ctypes.CDLL(None).fflush(None)


def test_what_a_library_prints_is_not_heard(capfd: pytest.CaptureFixture[str]) -> None:
    with silence():
        print_from_c(b"from within")
    os.write(1, b"after")
    assert capfd.readouterr().out == "after"


def test_without_silence_it_is_heard(capfd: pytest.CaptureFixture[str]) -> None:
    print_from_c(b"from within")
    assert capfd.readouterr().out == "from within\n"


def test_three_people_in_one_round_halve_in_the_linear_programme_and_pair_up_in_whole_numbers() -> None:
    answer, found = linear(TRIANGLE), whole(TRIANGLE, nodes=10)
    assert answer is not None
    assert found is not None
    assert answer.value == pytest.approx(6.0)
    assert (TRIANGLE.gain @ found.x, found.best) == (5.0, True)


def test_what_does_not_fit_has_no_answer() -> None:
    impossible = Programme(TRIANGLE.gain, TRIANGLE.rows, np.full(3, 2.5), np.full(3, 3.0), np.ones(3))
    assert linear(impossible) is None
    assert whole(impossible, nodes=10) is None
    assert decided(impossible, nodes=10, gap=0.0) == (None, True)


def test_no_answer_is_a_proof_only_where_nothing_fits() -> None:
    found, none = decided(TRIANGLE, nodes=10, gap=0.5)
    assert found is not None
    assert not none
    assert decided(TRIANGLE, nodes=10, gap=0.0, deadline=Struck())[1] is False


@pytest.mark.parametrize(("low", "nothing"), [(0.0, False), (1.0, True)])
def test_where_nothing_is_left_to_decide_the_rows_alone_say_whether_it_fits(low: float, nothing: bool) -> None:
    none = np.zeros(0)
    empty = Programme(gain=none, rows=sp.csr_matrix((1, 0)), low=np.full(1, low), high=np.full(1, 2.0), top=none)
    found, impossible = decided(empty, nodes=10, gap=0.0)
    assert (found is None, impossible) == (nothing, nothing)
    assert found is None or (found.best, found.bound, len(found.x)) == (True, 0.0, 0)


def test_a_deadline_is_told_to_the_solver_and_only_then() -> None:
    assert NEVER.options() == {}
    assert not NEVER.over()
    assert Deadline(lambda: 3.0, 10.0).options() == {"time_limit": 7.0}
    assert Deadline(lambda: 11.0, 10.0).over()
    assert Deadline(lambda: 11.0, 10.0).options()["time_limit"] > 0


def test_where_a_deadline_leaves_no_answer_the_best_pairs_go_first_and_the_bound_still_holds() -> None:
    people = tuple(Person(f"p{at}") for at in range(12))
    benefits = tuple((f"p{one}", f"p{other}", 90 + one * other) for one in range(12) for other in range(one))
    problem = Problem(Session(rounds=3), people, benefits=benefits)
    graph = meeting_graph(problem, Admissibility(problem))
    with pytest.raises(OutOfTime):
        linear(TRIANGLE, deadline=Struck())
    chosen, full = choose(graph, floor=True, deadline=Struck()), choose(graph, floor=True)
    assert len(chosen.pairs) == len(full.pairs) == 18
    assert [10, 11] in chosen.pairs.tolist()
    assert chosen.bound >= full.bound
