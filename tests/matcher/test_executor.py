"""Work may be done elsewhere: on a local Dask cluster of two processes the plans are the same."""

import os
from collections.abc import Iterator
from concurrent.futures import Executor

import pytest
from distributed import Client, LocalCluster

from matcher import engine
from matcher.engine import solve
from matcher.several import solve_all
from tests.benchmarks.problems import Recipe, conference
from tests.matcher.test_several import halls, still


@pytest.fixture(scope="module")
def cluster() -> Iterator[Executor]:
    """Two processes on this machine, reachable from nowhere else."""
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
        ) as local,
        Client(local) as client,
    ):
        yield client.get_executor()


def test_the_processes_are_others(cluster: Executor) -> None:
    assert os.getpid() not in set(cluster.map(_process, range(4)))


def _process(_task: int) -> int:
    return os.getpid()


def test_sessions_planned_on_a_cluster_are_the_same(cluster: Executor) -> None:
    assert solve_all(halls(), clock=still, executor=cluster) == solve_all(halls(), clock=still)


def test_prices_proved_on_a_cluster_are_the_same(cluster: Executor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MANY", 300)
    problem = conference(Recipe(people=600, rounds=4, given=False))
    sent: list[int] = []

    class Counting(Executor):
        def map(self, work, *tasks, **more):
            sent.append(len(blocks := list(*tasks)))
            return cluster.map(work, blocks, **more)

    assert solve(problem, clock=still, executor=Counting()) == solve(problem, clock=still)
    assert set(sent) == {3}
