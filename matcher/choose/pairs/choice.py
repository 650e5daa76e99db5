"""Who meets whom: as many meetings as can be, evenly spread, and among those choices the most beneficial one.

The choice for the whole session is one maximum-benefit b-matching (each person has a capacity, each pair meets at most
once). Its linear programme is half-integral, so that next to nothing is left for branch and bound.
"""

from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from matcher.choose.pairs.columns import MISSING, Choice, Master, Question
from matcher.choose.pairs.exchange import Exchange, Holding
from matcher.choose.pairs.floor import PRICE, better, highest_floor, raise_lowest, win_back
from matcher.choose.pairs.lowest import Price, Small, lift_lowest
from matcher.choose.pairs.near import Near
from matcher.choose.pairs.parity import most_meetings
from matcher.graph import Bools, Ints, MeetingGraph
from matcher.solver import NEVER, Deadline, OutOfTime, Programme, whole

NEARLY = 1e-6
NODES = 200
FEW_PAIRS = 30_000
KEPT_FOR_TIMING = 0.0001
LEANING = (0.985, 0.97, 0.995, 0.955)
MEETINGS = 1_700
SATISFIED = 0.98
MISSED = 20_000.0
ROUGHLY = 5.0
MIDDLING, LARGE = 450, 1_900
ENOUGH = 0.952


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who meets whom, before anything is timed.

    Attributes
    ----------
    pairs : (m, 2) int
        Indices of people, the lower first, sorted.
    bound : int
        No plan that leaves as few people out has more open benefit than this (locked meetings not counted).
    lowest_bound : float
        No such plan has a higher lowest satisfaction.
    least : float
        The open benefit that must remain when the worst-off are lifted.
    near : Near or None
        Other choices of nearly as much benefit, where the pairs are the most beneficial ones.
    """

    pairs: Ints
    bound: int
    lowest_bound: float
    least: float = 0.0
    near: Near | None = None


def choose(graph: MeetingGraph, *, floor: bool, deadline: Deadline = NEVER) -> Chosen:
    """Choose the meetings of the whole session.

    Parameters
    ----------
    graph : MeetingGraph
        What is open once the locks stand.
    floor : bool
        Raise the lowest satisfaction, for at most 1 % of the total benefit.
    deadline : Deadline
        After it no further improvement is begun; where it strikes before any answer, the best pairs go first.
    """
    if not graph.allowed.any() or not graph.room.any():
        return Chosen(np.empty((0, 2), np.int64), 0, _lowest(graph))
    try:
        return _choose(Master(graph), floor=floor, deadline=deadline)
    except OutOfTime:
        return Chosen(greedy(graph), *_bounds_alone(graph))


def _choose(master: Master, *, floor: bool, deadline: Deadline) -> Chosen:
    question, choice, pairs = fewest_rests(master, deadline)
    bound, near = int(np.floor(choice.bound + NEARLY)), None
    if question.spared is None and choice.missing < NEARLY:
        near = Near(master.graph, question, choice.reduced, choice.bound)
        pairs, most = near.best(pairs, deadline)
        bound = bound if most is None else min(bound, most)
    top = _highest(master, question, deadline)
    if not floor:
        return Chosen(pairs, bound, top, near=near)
    price = _price(master, pairs, deadline)
    raised = _raised(master, question, pairs, (top, price, deadline))
    room = Small(master.graph, question)
    if len(pairs) <= MIDDLING and not deadline.over():
        raised, top = _decided(room, pairs, raised, (top, price, deadline))
    elif len(pairs) <= LARGE:
        raised = _lifted((master, room), pairs, raised, (top * ENOUGH, price, deadline))
        top = room.bound(top, Holding(master.graph, raised).lowest(), deadline)
    return Chosen(raised, bound, top, least=(1 - price) * bound)


def _lifted(where: tuple[Master, Small], richest: Ints, raised: Ints, way: tuple[float, float, Deadline]) -> Ints:
    """Lift the worst-off by branch and bound where exchanges stopped short of a goal, then win benefit back."""
    (master, room), (goal, price, deadline) = where, way
    least = (1 - price) * Exchange(room.graph, richest).benefit

    def kept(floor: float) -> float:
        with suppress(OutOfTime):
            at_floor = replace(room.question, floor=floor, share=MISSED)
            return master.solve(at_floor, enough=ROUGHLY, deadline=deadline).value
        return 0.0

    found = lift_lowest(room, raised, goal, price=Price(least, kept), deadline=deadline)
    degrees = np.bincount(richest.ravel(), minlength=room.graph.size)
    held = as_even(room.graph, found, degrees)
    return _won_back(room.graph, richest, (raised, found), (least, deadline)) if held else raised


def _won_back(graph: MeetingGraph, richest: Ints, choices: tuple[Ints, Ints], way: tuple[float, Deadline]) -> Ints:
    """The better of two choices, with what benefit can be won back above its floor."""
    least, deadline = way
    best = better(graph, choices, least)
    exchange = Exchange(graph, best)
    exchange.set_floor(exchange.lowest())
    win_back(exchange, Exchange(graph, richest).met, deadline)
    return better(graph, (best, exchange.pairs), least)


def _decided(room: Small, richest: Ints, raised: Ints, way: tuple[float, float, Deadline]) -> tuple[Ints, float]:
    """Settle the floor of a small room by branch and bound: the meetings, and the bound on the lowest satisfaction."""
    graph, (top, price, deadline) = room.graph, way
    degrees = np.bincount(richest.ravel(), minlength=graph.size)
    least = (1 - price) * Exchange(graph, richest).benefit
    best, found = raised, room.raised(raised, top, least, deadline)
    if as_even(graph, found, degrees):
        best = _won_back(graph, richest, (best, found), (least, deadline))
    return best, room.bound(top, Exchange(graph, best).lowest(), deadline)


def _price(master: Master, richest: Ints, deadline: Deadline) -> float:
    """What may be given up for the worst-off, as a share of the most benefit that is possible.

    It is counted from what so many meetings, or more if sides were no matter, could be worth however rests are spread,
    so that the price is kept by any such bound; unless that would leave less than half, because even rests alone cost
    so much: then it is counted from the most even plans. Where people are away a little is kept for what finds no
    round.
    """
    graph = master.graph
    benefit = int(graph.benefit[richest[:, 0], richest[:, 1]].sum())
    loose = Question(np.zeros_like(graph.caps), graph.caps, len(richest), _without_sides(graph))
    with suppress(OutOfTime):
        most = max(master.solve(loose, enough=ROUGHLY, deadline=deadline).bound, 1.0)
        price = min(1 - (1 - PRICE) * most / max(benefit, 1), PRICE)
        price = price if price >= PRICE / 2 else PRICE
        return price if (graph.there == graph.there[:1]).all() else price - KEPT_FOR_TIMING
    return PRICE / 2


def _without_sides(graph: MeetingGraph) -> int:
    """How many meetings the rounds would have room for if nobody had a side."""
    open_to = graph.free & (graph.caps > 0)[:, None]
    there = open_to.sum(0)
    outside = np.min([there, *(there - open_to[crowd].sum(0) for crowd in graph.crowds)], axis=0)
    return int(np.where(outside <= graph.room, there // 2, graph.room).sum())


def _raised(master: Master, question: Question, richest: Ints, way: tuple[float, float, Deadline]) -> Ints:
    """Raise the lowest satisfaction from the most beneficial choice, in rooms not too large from others as well."""
    graph, (top, price, deadline) = master.graph, way
    best = raise_lowest(Exchange(graph, richest), top, deadline, price=price)
    degrees = np.bincount(richest.ravel(), minlength=graph.size)
    least = (1 - price) * Exchange(graph, richest).benefit
    for share in LEANING[: MEETINGS // max(len(richest), 1)]:
        if deadline.over() or Exchange(graph, best).lowest() >= SATISFIED * top:
            break
        with suppress(OutOfTime):
            start = _leaning(master, replace(question, floor=share * top, share=MISSED), deadline)
            if as_even(graph, start, degrees):
                found = raise_lowest(Exchange(graph, start), top, deadline, price=price, richest=richest)
                best = better(graph, (best, found), least)
    return best


def _leaning(master: Master, question: Question, deadline: Deadline) -> Ints:
    """The best whole meetings where benefit counts more for those whom a floor lifts (Lagrangian relaxation)."""
    graph = master.graph
    weight = master.solve(question, enough=ROUGHLY, deadline=deadline).weight
    value = graph.benefit * (weight[:, None] + weight[None, :])
    scaled = np.round(value * (1000 / max(float(value[graph.allowed].max()), 1.0)))
    return fewest_rests(Master(replace(graph, benefit=scaled.astype(graph.benefit.dtype))), deadline)[2]


def greedy(graph: MeetingGraph) -> Ints:
    """Take the most beneficial pair of people who both still can, again and again: a choice at once, without proof."""
    pairs = np.argwhere(np.triu(graph.allowed, 1))
    order = np.argsort(-graph.benefit[pairs[:, 0], pairs[:, 1]], kind="stable")
    left, most = graph.caps.tolist(), int(graph.room.sum())
    taken: list[list[int]] = []
    for one, other in pairs[order].tolist():
        if left[one] and left[other] and len(taken) < most:
            left[one] -= 1
            left[other] -= 1
            taken.append([one, other])
    return np.array(sorted(taken), dtype=np.int64).reshape(-1, 2)


def _highest(master: Master, question: Question, deadline: Deadline) -> float:
    try:
        return min(highest_floor(master, question, deadline).bound / 1000, 1.0)
    except OutOfTime:
        return 1.0


def bounds_with(graph: MeetingGraph, meetings: int, deadline: Deadline = NEVER) -> tuple[int, float]:
    """Prove bounds over all plans with at least so many open meetings, however they are spread.

    Returns
    -------
    tuple of (int, float)
        On the open benefit, and on the lowest satisfaction.
    """
    if not graph.allowed.any() or not graph.room.any():
        return 0, _lowest(graph)
    total = max(most_meetings(graph), meetings)
    question = Question(np.zeros_like(graph.caps), graph.caps, meetings, total)
    master = Master(graph)
    try:
        bound = int(np.floor(master.solve(question, deadline=deadline).bound + NEARLY))
    except OutOfTime:
        return _bounds_alone(graph)
    return bound, _highest(master, question, deadline)


def _bounds_alone(graph: MeetingGraph) -> tuple[int, float]:
    """Bounds that need no solver: everybody has the best partners, whatever others do."""
    ranked = -np.sort(-np.where(graph.allowed, graph.benefit, 0), axis=1)
    within = np.arange(graph.size)[None, :] < graph.caps[:, None]
    return int(np.where(within, ranked, 0).sum()) // 2, 1.0


def _lowest(graph: MeetingGraph) -> float:
    """The lowest satisfaction where only the locks are held."""
    return float((graph.gained / np.maximum(graph.best, 1))[graph.best > 0].min(initial=1.0))


def as_even(graph: MeetingGraph, pairs: Ints, degrees: Ints) -> bool:
    """Whether as many people have 1, 2, 3, … meetings as with these degrees."""
    have = np.bincount(pairs.ravel(), minlength=graph.size) + graph.held
    return np.array_equal(np.sort(have), np.sort(degrees + graph.held))


def fewest_rests(master: Master, deadline: Deadline = NEVER) -> tuple[Question, Choice, Ints]:
    """Find the first aim, and the most benefit with it.

    In most rooms everybody can have all meetings, or all but one; only where that fails is the fairest distribution
    of rests sought by itself.

    Returns
    -------
    Question
        Everybody's fewest and most meetings; every plan that leaves as few people out fits it.
    Choice
        The answer to it.
    (m, 2) int
        Whole meetings, as even as can be and near the answer.
    """
    graph = master.graph
    total = most_meetings(graph)
    levels = range(graph.rounds + 1)
    level = max(one for one in levels if one == 0 or _up_to(graph, one).sum() <= 2 * total)
    question = _question(graph, level, total)
    choice = master.solve(question, deadline=deadline)
    if choice.missing < NEARLY:
        return question, choice, in_whole_meetings(master, question, choice, deadline)
    pairs = most_even(graph, total, deadline)
    master.learn(pairs[:, 0], pairs[:, 1])
    degrees = np.bincount(pairs.ravel(), minlength=graph.size)
    question = _question(graph, int((degrees + graph.held).max()) - 1, len(pairs))
    question = replace(question, spared=int(np.maximum(question.low - degrees, 0).sum()))
    choice = master.solve(question, deadline=deadline)
    pairs = in_whole_meetings(master, question, choice, deadline)
    if not as_even(graph, pairs, degrees) and not deadline.over():
        exact = replace(question, low=degrees, high=degrees, spared=None)
        pairs = in_whole_meetings(master, exact, master.solve(exact, deadline=deadline), deadline)
    return question, choice, pairs


def _up_to(graph: MeetingGraph, level: int) -> Ints:
    """Everybody's open meetings up to a level that locked meetings count towards."""
    up_to: Ints = np.clip(level - graph.held, 0, graph.caps)
    return up_to


