"""Rows of a programme: which columns meet in which row, and rows as they are written down, a block after the other."""

from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from matcher.solver import Floats

Ints = NDArray[np.int64]


def incidence(places: Ints, number: int) -> sp.csr_matrix:
    """A one in each column at its place, among `number` rows."""
    return sp.csr_matrix((np.ones(len(places)), (places, np.arange(len(places)))), shape=(number, len(places)))


@dataclass
class Rows:
    """Rows of a programme as they are written down."""

    number: int = 0
    row: list[Ints] = field(default_factory=list)
    column: list[Ints] = field(default_factory=list)
    value: list[Floats] = field(default_factory=list)
    low: list[Floats] = field(default_factory=list)
    high: list[Floats] = field(default_factory=list)

    def add(self, low: Floats, high: Floats, *parts: tuple[Ints, Ints, Floats | float]) -> None:
        """Write as many rows as `low`: each part is rows from 0, columns, values."""
        for row, column, value in parts:
            self.row.append(np.asarray(row, np.int64) + self.number)
            self.column.append(np.asarray(column, np.int64))
            self.value.append(np.broadcast_to(np.asarray(value, np.float64), np.shape(row)))
        self.low.append(np.asarray(low, np.float64))
        self.high.append(np.asarray(high, np.float64))
        self.number += len(low)

    def matrix(self, columns: int) -> sp.csr_matrix:
        """All rows."""
        if not self.row:
            return sp.csr_matrix((self.number, columns))
        where = (np.concatenate(self.row), np.concatenate(self.column))
        return sp.csr_matrix((np.concatenate(self.value), where), shape=(self.number, columns))
