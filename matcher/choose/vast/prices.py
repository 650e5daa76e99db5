"""What everybody's time is worth in a large room, found without a linear programme, and what these prices prove.

The dual of the b-matching has one price a person: a meeting is wanted where its benefit exceeds the prices of the two.
Softened by a temperature T, so that a meeting with reduced gain r is taken to the share 1 / (1 + exp(-r / T)), its
optimum is where everybody's shares add up to the wanted number of meetings: a matrix scaling (Sinkhorn and Knopp 1967),
for degrees the maximum-entropy graph of Park and Newman (2004). Each price moves by the logarithm of wanted over had;
the temperature falls by halves. Only a list of promising partners for each person takes part.

However the prices were found, weak duality makes them a proof: they are rounded, every pair of the room is priced in
blocks of rows, and no plan is worth more than what `proven` adds up.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matcher.effort import Spread, in_turn
from matcher.graph import Bools, Floats, Ints, MeetingGraph
from matcher.rules import blocks

Prices = NDArray[np.int32]

GRAIN = 256
MOST_PRICE = 4_000.0
BARRED = -1_000_000.0
SAMPLE = 1_000
NEAREST = 40
STEPS = 40
COOLING = ((16.0, 8.0, 4.0), (4.0, 2.0, 1.0, 0.5, 0.25, 0.125))
SAMPLE_COOLING = ((100.0, 15), (50.0, 15), (25.0, 15), (12.0, 15), (6.0, 15))
LONGEST_STEP = 2.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many meetings each person has, at least and at most, and how many there are in all.

    Attributes
    ----------
    low, high : (n,) int
        Fewest and most meetings of each person.
    least, most : int
        Fewest and most meetings in all.
    """

    low: Ints
    high: Ints
    least: int
    most: int

    def relaxed(self, caps: Ints) -> "Wanted":
        """The same with nothing but everybody's cap and the most in all: every plan fits it."""
        return replace(self, low=np.zeros_like(self.low), high=caps, least=0)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Promising pairs: indices `one` < `other`, and the benefit of each; all of shape (m,)."""

    one: Ints
    other: Ints
    worth: Floats

    def reduced(self, prices: Floats) -> Floats:
        """What each pair gains beyond the prices of the two."""
        gain: Floats = self.worth - prices[self.one] - prices[self.other]
        return gain

    def sums(self, share: Floats, number: int) -> Floats:
        """Add up a share of each pair for each of so many people."""
        both = np.bincount(self.one, share, number) + np.bincount(self.other, share, number)
        return np.asarray(both, np.float64)


def settled_prices(graph: MeetingGraph, wanted: Wanted, rng: np.random.Generator) -> tuple[Floats, Candidates]:
    """Find prices at which everybody has about as many wanted partners as meetings, and the pairs worth knowing.

    Prices among a sample of people come first; they choose the candidates, whose prices choose better candidates.

    Returns
    -------
    prices : (n,) float
        In benefit points.
    Candidates
        Pairs near or above the prices of the two.
    """
    prices = _sampled(graph, wanted, rng)
    for cooling in COOLING:
        known = nearest(graph, prices)
        for temperature in cooling:
            prices = _cooled(known, wanted, prices, temperature)
    return prices, known


def nearest(graph: MeetingGraph, prices: Floats) -> Candidates:
    """List for each person the partners with the highest reduced gains, somewhat more than can be met.

    Of equal ones those with the lower price come first, which differ from person to person by little: ties are spread.
    """
    n = graph.size
    count = min(NEAREST + 2 * int(graph.caps.max(initial=0)), n)
    found = []
    for rows in blocks(n):
        gain = _open_worth(graph, rows) - prices.astype(np.float32)
        top = np.argpartition(-gain, count - 1, axis=1)[:, :count]
        row, place = np.nonzero(np.take_along_axis(gain, top, axis=1) > BARRED / 2)
        one, other = rows[row], top[row, place]
        found.append(np.minimum(one, other) * n + np.maximum(one, other))
    one, other = np.divmod(np.unique(np.concatenate(found)), n)
    return Candidates(one, other, graph.benefit[one, other].astype(float))


def _open_worth(graph: MeetingGraph, rows: Ints, columns: Ints | None = None) -> Floats:
    """Benefits of a block of pairs, single precision, which is exact here; barred where two may not meet."""
    place = (rows, slice(None)) if columns is None else np.ix_(rows, columns)
    gain: Floats = np.where(graph.allowed[place], graph.benefit[place], BARRED).astype(np.float32)
    return gain


def _sampled(graph: MeetingGraph, wanted: Wanted, rng: np.random.Generator) -> Floats:
    """Prices of a sample of people among themselves, then everybody's price against that sample."""
    n = graph.size
    some = np.sort(rng.permutation(n)[: min(SAMPLE, n)])
    share = len(some) / n
    among = _open_worth(graph, some, some).astype(float)
    prices = np.full(len(some), float(graph.benefit[some].mean()))
    for temperature, steps in SAMPLE_COOLING:
        for _ in range(steps):
            had = _share((among - prices[:, None] - prices[None, :]) / temperature).sum(1) / share
            prices += temperature * _pull(had, wanted.high[some])
    everybody = np.zeros(n)
    for rows in blocks(n):
        offers = _open_worth(graph, rows, some).astype(float) - prices[None, :]
        own = np.full(len(rows), prices.mean())
        for temperature, steps in SAMPLE_COOLING[1::3]:
            for _ in range(steps):
                had = _share((offers - own[:, None]) / temperature).sum(1) / share
                own = own + 2 * temperature * _pull(had, wanted.high[rows])
        everybody[rows] = own
    return np.clip(everybody, -MOST_PRICE, MOST_PRICE)


