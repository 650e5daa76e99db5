"""In which rounds a host is open who needs several people and has too few visits for all rounds."""

import numpy as np

from matcher.choose.stations.graph import Bools, Ints, VisitGraph
from matcher.solver import Floats


def hours_of(graph: VisitGraph, table: Bools) -> Bools:
    """Choose the hours of each host so that there are enough visits in each and all rounds are about as full.

    Parameters
    ----------
    graph : VisitGraph
        What is open.
    table : (n, h) bool
        The chosen visits.

    Returns
    -------
    (h, R) bool
        When each host has visits.
    """
    possible, load = graph.room > 0, table.sum(0)
    hours = possible.copy()
    number = possible.sum(1)
    fewest = graph.fewest.max(1, initial=0)
    most = np.maximum(graph.room.max(1, initial=0), 1)
    short = np.flatnonzero((fewest > 1) & (load > 0) & (load < fewest * number))
    number[short] = np.clip(load[short] // fewest[short], -(-load[short] // most[short]), number[short])
    share = load / np.maximum(number, 1)
    there = graph.free.sum(0)
    lacking: Floats = there * (load.sum() / max(int(there.sum()), 1)) - share @ np.where(_among(short, hours), 0, hours)
    for host in short[np.argsort(-share[short], kind="stable")].tolist():
        keys = np.where(possible[host], lacking + graph.forced[host] * graph.size, -np.inf)
        chosen = np.argsort(-keys, kind="stable")[: number[host]]
        hours[host] = False
        hours[host, chosen] = True
        lacking[chosen] -= share[host]
    return hours


def _among(hosts: Ints, table: Bools) -> Bools:
    """The rows of these hosts."""
    rows = np.zeros_like(table)
    rows[hosts] = True
    return rows
