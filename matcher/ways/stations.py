"""Speed Dating: Digital Tools. People go round the hosts' tables, on paths of their own or in fixed groups."""

import random
from dataclasses import replace

import numpy as np

from matcher.answer import Outcome, Sitting
from matcher.choose.groups.choice import choose_groups
from matcher.choose.stations.choice import Visits, bound_with, choose, lowest_bound
from matcher.choose.stations.graph import Bools, VisitGraph, relaxed, visit_graph
from matcher.choose.stations.timed import choose_timed
from matcher.effort import Effort
from matcher.errors import NotPossible
from matcher.problem import Problem
from matcher.rules import Admissibility, tables_of_hosts
from matcher.when.enriching import enrich
from matcher.when.lifting import ENOUGH, lifted
from matcher.when.settle import Settled, at_ease, settle
from matcher.when.tour import NOWHERE, Tour

NEARLY = 1e-9
FLOOR = 0.99


def stations(problem: Problem, admissible: Admissibility, effort: Effort) -> Outcome:
    """Plan visits to hosts, several people at a table.

    Raises
    ------
    NotPossible
        No host can take the people of a lock, a lock leaves its host with too few, or groups cannot keep it.
    """
    if not problem.people or not problem.visited:
        return Outcome((), 0, 1.0)
    graph = visit_graph(problem, admissible)
    loose = relaxed(problem, admissible, graph)
    effort.tell(0.05, "choose")
    if problem.session.move == "groups":
        return _in_groups(problem, graph, loose, effort)
    chosen = choose(graph, floor=effort.floor, closing=_closing(graph), deadline=effort.deadline)
    effort.tell(0.5, "rounds")
    rng = random.Random(effort.seed)  # noqa: S311 - chance that can be repeated, no secret
    settled = at_ease(_settled(graph, chosen, effort), rng, effort.deadline)
    effort.tell(0.8, "seat")
    tour = settled.tour
    _refuse_few(problem, tour)
    bound, top = _proven(loose, tour, chosen, effort)
    if settled.best is not None and loose is graph:
        bound = min(bound, settled.best)
    return Outcome(sittings(problem, tour), bound, top, breaks_bound=settled.breaks)


def _closing(graph: VisitGraph) -> bool:
    """Whether some host may have to do without visits in some rounds, because it needs several people in each."""
    return bool((graph.fewest > 1).any())


def _settled(graph: VisitGraph, chosen: Visits, effort: Effort) -> Settled:
    """Time what was chosen; where that costs something, also what is chosen otherwise, and keep the best.

    Hosts who need several people can make rounds of a choice impossible, and what mends them knows no floor. So the
    worst-off are raised again at the end.
    """

    def timed(table: Bools) -> Settled:
        rng = random.Random(effort.seed)  # noqa: S311 - as above
        return settle(graph, table, rng, floor=effort.floor, deadline=effort.deadline)

    first = timed(chosen.table)
    if effort.deadline.over() or _as_chosen(first, chosen, effort):
        return first
    found, table = [first], None
    if not np.array_equal(first.tour.counts(), chosen.counts) and not _closing(graph):
        table = choose_timed(graph, chosen.counts, effort.deadline)
        found += [] if table is None else [timed(table)]
    if _closing(graph):
        found.append(timed(choose(graph, floor=effort.floor, deadline=effort.deadline).table))
    if effort.floor and table is None:
        found.append(timed(choose(graph, floor=False, closing=_closing(graph), deadline=effort.deadline).table))
    enough = ENOUGH * chosen.top if effort.floor and chosen.top is not None else 0.0
    for one in found:
        enrich(one.tour, max(enough, _lowest(one)), effort.deadline)
    least = FLOOR * max(int(one.tour.gained().sum()) for one in found)

    def rank(one: Settled) -> tuple[list[int], bool, float, int]:
        gained = int(one.tour.gained().sum())
        return one.tour.counts().tolist(), gained >= least, min(_lowest(one), enough), gained

    if enough and chosen.top is not None and not effort.deadline.over():
        richest = max(found, key=lambda one: (one.tour.counts().tolist(), int(one.tour.gained().sum())))
        rng = random.Random(effort.seed)  # noqa: S311 - as above
        tour = lifted(richest.tour, rng, top=chosen.top, least=least, deadline=effort.deadline)
        found += [] if tour is richest.tour else [replace(richest, tour=tour)]
    return max(found, key=rank)


def _as_chosen(settled: Settled, chosen: Visits, effort: Effort) -> bool:
    """Whether nothing was lost on the way to rounds: the worst-off, visits, and where hosts may close, benefit."""
    tour, graph = settled.tour, settled.tour.graph
    gained = graph.gained + (graph.benefit * chosen.table).sum(1)
    if effort.floor and _lowest(settled) < graph.share(gained).min(initial=1.0) - NEARLY:
        return False
    same = np.array_equal(tour.counts(), chosen.counts)
    return same and (not _closing(graph) or int(tour.gained().sum()) >= int(gained.sum()))


def _lowest(settled: Settled) -> float:
    tour = settled.tour
    return float(tour.graph.share(tour.gained()).min(initial=1.0))


def _in_groups(problem: Problem, graph: VisitGraph, loose: VisitGraph, effort: Effort) -> Outcome:
    """Plan fixed groups that go round as a block."""
    grouping = choose_groups(graph, floor=effort.floor, deadline=effort.deadline)
    effort.tell(0.8, "seat")
    tour = Tour(graph)
    tour.at = np.where(grouping.at != NOWHERE, grouping.at, tour.at)
    _refuse_few(problem, tour)
    if loose is graph:
        return Outcome(sittings(problem, tour), grouping.bound, grouping.lowest_bound)
    return Outcome(sittings(problem, tour), *_proven(loose, tour, None, effort))


def _proven(loose: VisitGraph, tour: Tour, chosen: Visits | None, effort: Effort) -> tuple[int, float]:
    """Bounds on benefit and lowest satisfaction over all plans that leave as few people out."""
    counts, top = tour.counts(), None
    if chosen is None or loose is not tour.graph or not chosen.most:
        sure = 1
    else:
        other = np.flatnonzero(counts != chosen.counts)
        sure = int(other[0]) + 1 if len(other) else loose.rounds
        top = None if len(other) else chosen.top
    # a plan with more people at one number of visits may have fewer at the next: no more is sure than up to there
    counts = np.where(np.arange(loose.rounds) < sure, counts, 0)
    if top is None:
        reached = float(loose.share(tour.gained()).min(initial=1.0))
        top = lowest_bound(loose, counts, reached, effort.deadline)
    return bound_with(loose, counts, effort.deadline), top


def _refuse_few(problem: Problem, tour: Tour) -> None:
    """Refuse locks that leave a host with fewer people than it needs."""
    for host, when in np.argwhere(tour.few()).tolist():
        spec = problem.visited[host]
        raise NotPossible(
            f"locks: {spec.id!r} needs {spec.min_places} people in round {when + 1} and no more can come to the locked "
            "ones; lock others too, or lower min_places"
        )


def sittings(problem: Problem, tour: Tour) -> tuple[Sitting, ...]:
    """Tell who is at which host's table in which round."""
    tables, found = tables_of_hosts(problem), []
    for when in range(tour.graph.rounds):
        for host, table in enumerate(tables):
            people = np.flatnonzero(tour.at[:, when] == host)
            if len(people):
                found.append(Sitting(when, tuple(people.tolist()), table, host))
    return tuple(found)
