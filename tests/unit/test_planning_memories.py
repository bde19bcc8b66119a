"""What planning remembers and what it passes over: with it or without, the same is found."""

import numpy as np
import pytest

from coordinator.planning.cells import Cells, Need, coarse_cells, fine_cells
from coordinator.planning.fields import Fields, fields_at
from coordinator.planning.grid import Grid, grid, tile_sums
from coordinator.planning.slots import NOBODY, Slots, slot_sets
from coordinator.planning.tile_fields import TileFields
from coordinator.sky.skymap import MapFacts, SkyMap
from telescopes.description.footprint import Rectangle

FOOTPRINT = Rectangle(4.0, 3.0)


@pytest.fixture(scope="module")
def cells() -> Cells:
    weight = np.random.default_rng(1).exponential(size=12 * 4**5) ** 3
    return coarse_cells(SkyMap(np.full(weight.size, 5), np.arange(weight.size), weight / weight.sum(), MapFacts("a")))


def made(cells: Cells, tiling: Grid, tiles: np.ndarray) -> Fields:
    return fields_at(FOOTPRINT, *tiling.centres(tiles), cells, 10.0)


def same(one: Fields, other: Fields) -> bool:
    names = ("ra_deg", "dec_deg", "angle_deg", "vectors", "first", "cell")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


@pytest.mark.parametrize("most_entries", [1 << 20, 0])
def test_fields_on_tiles_are_the_same_from_memory_in_whatever_lots_they_are_asked_for(
    cells: Cells, most_entries: int
) -> None:
    rng, memory = np.random.default_rng(2), TileFields(most_entries)
    for shift in [(0.0, 0.0), (0.5, 0.0), (0.0, 0.0)]:
        tiling = grid(4.0, 3.0, *shift)
        every, _ = tile_sums(tiling, cells.ra_deg, cells.dec_deg, cells.probability)
        for many in (7, 300, 40):
            tiles = rng.choice(every, many, replace=False)
            found = memory.of(FOOTPRINT, 10.0, tiling, tiles, lambda some, on=tiling: made(cells, on, some))
            assert same(found, made(cells, tiling, tiles))
    assert len(memory.of(FOOTPRINT, 10.0, tiling, every[:0], lambda some: made(cells, tiling, some))) == 0


def test_fields_that_are_known_are_not_made_again(cells: Cells) -> None:
    memory, tiling, asked = TileFields(), grid(4.0, 3.0), list[int]()

    def make(some: np.ndarray) -> Fields:
        asked.extend(some.tolist())
        return made(cells, tiling, some)

    every, _ = tile_sums(tiling, cells.ra_deg, cells.dec_deg, cells.probability)
    memory.of(FOOTPRINT, 10.0, tiling, every[:50], make)
    memory.of(FOOTPRINT, 10.0, tiling, every[20:60], make)
    assert sorted(asked) == sorted(every[:60].tolist())


def test_cells_that_are_divided_alike_are_the_same_and_others_are_not(cells: Cells) -> None:
    def need(north_of_deg: float) -> list[Need]:
        return [Need(8, np.where(cells.dec_deg > north_of_deg, cells.density, 0.0), 0.0, 300.0)]

    first, split = fine_cells(cells, need(10.0))
    others = [fine_cells(cells, need(dec))[0] for dec in (30.0, 50.0)]
    again, split_again = fine_cells(cells, need(10.0))
    assert np.array_equal(first.key, again.key) and np.array_equal(first.probability, again.probability)
    assert np.array_equal(split.begin, split_again.begin)
    assert not any(np.array_equal(first.key, other.key) for other in others)


@pytest.mark.parametrize("seed", range(20))
def test_there_is_room_for_a_field_exactly_where_it_can_be_placed(seed: int) -> None:
    rng = np.random.default_rng(seed)
    night = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1])
    visible = rng.random((30, night.size)) < rng.uniform(0.1, 0.4)
    for f in range(8, 30):
        slots = Slots(visible, night, per_night=int(rng.integers(3, 6)))
        for other in range(8):
            slots.place(other)
        if seed % 2 and (slots.holder != NOBODY).any():
            slots.remove(int(slots.placed()[0]))
        room = slots.room()
        assert slots.place(f) == bool((visible[f] & room).any())


def test_sets_of_slots_name_the_columns_of_each_row() -> None:
    rows = np.random.default_rng(3).random((4, 19)) < 0.5
    assert [[s for s in range(19) if one >> s & 1] for one in slot_sets(rows)] == [
        np.flatnonzero(row).tolist() for row in rows
    ]
