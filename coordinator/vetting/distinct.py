"""Values of many candidates, most of which share one: what is asked of a value is asked once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True, eq=False)
class Distinct(Generic[T]):
    """Different values, and the number of the one that each candidate has; shape (n,)."""

    values: list[T]
    which: NDArray[np.intp]

    @classmethod
    def of(cls, every: Iterable[T]) -> "Distinct[T]":
        """Tell values apart by which object they are: equal ones may count as two."""
        held = list(every)
        numbers: dict[int, int] = {}
        which = [numbers.setdefault(id(value), len(numbers)) for value in held]
        values: dict[int, T] = dict(zip(which, held, strict=True))
        return cls(list(values.values()), np.array(which, np.intp))

    def at(self, i: int) -> T:
        """Return one candidate's value."""
        return self.values[int(self.which[i])]

    def part(self, of: Callable[[T], U]) -> "Distinct[U]":
        """Look at one part of each value, which several values may share."""
        parts = Distinct.of(of(value) for value in self.values)
        return Distinct(parts.values, parts.which[self.which])

    def each(self, question: Callable[[T], Any], dtype: DTypeLike = bool) -> NDArray[Any]:
        """Ask each value once; return the answers candidate by candidate."""
        return np.array([question(value) for value in self.values], dtype)[self.which]