def _cooled(known: Candidates, wanted: Wanted, prices: Floats, temperature: float) -> Floats:
    n = len(prices)
    for _ in range(STEPS):
        share = _share(known.reduced(prices) / temperature)
        had = known.sums(share, n)
        prices = prices + temperature * _pull(had, _softly(wanted, prices, temperature))
    return np.clip(prices, -MOST_PRICE, MOST_PRICE)


def _share(ratio: Floats) -> Floats:
    taken: Floats = 1.0 / (1.0 + np.exp(np.clip(-ratio, -60.0, 60.0)))
    return taken


def _pull(had: Floats, wanted: Floats | Ints) -> Floats:
    """Half the logarithm of had over wanted, since both ends of a meeting move."""
    ratio = np.log(np.maximum(had, 1e-6) / np.maximum(wanted, 1e-3))
    step: Floats = np.clip(ratio, -LONGEST_STEP, LONGEST_STEP) / 2
    return step


def _softly(wanted: Wanted, prices: Floats, temperature: float) -> Floats:
    """How many meetings each person gets at these prices: those whose time is worth most are first to have more."""
    play = wanted.high - wanted.low
    if 2 * wanted.most >= wanted.high.sum() or not play.any():
        return wanted.high.astype(float)
    edge = _edge(wanted, prices)
    return np.asarray(wanted.low + play * _share((prices - edge) / temperature))


def _edge(wanted: Wanted, prices: Floats) -> float:
    """Half the price of one more meeting in all: above it people have `high` meetings, below it `low`."""
    play = wanted.high - wanted.low
    order = np.argsort(-prices, kind="stable")
    beyond = np.flatnonzero(np.cumsum(play[order]) >= 2 * wanted.most - wanted.low.sum())
    edge = float(prices[order[beyond[0]]]) if len(beyond) else float(prices.min(initial=0.0))
    return edge if wanted.least == wanted.most else max(edge, 0.0)


def meetings_of_each(wanted: Wanted, prices: Floats) -> Ints:
    """Who gets how many meetings where not everybody can have the most: those whose time is worth most."""
    spare = 2 * wanted.most - int(wanted.low.sum())
    play = wanted.high - wanted.low
    order = np.argsort(-prices, kind="stable")
    given = np.clip(spare - (np.cumsum(play[order]) - play[order]), 0, play[order])
    degrees = wanted.low.copy()
    degrees[order] += given
    return degrees


def proven(graph: MeetingGraph, wanted: Wanted, prices: Floats, spread: Spread = in_turn) -> int:
    """Prove by prices, which may be any, how much open benefit no plan of the wanted kind exceeds.

    Everything is added up in whole grains of a benefit point. The blocks of pairs are priced wherever `spread` does
    its work.
    """
    whole = np.round(np.clip(prices, -MOST_PRICE, MOST_PRICE) * GRAIN).astype(np.int64)
    edge = round(_edge(wanted, whole / GRAIN) * GRAIN)
    total = 2 * edge * (wanted.most if edge > 0 else wanted.least)
    total += int(np.maximum((whole - edge) * wanted.low, (whole - edge) * wanted.high).sum())
    narrow = whole.astype(np.int32)
    total += sum(spread(_gained, (_Block(graph, rows, narrow) for rows in blocks(graph.size))))
    return total // GRAIN


class _Block:
    """Some rows of the room, with all pairs that begin there: what their benefits and prices are."""

    def __init__(self, graph: MeetingGraph, rows: Ints, prices: Prices) -> None:
        columns = slice(int(rows[0]), None)
        self.benefit = graph.benefit[rows, columns]
        self.allowed = graph.allowed[rows, columns]
        self.prices, self.others = prices[rows], prices[columns]


def _gained(block: _Block) -> int:
    """Add up the positive reduced gains, in grains."""
    gain = block.benefit.astype(np.int32) * GRAIN
    gain -= block.prices[:, None]
    gain -= block.others[None, :]
    upper = np.triu(block.allowed, 1)
    return int(gain[upper & (gain > 0)].sum(dtype=np.int64))


def gaining(known: Candidates, prices: Floats) -> Ints:
    """The candidates in order of their reduced gain, the best first."""
    order: Ints = np.argsort(-known.reduced(prices), kind="stable")
    return order


def satisfying(graph: MeetingGraph) -> Bools:
    """Whose satisfaction can be low: people with a benefit to gain; shape (n,)."""
    return np.asarray(graph.best > 0, dtype=np.bool_)