def _question(graph: MeetingGraph, level: int, total: int) -> Question:
    """Ask for `level` meetings of everybody who can, for no more than one above, and for so many in all."""
    return Question(_up_to(graph, level), _up_to(graph, level + 1), total, total)


def most_even(graph: MeetingGraph, total: int, deadline: Deadline = NEVER) -> Ints:
    """Choose at most `total` meetings so that as few people as can be are left out, whatever the benefit.

    The degree sequences of b-matchings form a jump system, on which a separable concave function that grows less with
    every meeting is maximal exactly at the most even of the largest ones (Murota 2006; Frank and Murota 2022). So one
    programme with a smaller bonus for each further meeting answers the whole list "at least 1, 2, 3, … meetings".

    Returns
    -------
    (m, 2) int
        The meetings.
    """
    n, levels = graph.size, int(graph.caps.max())
    above = graph.rounds + 1 - graph.held
    pairs = np.argwhere(_candidates(graph))
    m = len(pairs)
    degree = _incidence(pairs, n)
    steps = [sp.diags((graph.caps > level).astype(float)) for level in range(levels)]
    rows = sp.bmat([[degree, -sp.hstack(steps)], [np.ones((1, m)), None]], format="csr")
    bonus = np.concatenate([above - level for level in range(levels)]).astype(float)
    high = np.append(np.zeros(n), float(total))
    top = np.ones(m + n * levels)
    programme = Programme(np.append(np.zeros(m), bonus), rows, np.append(np.zeros(n), 0.0), high, top)
    found = whole(programme, nodes=NODES, deadline=deadline)
    return pairs[:0] if found is None else pairs[found.x[:m] > 0.5]


