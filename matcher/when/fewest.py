"""How few breaks there can be: proofs that need no search.

Each person or host alone has a fewest number of runs in which so many meetings fit into the rounds that are open. And
where everybody without a break would have to be busy in the same rounds, more than can be, some have one.
"""

import numpy as np

from matcher.graph import Bools, Ints
from matcher.when.agenda import Agenda


def fewest_breaks(agenda: Agenda) -> tuple[int, ...]:
    """Prove for each rank how many breaks there are at least."""
    each = alone(agenda)
    ranks = int(agenda.rank.max(initial=0)) + 1
    pairs = ranks == 1 and agenda.ends.shape[1] == 2 and bool((agenda.capacity <= 1).all())
    if pairs:
        return (int(each.sum()) + crowded_out(agenda, each),)
    return tuple(int(each[agenda.rank == rank].sum()) for rank in range(ranks))


def crowded_out(agenda: Agenda, each: Ints) -> int:
    """Prove how many of those who alone need no break (0 in `each`) have one, since a round takes only so many people.

    Without a break somebody with many meetings is busy in all the middle rounds. A break lets at most as many of these
    rounds go as that person has rounds to spare.
    """
    reach, must = within(agenda)
    held = np.bincount(agenda.ends.ravel(), minlength=len(each))
    seats = 2 * np.minimum(agenda.room, reach.sum(0) // 2)
    bound_to = np.zeros_like(reach)
    for who in np.flatnonzero((each == 0) & (held > 1)).tolist():
        bound_to[who] = _always(reach[who], must[who], int(held[who]))
    over = np.maximum(bound_to.sum(0) - seats, 0)
    spare = -np.sort(-np.minimum(bound_to.sum(1), reach.sum(1) - held))
    enough = int(np.searchsorted(np.cumsum(spare), over.sum())) + 1 if over.any() else 0
    return max(enough, int(over.max(initial=0)))


def _always(reach: Bools, must: Bools, length: int) -> Bools:
    """Rounds that are in every run of so many open rounds that holds all it must; none where there is no such run."""
    common = np.ones_like(reach)
    found = False
    for start in range(len(reach) - length + 1):
        run = np.zeros_like(reach)
        run[start : start + length] = True
        if not (run & ~reach).any() and not (must & ~run).any():
            common &= run
            found = True
    return common & found


def within(agenda: Agenda) -> tuple[Bools, Bools]:
    """Rounds in which each node could be busy, and in which it must be, both of shape (nodes, R)."""
    reach, must = np.zeros(agenda.capacity.shape, np.bool_), np.zeros(agenda.capacity.shape, np.bool_)
    single = agenda.open.sum(1) == 1
    for column in agenda.ends.T:
        np.logical_or.at(reach, column, agenda.open)
        np.logical_or.at(must, column[single], agenda.open[single])
    return reach & (agenda.capacity > 0), must


def alone(agenda: Agenda) -> Ints:
    """Prove for each node alone how many breaks it has at least, shape (nodes,)."""
    nodes, rounds = agenda.capacity.shape
    reach, must = within(agenda)
    held = np.bincount(agenda.ends.ravel(), minlength=nodes)
    most = np.maximum(agenda.capacity.max(1, initial=0), 1)
    low, high = -(-held // most), held // np.maximum(agenda.least, 1)
    cases = np.column_stack([reach, must, low, high])
    kinds, kind = np.unique(cases, axis=0, return_inverse=True)
    fewest = [_fewest(row[:rounds].tolist(), row[rounds:-2].tolist(), int(row[-2]), int(row[-1])) for row in kinds]
    return np.array(fewest, dtype=np.int64)[kind.ravel()] if fewest else np.zeros(nodes, np.int64)


def _fewest(reach: list[int], must: list[int], low: int, high: int) -> int:
    """Fewest breaks with `low` to `high` busy rounds, all in `reach` and all of `must`; 0 where there is no such set.

    One pass over the rounds: for each number of busy rounds so far, the fewest runs that end idle, and that end busy.
    """
    never = len(reach) + 1
    idle, busy = [0] + [never] * high, [never] * (high + 1)
    for open_now, needed in zip(reach, must, strict=True):
        longer = [never] + [min(idle[count] + 1, busy[count]) for count in range(high)]
        waited = [min(pair) for pair in zip(idle, busy, strict=True)]
        idle = [never] * (high + 1) if needed else waited
        busy = longer if open_now else [never] * (high + 1)
    runs = min((min(pair) for pair in list(zip(idle, busy, strict=True))[low:]), default=never)
    return 0 if runs >= never else max(0, runs - 1)
