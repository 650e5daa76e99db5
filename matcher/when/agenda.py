"""What is to be timed, whatever the format: meetings, the people and hosts they need, and what a break is."""

from dataclasses import dataclass, field

import numpy as np

from matcher.graph import Bools, Ints

EVEN = 2


@dataclass(frozen=True, slots=True)
class Agenda:
    """Meetings that are to be held, whatever the format; a node is a person or a host.

    Attributes
    ----------
    ends : (m, k) int
        The nodes of each meeting: two people, or a person and a host.
    open : (m, R) bool
        Rounds in which each meeting may be; a locked one has one.
    capacity : (nodes, R) int
        Most meetings of a node in a round, 0 where it is away.
    room : (R,) int
        Most meetings in a round.
    rank : (nodes,) int
        Breaks of rank 0 are avoided first, then those of rank 1, and so on.
    least : (nodes,) int
        A node has in each round no meeting or at least so many.
    apart : (a, 2) int
        Meetings that are never in one round.
    spread : bool
        Whether two breaks more than somebody else has are, as an aim, the most.
    """

    ends: Ints
    open: Bools
    capacity: Ints
    room: Ints
    rank: Ints
    least: Ints
    apart: Ints = field(default_factory=lambda: np.empty((0, 2), np.int64))
    spread: bool = False

    @property
    def rounds(self) -> int:
        """How many rounds there are."""
        return int(self.open.shape[1])


def breaks_in(busy: int) -> int:
    """Count the breaks in a set of rounds, one bit each.

    >>> breaks_in(0b1011001), breaks_in(0b110), breaks_in(0)
    (2, 0, 0)
    """
    return max(0, (busy & ~(busy << 1)).bit_count() - 1)
