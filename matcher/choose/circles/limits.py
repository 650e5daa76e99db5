"""What no plan of circles can beat, by every proof there is: counting, pairs, and whole tables."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matcher.choose.circles.fewest import Sizes, fewest_repeats, most_benefit, possible
from matcher.choose.circles.layout import Room
from matcher.choose.circles.table_bound import TableBound, table_bound
from matcher.solver import Deadline

Bools = NDArray[np.bool_]


def could_sit(room: Room) -> Bools:
    """Who is there when, but for those who can meet nobody: (n, R)."""
    somebody: Bools = np.logical_or.reduce(possible(room), axis=1)
    able: Bools = room.there & somebody[:, None]
    return able


class Limits:
    """Proven bounds for these numbers of people and tables; or for any, where `sizes` is None."""

    def __init__(self, room: Room, sizes: Sizes | None, deadline: Deadline) -> None:
        self.room, self.deadline = room, deadline
        self.sizes = Sizes.widest(room) if sizes is None else sizes
        self.counted = sizes is not None

    @cached_property
    def sits(self) -> Bools:
        """Who sits in any case: all who can, in rounds where as many sit; (n, R)."""
        able = could_sit(self.room)
        every: Bools = able & (self.sizes.sit == able.sum(0))
        return every

    @cached_property
    def tables(self) -> TableBound | None:
        """The programme over whole tables, where these can be listed."""
        late = self.deadline.over() or not self.counted
        return None if late else table_bound(self.room, self.sizes)

    @cached_property
    def repeats(self) -> int:
        """No plan has fewer repeats."""
        if not self.counted:
            return 0
        room = self.room
        fewest = fewest_repeats(room, self.sizes, self.sits, self.deadline)
        # without rules all people are alike, and whole tables say no more than counting does
        ruled = room.clash.any() or room.met.any() or room.speaks.shape[1] > 0
        return fewest if self.tables is None or not ruled else max(fewest, self.tables.fewest_repeats(self.deadline))

    def benefit(self, repeats: int, reached: int) -> int:
        """No plan with at most so many repeats has more benefit; as much as is `reached` there is."""
        bound = most_benefit(self.room, self.sizes, repeats)
        if bound <= reached or self.tables is None:
            return bound
        better = self.tables.most_benefit(repeats, self.deadline)
        return bound if better is None else min(bound, better)
