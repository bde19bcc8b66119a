"""Which fields fit into a telescope's nights: slots of equal length, re-arranged by augmenting paths.

A field is refused only when no re-arrangement of those already placed admits it, so nothing is lost by the
order in which fields are tried.
"""

from collections.abc import Iterator, Mapping
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

    Which slots a field may have is asked tens of thousands of times in a plan, so sets of slots are kept as whole
    numbers too: bit i stands for slot i.

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
    _bits: list[int] = field(init=False)
    _free: int = field(init=False)
    _dead: int = field(init=False)
    _used_before: int = field(init=False)

    def __post_init__(self) -> None:
        self.holder = np.full(self.night.size, NOBODY)
        self._usable = self.visible.copy()
        self._bits = slot_sets(self.visible)
        self._free = (1 << self.night.size) - 1
        self._dead = 0
        self.filled = dict(self.filled)
        self._used_before = max(self.filled.values(), default=0)

    @property
    def empty(self) -> int:
        """How many slots hold nothing."""
        return self._free.bit_count()

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
        free = self._free & ~self._closed()
        direct = self._bits[new] & free
        if direct:
            self._put(new, first_of(direct) if self.clear is None else clearest(direct, self.clear))
            return True
        return self._rearrange(new, free)

    def fits(self, new: int) -> bool:
        """Say whether there may be room for a field; False: there is none."""
        return self._free != 0 and self._bits[new] & ~self._dead != 0

    def first_free(self, wanted: int) -> int | None:
        """Say which is the first free slot that a field may have; None: others would have to move."""
        free = self._bits[wanted] & self._free
        return first_of(free) if free else None

    def may_fit(self) -> Mask:
        """Say of each field whether there is a slot that it may have, itself or by moving others, shape (fields,)."""
        alive = ~self._dead
        return np.array([mine & alive != 0 for mine in self._bits], bool)

    def room(self) -> Mask:
        """Slots that a field could still have, itself or by moving others, shape (slots,): any but these are full."""
        free = self._free & ~self._closed()
        waiting = [(1 << slot, self._bits[f]) for slot, f in enumerate(self.holder.tolist()) if f != NOBODY]
        while True:
            stay = []
            for slot, mine in waiting:
                if mine & free:
                    free |= slot
                else:
                    stay.append((slot, mine))
            if len(stay) == len(waiting):
                return as_mask(free, self.night.size)
            waiting = stay

    def remove(self, old: int) -> None:
        """Take a field out."""
        slot = self.slot_of(old)
        self.holder[slot] = NOBODY
        self.changed = True
        self._free |= 1 << slot
        self.filled[int(self.night[slot])] -= 1
        self._dead = 0

    def add_fields(self, visible: Mask) -> None:
        """Make more candidate fields known."""
        self.visible = np.concatenate([self.visible, visible])
        self._usable = np.concatenate([self._usable, visible])
        self._bits = self._bits + slot_sets(visible)

    def bar(self, lost: int, slots: Mask) -> None:
        """Keep a field out of some slots from now on: with exact times there was no room for it there."""
        self._usable[lost] &= ~slots
        self._bits[lost] = slot_sets(self._usable[lost : lost + 1])[0]

    def holding(self, holder: Ints, filled: Mapping[int, int]) -> "Slots":
        """The same slots with other fields in them; nights have used up so many before any is placed."""
        again = replace(self, filled=dict(filled), changed=True)
        again.holder, again._usable, again._bits = holder.copy(), self._usable, self._bits
        taken = holder != NOBODY
        again._free = slot_sets(~taken[None, :])[0]
        for night, many in zip(*np.unique(self.night[taken], return_counts=True), strict=True):
            again.filled[int(night)] = again.filled.get(int(night), 0) + int(many)
        return again

    def forgetting(self, *, all_bars: bool = False) -> "Slots":
        """The same fields in the same slots, where what is barred from now on is barred here alone.

        Parameters
        ----------
        all_bars : bool
            Nothing is barred yet either.
        """
        again = replace(self, filled=dict(self.filled))
        again.holder, again._free = self.holder.copy(), self._free
        if not all_bars:
            again._usable, again._bits = self._usable.copy(), self._bits.copy()
        return again

    @property
    def usable(self) -> Mask:
        """Slots in which each field may be observed and is not barred, shape (fields, slots)."""
        return self._usable

    def _closed(self) -> int:
        """Slots of nights that hold all they may."""
        full = [night for night, n in self.filled.items() if n >= self.per_night]
        return slot_sets(np.isin(self.night, full)[None, :])[0] if full else 0

    def _put(self, new: int, slot: int) -> None:
        self.holder[slot] = new
        self._count(slot)

    def _count(self, slot: int) -> None:
        """A slot that was empty is not any more."""
        self.changed = True
        self._free &= ~(1 << slot)
        night = int(self.night[slot])
        self.filled[night] = self.filled.get(night, 0) + 1

    def _rearrange(self, new: int, free: int) -> bool:
        """Search breadth first for a chain of moves that ends in a free slot."""
        seen = self._dead
        came_from: dict[int, tuple[int, int]] = {}
        queue = [new]
        for mover in queue:
            options = self._bits[mover] & ~seen
            if options & free:
                self._move_along(new, first_of(options & free), mover, came_from)
                return True
            seen |= options
            for slot in members(options & ~self._free):
                other = int(self.holder[slot])
                came_from[other] = (mover, slot)
                queue.append(other)
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


def slot_sets(rows: Mask) -> list[int]:
    """Write each row, shape (n, slots), as a whole number: bit i is its column i."""
    packed = np.packbits(rows, axis=1, bitorder="little")
    data, width = packed.tobytes(), packed.shape[1]
    return [int.from_bytes(data[i * width : (i + 1) * width], "little") for i in range(len(rows))]


def as_mask(slots: int, many: int) -> Mask:
    """Write a set of so many slots as an array."""
    data = np.frombuffer(slots.to_bytes(-(-many // 8), "little"), np.uint8)
    return np.unpackbits(data, count=many, bitorder="little").astype(bool)


def first_of(slots: int) -> int:
    """Lowest member of a set that has some."""
    return (slots & -slots).bit_length() - 1


def clearest(slots: int, clear: Array) -> int:
    """Which of some slots is the clearest, of equals the first."""
    return max(members(slots), key=lambda slot: (clear[slot], -slot))


def members(slots: int) -> Iterator[int]:
    """All members of a set, the lowest first."""
    while slots:
        lowest = slots & -slots
        yield lowest.bit_length() - 1
        slots ^= lowest
