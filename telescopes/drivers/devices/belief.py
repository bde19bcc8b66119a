"""What a device said once, and for how long that may be taken for known."""

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Belief(Generic[T]):
    """Something that was learnt of a device; it is unknown again once the device was connected anew.

    Parameters
    ----------
    life : callable
        Returns what is equal for as long as the device stays connected.
    """

    def __init__(self, life: Callable[[], object]) -> None:
        self._life = life
        self._learnt_in: object = None
        self._value: T | None = None

    @property
    def value(self) -> T | None:
        """What is known; None: nothing."""
        return self._value if self._learnt_in == self._life() else None

    def learn(self, value: T | None, life: object = None) -> None:
        """Know it from now on, or since `life` where it was found out then."""
        self._value, self._learnt_in = value, self._life() if life is None else life
