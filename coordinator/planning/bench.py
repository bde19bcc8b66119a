"""A telescope's place in a search: its candidate fields, what each would bring, and which are placed."""

from dataclasses import dataclass, field

import numpy as np

from coordinator.planning.cells import Cells
from coordinator.planning.desk import Desk, Mask
from coordinator.planning.fields import Fields, Ints, no_fields
from coordinator.planning.ground import Ground
from coordinator.planning.guide import Guide
from coordinator.planning.slots import Slots
from coordinator.planning.split import Split
from coordinator.planning.stretches import stretches, sums_of
from telescopes.description.ephemeris import Array
from telescopes.description.footprint import Footprint

Kind = tuple[Footprint, int]


@dataclass(slots=True, eq=False)
class Bench:
    """A telescope's candidates while the choice is made: their whole value and where they are placed.

    Candidate fields are made when its turn comes (`seated`): many telescopes never have one on a small map.

    Attributes
    ----------
    depth : int
        Row of `Ground.worth`.
    seen : bool array, shape (blocks,)
        What it can see at some time.
    sees : int64 array
        Cells that it can see at some time and that are fine enough for its field.
    favour : float64 array, shape (fields,), or None
        By what a field's gain is multiplied when it is compared with others; fields behind the last have its least.
    clear : float64 array, shape (fields,), or None
        How likely it is clear in the clearest slot of each field; None: nobody forecasts.
    guide : Guide or None
        Galaxies for which its fields are chosen; None: it tiles. With a guide the value of a field is that of its
        galaxies, and it has no cells.
    at : int64 array, shape (fields,)
        With a guide: the cell that holds the centre of each field.
    rivals_deg2 : float
        What others that choose with it can cover of the sky that it would go to first.
    sooner : float64 array, shape (slots,)
        By what a gain is multiplied in each slot when it is compared with others: a little less the later it is.
    soonest : float64 array, shape (fields,)
        The same in the first slot that each field may have.
    split : Split or None
        Its fields are on coarse cells, which were divided into those of the search; None: on the same cells.
    """

    desk: Desk
    depth: int
    seen: Mask
    sees: Ints
    slots: Slots
    fields: Fields = field(default_factory=no_fields)
    value: Array = field(default_factory=lambda: np.empty(0))
    refused: set[int] = field(default_factory=set)
    seated: bool = False
    favour: Array | None = None
    clear: Array | None = None
    guide: Guide | None = None
    at: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    rivals_deg2: float = 0.0
    sooner: Array = field(default_factory=lambda: np.empty(0))
    soonest: Array = field(default_factory=lambda: np.empty(0))
    split: Split | None = None
    _onto: dict[int, Ints] = field(default_factory=dict, init=False)
    _areas: tuple[Ints, Array, float] | None = field(default=None, init=False)

    def cells_of(self, f: int) -> Ints:
        """Cells of the search that a field covers; a field is asked for when it is compared, placed, timed, counted."""
        known = self._onto.get(f)
        if known is None:
            own = self.fields.cells_of(f)
            known = self._onto[f] = own if self.split is None else self.onto(own)
        return known

    def divide(self, split: Split) -> None:
        """Keep the fields on the cells that they are on, which are divided for the search."""
        self.split = split
        self._onto.clear()

    def onto(self, own: Ints) -> Ints:
        """Cells of the search that some cells of this telescope's fields were divided into."""
        return own if self.split is None else self.split.parts(own)[0]

    def own(self, values: Array) -> Array:
        """Values of the search's cells, on the cells of this telescope's fields."""
        return values if self.split is None else self.split.sums(values)

    def add(self, more: Fields, worth: Array, ready: Mask) -> None:
        """Offer more candidate fields, in the slots for which they are ready."""
        self.add_slots(self.desk.visible(more.vectors) & ready)
        self.fields = self.fields.with_more(more)
        self.value = np.r_[self.value, more.sums(self.own(worth))]

    def take_over(self, more: Fields, value: Array, usable: Mask) -> None:
        """Offer fields that were another telescope's, in the slots in which this one may have them."""
        self.add_slots(usable)
        self.fields = self.fields.with_more(more)
        self.value = np.r_[self.value, value]

    def add_guided(self, fields: Fields, at: Ints, worth: Array, ready: Mask) -> None:
        """Offer fields for galaxies, which have no cells, only one each that holds their centre."""
        self.add_slots(self.desk.visible(fields.vectors) & ready)
        self.fields, self.at, self.value = fields, at, worth

    def add_slots(self, visible: Mask) -> None:
        """Make known in which slots more fields may be observed."""
        self.slots.add_fields(visible)
        first = visible.argmax(axis=1) if visible.shape[1] else np.empty(0, np.int64)
        self.soonest = np.r_[self.soonest, self.sooner[first]]
        if self.slots.clear is not None:
            best = np.where(visible, self.slots.clear, 0.0).max(axis=1, initial=0.0)
            self.clear = best if self.clear is None else np.r_[self.clear, best]

    def gain(self, f: int, ground: Ground) -> float:
        """New value of a field: that of its cells, or of its galaxies as far as no tile covers the sky there."""
        if self.guide is None or ground.galaxies is None:
            cells = self._onto.get(f)
            return ground.gain(self.depth, self.cells_of(f) if cells is None else cells)
        galaxies = ground.galaxies.gain(self.depth, self.guide.galaxies_of(f))
        return galaxies * ground.share_left(self.depth, int(self.at[f])) if galaxies > 0 else 0.0

    def gains(self, ground: Ground) -> Array:
        """The same of all fields, shape (fields,)."""
        if self.guide is None or ground.galaxies is None:
            return self.fields.sums(self.own(ground.left(self.depth)))
        return self.guide.sums(ground.galaxies.left(self.depth)) * ground.shares_left(self.depth, self.at)

    def gains_of(self, fields: Ints, ground: Ground) -> Array:
        """The same of some fields."""
        if self.guide is not None:
            return self.gains(ground)[fields]
        mine = self.fields
        begin = mine.first[fields]
        lengths = mine.first[fields + 1] - begin
        cells, ends = mine.cell[stretches(begin, lengths)], np.r_[0, np.cumsum(lengths)]
        if self.split is not None:
            cells, parts = self.split.parts(cells)
            ends = np.r_[0, np.cumsum(parts)][ends]
        return sums_of(ends, ground.left(self.depth).take(cells))

    def favoured(self, fields: Ints, gains: Array) -> Array:
        """Gains of fields as they are compared with those of others: by when, how likely it is clear, and favour."""
        return self._weighed(fields, gains * self.soonest[fields])

    def _weighed(self, fields: Ints, gains: Array) -> Array:
        if self.clear is not None:
            gains = gains * self.clear[fields]
        if self.favour is None:
            return gains
        known = np.minimum(fields, self.favour.size - 1)
        return gains * np.where(fields < self.favour.size, self.favour[known], self.favour.min())

    def rank(self, f: int, gain: float) -> float:
        """Say the same of one field, by the first slot that is still free for it."""
        slot = self.slots.first_free(f)
        gain *= self.soonest.item(f) if slot is None else self.sooner.item(slot)
        if self.favour is None and self.clear is None:
            return gain
        return float(self._weighed(np.array([f]), np.array([gain]))[0])

    def look(self, f: int, ground: Ground) -> None:
        """Count a field as looked at; one for galaxies holds too little sky to count for others."""
        if self.guide is None or ground.galaxies is None:
            ground.take(self.depth, self.cells_of(f))
        else:
            ground.galaxies.take(self.depth, self.guide.galaxies_of(f))

    @property
    def kind(self) -> Kind:
        """What makes telescopes alike: their field and their depth."""
        return self.desk.footprint, self.depth

    @property
    def at_best(self) -> float:
        """By what a gain is multiplied at most: by when it has time, and how likely it is clear."""
        clearest = 1.0 if self.slots.clear is None else float(self.slots.clear.max(initial=0.0))
        return clearest * float(self.sooner.max(initial=0.0))

    def placed(self) -> list[int]:
        """Fields that are placed, in order of their slots."""
        return [int(f) for f in self.slots.placed()]

    def most_gain(self, ground: Ground, cells: Cells) -> float:
        """No field of this telescope brings more than this."""
        if self.guide is not None and ground.galaxies is not None:
            best = self.guide.sums(ground.galaxies.left(self.depth)).max(initial=0.0)
            return float(best) if self.slots.empty else 0.0
        if self.sees.size == 0 or not self.slots.empty:
            return 0.0
        mine = ground.left_in(self.depth, self.sees)
        if self._areas is None or self._areas[0] is not self.sees:
            area_deg2 = cells.area_deg2[self.sees]
            self._areas = self.sees, area_deg2, float(area_deg2.max())
        _, area_deg2, coarsest_deg2 = self._areas
        densest = float((mine / area_deg2).max())
        return min(float(mine.sum()), densest * (self.desk.field_area_deg2 + coarsest_deg2))