def _candidates(graph: MeetingGraph) -> Bools:
    """All pairs of a small room; of a large one, enough for each person, and all of those who have few."""
    upper: Bools = np.triu(graph.allowed, 1)
    if int(upper.sum()) <= FEW_PAIRS:
        return upper
    scarce = graph.allowed.sum(1)
    rank = np.argsort(np.argsort(np.where(graph.allowed, scarce[None, :], 1 << 40), axis=1, kind="stable"), axis=1)
    near = graph.allowed & (rank < 3 * graph.caps[:, None] + 8)
    return np.asarray(np.triu(near | near.T, 1), dtype=np.bool_)


def _incidence(pairs: Ints, n: int) -> sp.csr_matrix:
    m = len(pairs)
    return sp.csr_matrix((np.ones(2 * m), (pairs.T.ravel(), np.tile(np.arange(m), 2))), shape=(n, m))


def in_whole_meetings(master: Master, question: Question, choice: Choice, deadline: Deadline = NEVER) -> Ints:
    """Round an answer to whole meetings, giving up as little benefit as branch and bound can save.

    Pairs whose reduced gain is far from 0 stay as the linear programme has them; the others are decided anew. Where
    too few are open for everybody's number of meetings to come out, more are opened.
    """
    distance = np.abs(choice.reduced[choice.pairs[:, 0], choice.pairs[:, 1]])
    open_now = (choice.x > NEARLY) & (choice.x < 1 - NEARLY)
    if not open_now.any():
        return choice.pairs[choice.x > 0.5]
    best: tuple[float, Ints] | None = None
    for size in (4 * master.graph.size, 16 * master.graph.size, len(distance)):
        near = distance <= np.sort(distance)[min(size, len(distance)) - 1] + NEARLY
        pairs, missing = _decide(master, question, (choice, near | open_now), deadline)
        if best is None or missing < best[0]:
            best = missing, pairs
        if missing < NEARLY or deadline.over():
            break
    assert best is not None
    return best[1]


def _decide(master: Master, question: Question, split: tuple[Choice, Bools], deadline: Deadline) -> tuple[Ints, float]:
    choice, open_now = split
    n, worth = master.graph.size, master.value
    kept = choice.pairs[~open_now & (choice.x > 0.5)]
    pairs = choice.pairs[open_now]
    m = len(pairs)
    have = np.bincount(kept.ravel(), minlength=n)
    rows = sp.bmat([[_incidence(pairs, n), sp.eye(n, n + 1)], [np.ones((1, m)), sp.csr_matrix(np.eye(1, n + 1, n))]])
    low = np.append(question.low - have, question.least - len(kept)).astype(float)
    high = np.append(question.high - have, question.most - len(kept)).astype(float)
    gain = np.append(worth[pairs[:, 0], pairs[:, 1]], np.full(n + 1, -MISSING))
    top = np.append(np.ones(m), np.maximum(low, 0))
    programme = Programme(gain, rows.tocsr(), low, high, top)
    found = whole(programme, nodes=NODES, deadline=deadline)
    if found is None:
        return kept, float(question.least - len(kept))
    pairs = np.vstack([kept, pairs[found.x[:m] > 0.5]])
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))], float(found.x[m:].sum())
