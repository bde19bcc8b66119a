"""What a telescope offers to the linear programme: its candidate fields, what they are worth, and its slots."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from telescopes.description.ephemeris import Array

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """One telescope's candidate fields and slots.

    Attributes
    ----------
    first : int64 array, shape (fields + 1,)
        ``cell[first[f]:first[f + 1]]`` are the cells of field f.
    cell : int64 array
    worth : float64 array, shape (cells,)
        What a look of this telescope is worth in each cell. Telescopes that are worth the same everywhere share
        one array or one row of it: their cells are merged faster.
    visible : bool array, shape (fields, slots)
        Which field may be observed in which slot.
    night : int64 array, shape (slots,)
        Night of each slot.
    per_night : int
        How many slots of a night may be filled.
    filled : mapping
        How many of them each night has used up already.
    """

    first: Ints
    cell: Ints
    worth: Array
    visible: Mask
    night: Ints
    per_night: int
    filled: Mapping[int, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return self.first.size - 1

    @property
    def field(self) -> Ints:
        """Field of each entry of `cell`."""
        return np.repeat(np.arange(len(self)), np.diff(self.first))
