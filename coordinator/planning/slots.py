"""Which fields fit into a telescope's nights: slots of equal length, re-arranged by augmenting paths.

A field is refused only when no re-arrangement of those already placed admits it, so nothing is lost by the
order in which fields are tried.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from coordinator.planning.timetable import Stretch
from telescopes.description.ephemeris import Array

Mask = NDArray[np.bool_]
Ints = NDArray[np.int64]

NOBODY = -1


@dataclass(frozen=True, slots=True, eq=False)
class SlotTimes:
    """Slots of one length laid into free stretches of time, in order of time."""

    start_s: Array
    end_s: Array
    stretch: Ints
    stretches: tuple[Stretch, ...]

    @classmethod
    def over(cls, stretches: list[Stretch], length_s: float) -> "SlotTimes":
        """Lay as many slots into each stretch as it holds, from its beginning."""
        counts = [int((b - a) // length_s) for a, b in stretches]
        starts = [a + length_s * np.arange(n) for (a, _), n in zip(stretches, counts, strict=True)]
        start = np.concatenate(starts) if starts else np.empty(0)
        return cls(start, start + length_s, np.repeat(np.arange(len(stretches)), counts), tuple(stretches))

    def until(self, end_s: float) -> "SlotTimes":
        """The first of them, as if the free time ended then."""
        many = int(np.searchsorted(self.end_s, end_s, side="right"))
        stretches = tuple((a, min(b, end_s)) for a, b in self.stretches if a < end_s)
        return SlotTimes(self.start_s[:many], self.end_s[:many], self.stretch[:many], stretches)

    def __len__(self) -> int:
        return self.start_s.size


@dataclass(slots=True, eq=False)
class Slots:
    """Fields placed in slots.

    Attributes
    ----------
    visible : bool array, shape (fields, slots)
        Which field may be observed in which slot.
    night : int64 array, shape (slots,)
        Night of each slot.
    per_night : int
        How many slots of a night may be filled.
    filled : dict
        How many of them each night has used up already.
    clear : float64 array, shape (slots,), or None
        How likely it is clear in each slot: of several that are free a field gets the clearest; None: nobody
        forecasts, and it gets the first.
    changed : bool
        Whether a field was placed or taken out since somebody set this to False.
    holder : int64 array, shape (slots,)
        Field in each slot, or NOBODY.
    """

    visible: Mask
    night: Ints
    per_night: int
    filled: dict[int, int] = field(default_factory=dict)
    clear: Array | None = None
    changed: bool = False
    holder: Ints = field(init=False)
    _usable: Mask = field(init=False)
    _dead: Mask = field(init=False)
    _empty: int = field(init=False)
    _used_before: int = field(init=False)

    def __post_init__(self) -> None:
        self.holder = np.full(self.night.size, NOBODY)
        self._usable = self.visible.copy()
        self._dead = np.zeros(self.night.size, bool)
        self._empty = self.night.size
        self.filled = dict(self.filled)
        self._used_before = max(self.filled.values(), default=0)

    @property
    def empty(self) -> int:
        """How many slots hold nothing."""
        return self._empty

    @property
    def unlimited(self) -> bool:
        """Whether a night may be filled to the last slot."""
        return self.per_night >= self.night.size + self._used_before

    def placed(self) -> Ints:
        """Fields in order of their slots."""
        return np.asarray(self.holder[self.holder != NOBODY])

    def slot_of(self, placed_field: int) -> int:
        """Slot of a field that is placed."""
        return int(np.flatnonzero(self.holder == placed_field)[0])

    def place(self, new: int) -> bool:
        """Find room for a field, moving others if need be; False: there is none."""
        if not self.fits(new):
            return False
        free = (self.holder == NOBODY) & ~self._closed()
        direct = self._usable[new] & free
        if direct.any():
            self._put(new, int((direct if self.clear is None else np.where(direct, self.clear, -1.0)).argmax()))
            return True
        return self._rearrange(new, free)

    def fits(self, new: int) -> bool:
        """Say whether there may be room for a field; False: there is none."""
        return self._empty > 0 and bool((self._usable[new] > self._dead).any())

    def first_free(self, wanted: int) -> int | None:
        """Say which is the first free slot that a field may have; None: others would have to move."""
        free = self._usable[wanted] & (self.holder == NOBODY)
        first = int(free.argmax()) if free.size else 0
        return first if free.size and free[first] else None

    def may_fit(self) -> Mask:
        """Say of each field whether there is a slot that it may have, itself or by moving others, shape (fields,)."""
        return np.asarray((self._usable & ~self._dead).any(axis=1))

    def remove(self, old: int) -> None:
        """Take a field out."""
        slot = self.slot_of(old)
        self.holder[slot] = NOBODY
        self.changed = True
        self._empty += 1
        self.filled[int(self.night[slot])] -= 1
        self._dead[:] = False

    def add_fields(self, visible: Mask) -> None:
        """Make more candidate fields known."""
        self.visible = np.concatenate([self.visible, visible])
        self._usable = np.concatenate([self._usable, visible])

    def bar(self, lost: int, slots: Mask) -> None:
        """Keep a field out of some slots from now on: with exact times there was no room for it there."""
        self._usable[lost] &= ~slots

    def holding(self, holder: Ints, filled: Mapping[int, int]) -> "Slots":
        """The same slots with other fields in them; nights have used up so many before any is placed."""
        again = replace(self, filled=dict(filled), changed=True)
        again.holder, again._usable = holder.copy(), self._usable
        taken = holder != NOBODY
        again._empty = int((~taken).sum())
        for night, many in zip(*np.unique(self.night[taken], return_counts=True), strict=True):
            again.filled[int(night)] = again.filled.get(int(night), 0) + int(many)
        return again

    @property
    def usable(self) -> Mask:
        """Slots in which each field may be observed and is not barred, shape (fields, slots)."""
        return self._usable

    def _closed(self) -> Mask:
        """Slots of nights that hold all they may."""
        full = [night for night, n in self.filled.items() if n >= self.per_night]
        return np.isin(self.night, full) if full else np.zeros(self.night.size, bool)

    def _put(self, new: int, slot: int) -> None:
        self.holder[slot] = new
        self._count(slot)

    def _count(self, slot: int) -> None:
        """A slot that was empty is not any more."""
        self.changed = True
        self._empty -= 1
        night = int(self.night[slot])
        self.filled[night] = self.filled.get(night, 0) + 1

    def _rearrange(self, new: int, free: Mask) -> bool:
        """Search breadth first for a chain of moves that ends in a free slot."""
        seen = self._dead.copy()
        came_from: dict[int, tuple[int, int]] = {}
        queue = [new]
        for mover in queue:
            options = self._usable[mover] & ~seen
            for slot in np.flatnonzero(options & free)[:1]:
                self._move_along(new, int(slot), mover, came_from)
                return True
            seen |= options
            for slot in np.flatnonzero(options & (self.holder != NOBODY)):
                came_from[int(self.holder[slot])] = (mover, int(slot))
                queue.append(int(self.holder[slot]))
        self._dead = seen  # every slot reached is full for good, until something is removed
        return False

    def _move_along(self, new: int, slot: int, mover: int, came_from: dict[int, tuple[int, int]]) -> None:
        target = slot
        while mover != new:
            before, its_slot = came_from[mover]
            self.holder[target] = mover
            target, mover = its_slot, before
        self.holder[target] = new
        self._count(slot)
