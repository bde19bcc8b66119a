"""What was worked out lately, so that many who ask the same cost as much as one."""

from collections import OrderedDict
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """Answers by question.

    Parameters
    ----------
    most : int
        So many are kept; the one that was put in first goes first.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """Return an answer; None: it is not known, or no longer."""
        return self._known.get(key)

    def put(self, key: K, answer: V) -> V:
        """Keep an answer, and return it."""
        self._known[key] = answer
        while len(self._known) > self._most:
            self._known.popitem(last=False)
        return answer
