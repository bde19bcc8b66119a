"""The parts of planning against exhaustive small cases, linear programmes and hand counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import numpy as np
import pytest

from coordinator.lightcurves.depth import limit_mag_ab
from coordinator.planning.bound import upper_bound
from coordinator.planning.ceiling import ceiling
from coordinator.planning.cells import (
    MOST_CELLS,
    MOST_ROWS,
    Blocks,
    Cells,
    Need,
    coarse_cells,
    fine_cells,
    resolving_order,
)
from coordinator.planning.count import count_visit
from coordinator.planning.fields import fields_at
from coordinator.planning.grid import grid, sums_at, tile_sums
from coordinator.planning.ground import Ground
from coordinator.planning.looks import cells_inside, first_looks_s, long_ago_as_one
from coordinator.planning.plan import PlannedPointing
from coordinator.planning.prepared import prepared
from coordinator.planning.recount import Pieces, Sight, covered_probability, shares_in_order
from coordinator.planning.replan import Standing, worth_a_change
from coordinator.planning.request import Busy, EventToPlan, TelescopeToPlan
from coordinator.planning.rings import Rings
from coordinator.planning.slews import slew_s
from coordinator.planning.slots import NOBODY, Slots, SlotTimes
from coordinator.planning.timetable import Timetable, common, without
from coordinator.planning.value import SkyValue
from coordinator.planning.work import count_for
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.footprints import footprint_ranges
from coordinator.sky.nested import pixel_vectors
from coordinator.sky.ranges import Ranges
from coordinator.sky.skymap import MapFacts, SkyMap
from telescopes.description.durations import hour_angle_deg
from telescopes.description.durations import slew_s as agent_slew_s
from telescopes.description.ephemeris import Almanac, directions, unix_s
from telescopes.description.footprint import Rectangle
from telescopes.description.geometry import inside
from telescopes.description.telescope import Depth, Instrument, Observing, Site, Telescope, Timing


def a_sky(order: int = 5, seed: int = 1) -> SkyMap:
    """Random probabilities over the whole sphere."""
    weight = np.random.default_rng(seed).exponential(size=12 * 4**order) ** 3
    return SkyMap(np.full(weight.size, order), np.arange(weight.size), weight / weight.sum(), MapFacts("a"))


def most_placed(visible: np.ndarray) -> int:
    """Size of the best matching, by trying everything."""
    fields, slots = visible.shape
    tries = permutations(range(max(fields, slots)), min(fields, slots))
    if fields <= slots:
        return max(sum(visible[f, s] for f, s in enumerate(chosen)) for chosen in tries)
    return max(sum(visible[f, s] for s, f in enumerate(chosen)) for chosen in tries)


@pytest.mark.parametrize("seed", range(25))
def test_a_field_is_refused_only_when_no_rearrangement_admits_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    visible = rng.random((6, 5)) < rng.uniform(0.15, 0.6)
    slots = Slots(visible, np.zeros(5, np.int64), per_night=99)
    placed = sum(slots.place(f) for f in range(6))
    assert placed == most_placed(visible)
    for slot, f in enumerate(slots.holder):
        assert f == NOBODY or visible[f, slot]
    assert slots.empty == 5 - placed == (slots.holder == NOBODY).sum()


def test_a_slot_that_is_freed_can_be_filled_again() -> None:
    slots = Slots(np.ones((3, 1), bool), np.zeros(1, np.int64), per_night=99)
    assert slots.place(0) and not slots.place(1)
    slots.remove(0)
    assert slots.place(2) and slots.empty == 0


def test_a_full_night_takes_no_more_while_another_does() -> None:
    slots = Slots(np.ones((9, 6), bool), np.array([0, 0, 0, 1, 1, 1]), per_night=2, filled={1: 1})
    assert [slots.place(f) for f in range(5)] == [True, True, True, False, False]
    assert (slots.holder[:3] != NOBODY).sum() == 2 and (slots.holder[3:] != NOBODY).sum() == 1


def test_a_night_has_no_room_to_spare_when_some_of_it_is_used_up() -> None:
    visible, night = np.ones((1, 3), bool), np.zeros(3, np.int64)
    assert Slots(visible, night, per_night=3).unlimited
    assert not Slots(visible, night, per_night=3, filled={0: 1}).unlimited


def test_slots_fill_each_stretch_from_its_beginning() -> None:
    times = SlotTimes.over([(0.0, 25.0), (100.0, 109.0), (200.0, 220.0)], 10.0)
    assert times.start_s.tolist() == [0.0, 10.0, 200.0, 210.0]
    assert times.stretch.tolist() == [0, 0, 2, 2]


@pytest.mark.parametrize("seed", range(6))
def test_the_bound_is_the_optimum_of_the_linear_programme_or_just_above(seed: int) -> None:
    from scipy.optimize import linprog

    rng = np.random.default_rng(seed)
    cells, telescopes = 60, 4
    value, area = rng.exponential(size=cells), rng.uniform(1, 3, cells)
    reach = [rng.random(cells) < 0.5 for _ in range(telescopes)]
    most = rng.uniform(5, 25, telescopes)
    pairs = [(k, i) for k in range(telescopes) for i in range(cells) if reach[k][i]]
    per_cell = np.array([[float(i == c) for _, i in pairs] for c in range(cells)])
    per_telescope = np.array([[float(k == t) for k, _ in pairs] for t in range(telescopes)])
    density = np.array([-value[i] / area[i] for _, i in pairs])
    best = -linprog(density, np.vstack([per_cell, per_telescope]), np.r_[area, most]).fun
    found = upper_bound(value, area, reach, list(most))
    assert best - 1e-6 <= found.value <= 1.05 * best
    assert found.kind == "area" and found.value <= found.observable


def test_with_time_to_spare_the_bound_is_what_can_be_seen() -> None:
    value, area = np.array([0.5, 0.3, 0.2]), np.ones(3)
    found = upper_bound(value, area, [np.array([True, True, False])], [100.0])
    assert (found.value, found.kind, found.observable) == (0.8, "visible", 0.8)
    assert upper_bound(value, area, [], []).value == 0.0


def test_what_is_left_in_cells_is_the_same_however_often_it_was_asked_for() -> None:
    rng = np.random.default_rng(5)
    ground = Ground(rng.random((3, 40)), np.where(np.arange(40) < 4, np.inf, 0.0))
    for looks in range(30):
        ground.take(looks % 3, rng.choice(40, 6, replace=False))
        for depth in range(looks % 4):
            assert np.array_equal(ground.left(depth), np.maximum(ground.worth[depth] - ground.held, 0.0))
    assert np.array_equal(ground.again().left(2), ground.left(2))


def test_cells_keep_the_probability_however_they_are_split() -> None:
    sky = a_sky(3)
    coarse = coarse_cells(sky)
    fine, split = fine_cells(coarse, [Need(9, np.where(coarse.dec_deg > 0, coarse.density, 0.0), 0.0, 50.0)])
    assert fine.order.max() == 9 and np.all(np.diff(fine.key) > 0)
    assert np.allclose(split.sums(fine.probability), coarse.probability)
    assert coarse.probability.sum() == pytest.approx(0.9999, abs=1e-3)
    assert np.all(fine.dec_deg[fine.order == 9] > -1)


def a_wide_sky(order: int, sigma_deg: float = 15.0) -> SkyMap:
    """A round localization in pixels of one size, as a flat file holds it."""
    away = np.degrees(np.arccos(pixel_vectors(order, np.arange(12 * 4**order)) @ directions([13.0], [-25.0])[0]))
    weight = np.exp(-0.5 * (away / sigma_deg) ** 2)
    near = np.flatnonzero(weight > 1e-12)
    return SkyMap(np.full(near.size, order), near, weight[near] / weight[near].sum(), MapFacts("a"))


def test_a_map_of_very_many_rows_is_planned_on_merged_ones() -> None:
    sky = a_wide_sky(8)
    assert sky.order.size > 4 * MOST_ROWS
    coarse = coarse_cells(sky)
    assert coarse.order.size < MOST_CELLS
    assert coarse.probability.sum() == pytest.approx(0.9999, abs=1e-4)
    middle = resolving_order(1.0, 4)
    fine, split = fine_cells(coarse, [Need(middle, coarse.density, 0.0, 500.0)])
    assert np.allclose(split.sums(fine.probability), coarse.probability)


def test_the_bound_knows_what_merged_rows_hide() -> None:
    sky = a_wide_sky(8)
    bright = np.argmax(sky.probability)
    probability = sky.probability / 2
    probability[bright] += 0.5
    sky = replace(sky, probability=probability)
    start = datetime(2019, 8, 15, 6, tzinfo=UTC)
    camera = Instrument("c", ("r",), Rectangle(0.3, 0.3))
    telescope = Telescope("t", "T", Site(-29.0, -70.7), (camera,), Observing(600.0))
    begin, end = unix_s(start), unix_s(start) + 700.0
    table = Timetable.of(TelescopeToPlan(telescope, start), begin, end, Almanac.over(begin, end))
    found = ceiling(EventToPlan("lvk:S1", 1, "a", None), prepared(sky), "probability", {"t": table})
    assert 0.5 <= found.value < 0.9 and found.kind == "area"


def test_cells_stay_as_they_are_where_splitting_them_would_make_too_many() -> None:
    rows = np.arange(12 * 4**5 - 3)
    order, ipix = np.r_[np.full(rows.size, 5), 12], np.r_[rows, 12 * 4**12 - 1]
    coarse = Cells.of(order, ipix, np.full(order.size, 1.0 / order.size))
    fine, split = fine_cells(coarse, [Need(12, coarse.density, 0.0, 41_253.0)])
    assert fine.order.size <= MOST_CELLS and fine.order.max() == 12
    assert np.allclose(split.sums(fine.probability), coarse.probability)


def test_every_cell_knows_the_block_it_lies_in() -> None:
    cells = coarse_cells(a_sky(7))
    blocks = Blocks.of(cells)
    away = np.einsum("ij,ij->i", blocks.vectors[blocks.of_cells(cells)], cells.vectors)
    assert np.degrees(np.arccos(np.clip(away, -1, 1))).max() < 1.0
    assert resolving_order(1.9, 4) == 7 and resolving_order(0.3, 4) == 10


def test_blocks_of_large_cells_are_those_of_all_their_parts() -> None:
    order, ipix = np.array([5, 5, 7, 9]), np.array([0, 12 * 4**5 - 1, 16 * 5, 4**3 * 77])
    blocks = Blocks.of(Cells.of(order, ipix, np.full(4, 0.25)))
    assert blocks.number.tolist() == [0, 1, 2, 3, 20, 77, *range(12 * 4**6 - 4, 12 * 4**6)]
    assert np.allclose(blocks.vectors, pixel_vectors(6, blocks.number))


def test_fields_hold_the_cells_whose_centre_they_cover() -> None:
    cells = coarse_cells(a_sky(6))
    ra, dec = np.array([0.0, 120.0, 359.9, 10.0]), np.array([0.0, 45.0, -80.0, 89.9])
    fields = fields_at(Rectangle(5.0, 3.0), ra, dec, cells)
    for i in range(4):
        covered = inside(Rectangle(5.0, 3.0), ra[i], dec[i], 0.0, cells.ra_deg, cells.dec_deg)
        assert set(fields.cells_of(i)) == set(np.flatnonzero(covered))
    value = cells.probability
    assert np.allclose(fields.sums(value), [value[fields.cells_of(i)].sum() for i in range(4)])
    some = fields.chosen(np.array([2, 0]))
    assert some.cells_of(0).tolist() == fields.cells_of(2).tolist()
    both = some.with_more(fields)
    assert both.cells_of(2 + 3).tolist() == fields.cells_of(3).tolist()


def test_fields_on_finer_cells_hold_the_same_sky() -> None:
    coarse = coarse_cells(a_sky(6))
    fields = fields_at(Rectangle(5.0, 3.0), np.array([50.0]), np.array([20.0]), coarse)
    fine, split = fine_cells(coarse, [Need(8, np.where(coarse.dec_deg > 10, coarse.density, 0.0), 0.0, 400.0)])
    finer = fields.on(split)
    assert set(split.parent[finer.cells_of(0)]) == set(fields.cells_of(0))
    assert finer.sums(fine.probability)[0] == pytest.approx(fields.sums(coarse.probability)[0])


@pytest.mark.parametrize("shift", [(0.0, 0.0), (0.5, 0.25)])
def test_a_tiles_box_lies_round_its_centre(shift: tuple[float, float]) -> None:
    tiling = grid(2.0, 3.0, *shift)
    rng = np.random.default_rng(3)
    ra, dec = rng.uniform(0, 360, 2000), np.degrees(np.arcsin(rng.uniform(-0.99, 0.99, 2000)))
    centre_ra, centre_dec = tiling.centres(tiling.tiles_of(ra, dec))
    assert np.abs(dec - centre_dec).max() <= 1.5 + 1e-9
    assert (np.abs((ra - centre_ra + 180) % 360 - 180) * np.cos(np.radians(centre_dec))).max() <= 1.05
    tiles, sums = tile_sums(tiling, ra, dec, np.ones(2000))
    assert sums.sum() == 2000 and np.all(np.diff(sums) <= 0) and tiles.size == np.unique(tiles).size
    full = tile_sums(tiling, ra, dec, np.ones(2000), least=3.0)
    assert np.array_equal(full[0], tiles[sums >= 3.0]) and np.array_equal(full[1], sums[sums >= 3.0])
    assert np.array_equal(sums_at(tiling.tiles_of(ra, dec), np.ones(2000), tiles), sums)
    at_poles = tiling.tiles_of(np.array([0.0, 359.999, 17.0]), np.array([90.0, -90.0, 89.99]))
    assert np.all(np.isfinite(tiling.centres(at_poles)))


@pytest.mark.parametrize("radius_deg", [0.2, 3.0])
def test_rings_name_every_place_within_a_radius(radius_deg: float) -> None:
    rng = np.random.default_rng(5)
    ra, dec = rng.uniform(0, 360, 4000), np.degrees(np.arcsin(rng.uniform(-1, 1, 4000)))
    dec[:4], ra[:2] = (90.0, -90.0, 89.9, -89.9), (0.0, 359.9999)
    centre_ra = np.r_[rng.uniform(0, 360, 40), 0.0, 359.999, 120.0, 10.0]
    centre_dec = np.r_[np.degrees(np.arcsin(rng.uniform(-1, 1, 40))), 90.0, -89.95, 89.0, 0.0]
    near, places = Rings.of(ra, dec, 0.5).near(centre_ra, centre_dec, radius_deg)
    away = np.degrees(np.arccos(np.clip(directions(centre_ra, centre_dec) @ directions(ra, dec).T, -1, 1)))
    expected = {(int(c), int(p)) for c, p in zip(*np.nonzero(away <= radius_deg), strict=True)}
    found = list(zip(near.tolist(), places.tolist(), strict=True))
    assert expected <= set(found) and len(found) == len(set(found))


def test_the_earlier_field_owns_what_two_share() -> None:
    curve = ProbabilityCurve.of(a_sky(4))
    a, b = (Ranges.of(np.array([low]), np.array([low + 10000])) for low in (5000, 9000))
    pieces = Pieces.of([Sight(a, 0), Sight(b, 0)], SkyValue.of(curve, "probability"))
    kept = shares_in_order(pieces, [], [0, 1], 0.0)
    assert kept[0].value == kept[0].new_value == kept[0].probability == pytest.approx(curve.probability(a))
    assert kept[1].new_value == pytest.approx(curve.probability(b.minus(a)))
    assert covered_probability(pieces, [0, 1]) == pytest.approx(curve.probability(Ranges.union_of([a, b])))
    assert list(shares_in_order(pieces, [0], [1], 0.9)) == []
    assert list(shares_in_order(pieces, [], [1, 0], 0.9)) == [1]


def test_first_looks_count_from_the_earliest() -> None:
    cells = coarse_cells(a_sky(5))
    sky = footprint_ranges(Rectangle(10.0, 10.0), 30.0, 10.0, 0.0)
    first = first_looks_s(cells, [(sky, 200.0), (sky, 100.0)])
    mine = cells_inside(cells, sky)
    assert np.all(first[mine] == 100.0) and np.isinf(first).sum() == first.size - mine.size


def test_looks_of_long_ago_are_as_one_and_change_nothing_of_what_may_be_looked_at_now() -> None:
    cells = coarse_cells(a_sky(5))
    near, wide = (footprint_ranges(Rectangle(size, size), 30.0, 10.0, 0.0) for size in (5.0, 20.0))
    looks = [(near, 100.0), (wide, 300.0), (near, 900.0)]
    as_one = long_ago_as_one(looks, 400.0)
    assert len(as_one) == 2 and as_one[0][1] == 300.0
    plain, merged = first_looks_s(cells, looks), first_looks_s(cells, as_one)
    assert np.array_equal(np.maximum(plain, 400.0), np.maximum(merged, 400.0))
    assert long_ago_as_one(looks, 50.0) == looks and long_ago_as_one(looks, 100.0) == looks


def test_depth_follows_exposure_and_airmass_and_unknown_stays_unknown() -> None:
    camera = Instrument("c", ("r", "g"), Rectangle(1, 1), (Depth(20.0, 100.0, "r"), Depth(18.0, 100.0, "clear")))
    assert limit_mag_ab(camera, "r", 100.0, 1.0) == 20.0
    assert limit_mag_ab(camera, "r", 1000.0, 2.0) == pytest.approx(20.0 + 1.25 - 0.15)
    assert limit_mag_ab(camera, "g", 100.0, 1.0) == 18.0
    assert limit_mag_ab(Instrument("c", ("r",), Rectangle(1, 1)), "r", 100.0, 1.0) is None
    assert count_for(camera, "r", 100.0, 1, 21.25) == 10
    assert count_for(camera, "r", 100.0, 3, 15.0) == 3
    assert count_for(camera, "r", 100.0, 1, 30.0) == 12
    assert count_for(camera, "r", 100.0, 2, 500.0) == count_for(camera, "r", 100.0, 2, float("inf")) == 24


def test_time_is_cut_out_and_intersected() -> None:
    assert without([(0, 10), (20, 30)], [(5, 25), (28, 29)]) == [(0, 5), (25, 28), (29, 30)]
    assert common([(0, 10), (20, 30)], [(5, 25)]) == [(5, 10), (20, 25)]


def test_slewing_takes_the_slower_axis() -> None:
    site, (here, there) = Site(-30.0, 0.0), directions([0.0, 0.0], [0.0, 30.0])
    quick, by_axis = Timing(slew_rate_deg_s=2.0, settle_s=3.0), Timing(axis_rates_deg_s=(5.0, 1.0), settle_s=3.0)
    assert slew_s(quick, site, here, there) == pytest.approx(18.0)
    assert slew_s(by_axis, site, here, there) == pytest.approx(33.0)
    assert slew_s(Timing(settle_s=3.0), site, here, there) == 3.0
    assert slew_s(quick, site, here, here) == 0.0


def test_the_way_to_the_first_field_is_45_degrees_on_the_slower_axis() -> None:
    site, there = Site(-30.0, 0.0), directions([0.0], [30.0])[0]
    assert slew_s(Timing(slew_rate_deg_s=2.0, settle_s=3.0), site, None, there) == 25.5
    assert slew_s(Timing(axis_rates_deg_s=(5.0, 1.0), settle_s=2.0), site, None, there) == 47.0
    assert slew_s(Timing(settle_s=2.0), site, None, there) == 2.0


@pytest.mark.parametrize("rates", [{"slew_rate_deg_s": 1.0}, {"axis_rates_deg_s": (1.0, 1.0)}])
@pytest.mark.parametrize(("east_deg", "flips"), [(-5.0, True), (15.0, False), (-25.0, False), (178.0, True)])
def test_the_mount_flips_for_the_planner_where_it_does_for_the_telescope(
    rates: dict[str, float], east_deg: float, flips: bool
) -> None:
    site, timing = Site(0.0, 0.0), Timing(meridian_flip_s=120.0, **rates)  # type: ignore[arg-type]
    now = datetime(2024, 6, 20, 2, tzinfo=UTC)
    meridian_deg = hour_angle_deg(site, 0.0, now)
    one, other = ((meridian_deg - angle, 0.0) for angle in (east_deg, east_deg + 10.0))
    here, there = directions(*np.transpose([one, other]))
    expected = 130.0 if flips else 10.0
    assert agent_slew_s(timing, site, one, other, now) == pytest.approx(expected)
    now_s = unix_s(now)
    for when in ({"leaves_s": now_s}, {"leaves_s": now_s, "arrives_s": now_s + 20.0}, {"arrives_s": now_s + 10.0}):
        assert slew_s(timing, site, here, there, **when) == pytest.approx(expected)


def test_a_flip_is_reckoned_with_that_the_mount_may_come_to_need_while_it_waits() -> None:
    site, timing = Site(0.0, 0.0), Timing(1.0, meridian_flip_s=120.0)
    now = datetime(2024, 6, 20, 2, tzinfo=UTC)
    meridian_deg, now_s = hour_angle_deg(site, 0.0, now), unix_s(now)
    here, there = directions([meridian_deg + 0.3, meridian_deg + 10.3], [0.0, 0.0])  # crosses in 72 s
    assert slew_s(timing, site, here, there, now_s, now_s + 60.0) == pytest.approx(10.0)
    assert slew_s(timing, site, here, there, now_s, now_s + 90.0) == pytest.approx(130.0)
    assert slew_s(timing, site, here, there, leaves_s=now_s) == pytest.approx(130.0)
    assert slew_s(timing, site, here, there, arrives_s=now_s) == pytest.approx(10.0)


def test_a_timetable_knows_its_nights_and_what_is_taken() -> None:
    start = datetime(2024, 6, 20, 12, tzinfo=UTC)
    telescope = Telescope("t", "T", Site(-30.0, 0.0), (Instrument("c", ("r",), Rectangle(1, 1)),), Observing(60.0))
    busy = Busy(start + timedelta(hours=10), start + timedelta(hours=11), 0.0, 0.0, "r")
    almanac = Almanac.over(unix_s(start), unix_s(start) + 2 * 86400)
    table = Timetable.of(TelescopeToPlan(telescope, start, (busy,)), unix_s(start), unix_s(start) + 2 * 86400, almanac)
    (evening, dawn), second = table.dark("r")
    assert 5.5 < (evening - unix_s(start)) / 3600 < 7 and 17 < (dawn - unix_s(start)) / 3600 < 18.5
    assert second[0] - evening == pytest.approx(86400, abs=60)
    assert table.free("r")[:2] == [(evening, unix_s(busy.start)), (unix_s(busy.end), dawn)]
    nights = table.night_of(np.array([evening, dawn, second[0]]))
    assert nights[0] == nights[1] == nights[2] - 1
    assert table.held_by_night(100.0) == {int(nights[0]): 1}


def test_polar_day_has_no_dark_stretch_and_polar_night_one() -> None:
    telescope = Telescope("t", "T", Site(85.0, 0.0), (Instrument("c", ("r",), Rectangle(1, 1)),), Observing(60.0))
    for month, stretches in ((6, 0), (12, 1)):
        start = datetime(2024, month, 20, tzinfo=UTC)
        begin, end = unix_s(start), unix_s(start) + 86400
        table = Timetable.of(TelescopeToPlan(telescope, start), begin, end, Almanac.over(begin, end))
        assert len(table.dark("r")) == stretches


def test_cells_are_sorted_along_the_curve_whatever_order_they_come_in() -> None:
    cells = Cells.of(np.array([2, 1, 3]), np.array([100, 0, 5]), np.array([0.2, 0.5, 0.3]))
    assert np.all(np.diff(cells.key) > 0)
    assert cells.probability.sum() == pytest.approx(1.0)


def a_look(name: str, telescope: str, start_s: float, ranges: Ranges, curve: ProbabilityCurve) -> PlannedPointing:
    """A pointing of this sky, as it is worth alone."""
    own = curve.probability(ranges)
    start = datetime(2024, 6, 20, 12, tzinfo=UTC) + timedelta(seconds=start_s)
    end = start + timedelta(seconds=60)
    return PlannedPointing(
        name, "lvk:S1", 1, telescope, "main", 0.0, 0.0, 0.0, start, end, end, "r", 60.0, 1, "1", None,
        own, own, own, own, 50.0, 1.3, "", 50, ranges,
    )  # fmt: skip


def test_a_plan_stays_as_it_is_unless_the_new_part_of_new_fields_is_worth_a_change() -> None:
    curve = ProbabilityCurve.of(a_sky(4))
    sky = SkyValue.of(curve, "probability")
    first, second, both = (Ranges.of_pixels(4, np.arange(low, high)) for low, high in ((0, 50), (50, 90), (35, 90)))
    kept = [a_look("kept", "a", 0, first, curve)]
    again, other = a_look("again", "a", 100, both, curve), a_look("other", "b", 100, both, curve)

    def stand(new: PlannedPointing, *looks: Sight) -> frozenset[str]:
        counted = count_visit([*kept, new], looks, frozenset({"kept"}), sky)
        return worth_a_change(counted, kept, Standing.of(kept, kept))

    assert stand(again) == {"kept", "again"}
    assert stand(again, Sight(second, 0)) == stand(other, Sight(second, 0)) == {"kept"}
    parts = (Ranges.of_pixels(4, np.array([pixel])) for pixel in range(50, 90))
    little = next(r for r in parts if 0.001 < curve.probability(r) / curve.probability(first) < 0.01)
    tiny = a_look("tiny", "a", 100, little, curve)
    assert stand(tiny) == {"kept"} and stand(replace(tiny, telescope="b")) == {"kept", "tiny"}


def test_a_kept_pointing_pushes_out_only_as_many_new_ones_as_it_needs_for_its_half() -> None:
    flat = SkyMap(np.full(3072, 4), np.arange(3072), np.full(3072, 1.0 / 3072.0), MapFacts("flat"))
    curve = ProbabilityCurve.of(flat)
    sky = SkyValue.of(curve, "probability")

    def look(name: str, start_s: float, low: int, high: int) -> PlannedPointing:
        return a_look(name, name, start_s, Ranges.of_pixels(4, np.arange(low, high)), curve)

    def stand(*new: PlannedPointing, looks: tuple[Sight, ...] = ()) -> str:
        counted = count_visit([look("kept", 900, 100, 200), *new], looks, frozenset({"kept"}), sky)
        return " ".join(p.id for p in counted.pointings)

    most, some = look("a", 0, 60, 160), look("b", 60, 160, 190)
    little, touch = look("c", 120, 190, 290), look("d", 180, 99, 101)
    assert stand(little, touch) == "c d kept"
    assert stand(most, little, touch) == "c d kept"
    assert stand(most, some, little) == "b c kept"
    assert (
        stand(some, little, looks=(Sight(Ranges.of_pixels(4, np.arange(100, 160)), 0),)) == "b c"
    )  # it is lost anyway
