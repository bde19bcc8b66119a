"""Stated positions with errors, made into sky maps."""

import healpy
import numpy as np
import pytest
from astropy.io import fits
from builders.made_maps import share_within

from coordinator.alerts.alert import Localization
from coordinator.services.place_map import place_map
from coordinator.sky.errors_on_sky import FERMI_GBM, Systematic, cone, ellipse
from coordinator.sky.make_map import map_of
from coordinator.sky.polygon import polygon
from coordinator.sky.read import read_skymap
from coordinator.sky.regions import Lookup, credible_areas, peak
from coordinator.sky.rings import Ring, rings
from coordinator.sky.write_multiorder import write_multiorder
from telescopes.description.errors import Refused


def flat_area_deg2(radius_deg: float, held: float, level: float) -> float:
    """Area of a small round Gaussian's credible region from the radius that holds some of it."""
    return float(np.pi * radius_deg**2 * np.log(1 - level) / np.log(1 - held))


@pytest.mark.parametrize("radius_deg", [0.0001, 0.02, 1.0, 8.6])
def test_a_cone_holds_what_it_says_and_has_the_area_of_a_gaussian(radius_deg: float) -> None:
    sky = map_of(cone(83.0, 5.0, radius_deg, 0.9))
    assert share_within(sky, 83.0, 5.0, radius_deg) == pytest.approx(0.9, rel=5e-3)
    areas = credible_areas(sky, (0.5, 0.9))
    assert areas == pytest.approx([flat_area_deg2(radius_deg, 0.9, level) for level in (0.5, 0.9)], rel=0.01)


def test_a_systematic_error_is_added_in_quadrature() -> None:
    sky = map_of(cone(83.0, 5.0, 3.0, 0.68, Systematic(core_deg=4.0)))
    assert share_within(sky, 83.0, 5.0, 5.0) == pytest.approx(0.68, rel=5e-3)


def test_a_position_of_gbm_has_a_core_and_a_tail() -> None:
    sky = map_of(cone(83.0, 5.0, 1.0, 0.68, FERMI_GBM))
    core = share_within(sky, 83.0, 5.0, np.hypot(1.0, 3.71))
    assert core == pytest.approx(0.9 * 0.68 + 0.1 * (1 - 0.32 ** (3.84 / 14.33) ** 2), rel=0.01)
    assert share_within(sky, 83.0, 5.0, 15.0) == pytest.approx(0.9 + 0.1 * 0.71, abs=0.01)


def test_an_ellipse_lies_along_its_position_angle() -> None:
    sky = map_of(ellipse(150.0, 60.0, (2.0, 0.5), 90.0, 0.9))
    assert credible_areas(sky, (0.9,))[0] == pytest.approx(np.pi * 2.0 * 0.5, rel=0.01)
    seen = Lookup.of(sky)
    _, (east, north), _ = seen.at([150.0 + 1.5 / np.cos(np.radians(60.0)), 150.0], [60.0, 61.5])
    assert east < 0.9 < north


def test_a_polygon_is_uniform_inside_whatever_its_corners_order() -> None:
    corners = [(359.0, 10.0), (1.0, 10.0), (1.0, 12.0), (359.0, 12.0)]
    for order in (corners, corners[::-1]):
        sky = map_of(polygon(order))
        seen = Lookup.of(sky)
        density, _, _ = seen.at([0.0, 359.2, 0.9, 2.0, 180.0], [11.0, 11.9, 10.2, 11.0, -11.0])
        # Great circles bulge poleward of the parallels, so the area is that of the corners only nearly.
        assert density[:3] == pytest.approx(np.full(3, density[0]), rel=1e-6) and not density[3:].any()
        assert 1 / density[0] == pytest.approx(np.radians(2.0) ** 2 * np.cos(np.radians(11.0)), rel=0.01)


def test_a_polygon_may_hold_a_pole_and_bend_inwards() -> None:
    cap = Lookup.of(map_of(polygon([(0, 80), (90, 80), (180, 80), (270, 80)])))
    assert cap.at(10.0, 89.0)[0] > 0
    arrow = Lookup.of(map_of(polygon([(0, 0), (10, -5), (4, 0), (10, 5)])))
    assert arrow.at(3.0, 0.0)[0] > 0 and arrow.at(8.0, 0.0)[0] == 0


def test_a_ring_is_as_wide_as_it_says_and_two_meet_where_they_cross() -> None:
    one = Ring(30.0, 10.0, 60.0, 3.0)
    alone = map_of(rings([one]))
    circumference_deg = 360.0 * np.sin(np.radians(60.0))
    assert credible_areas(alone, (0.9,))[0] == pytest.approx(circumference_deg * 2 * 1.645, rel=0.03)
    both = map_of(rings([one, Ring(100.0, -40.0, 70.0, 3.0)]))
    ra_deg, dec_deg = peak(both)
    apart = [
        np.degrees(healpy.rotator.angdist([ra_deg, dec_deg], [r.ra_deg, r.dec_deg], lonlat=True))
        for r in (one, Ring(100.0, -40.0, 70.0, 3.0))
    ]
    assert np.ravel(apart) == pytest.approx([60.0, 70.0], abs=0.5)


def test_rings_that_exclude_each_other_are_refused() -> None:
    with pytest.raises(Refused, match="no sky is left"):
        map_of(rings([Ring(30.0, 10.0, 5.0, 0.1), Ring(210.0, -10.0, 5.0, 0.1)]))


def test_a_radius_far_below_an_arcsecond_gives_a_small_map_that_can_be_read() -> None:
    data = write_multiorder(map_of(cone(10.0, 20.0, 1e-7, 0.9)))
    sky = read_skymap(data)
    assert len(data) < 200_000 and not sky.facts.warnings
    assert peak(sky) == pytest.approx((10.0, 20.0), abs=1e-7)


def test_written_bytes_are_equal_for_equal_cones_and_others_read_them() -> None:
    first, second = (write_multiorder(map_of(cone(10.0, 20.0, 1.0, 0.9))) for _ in range(2))
    assert first == second
    with fits.open(__import__("io").BytesIO(first)) as found:
        found.verify("exception")
        table, header = found[1].data, found[1].header
    assert (header["PIXTYPE"], header["ORDERING"], header["COORDSYS"]) == ("HEALPIX", "NUNIQ", "C")
    order = np.log2(table["UNIQ"] / 4).astype(int) // 2
    area = healpy.nside2pixarea(1) / 4.0**order
    assert (table["PROBDENSITY"] * area).sum() == pytest.approx(1.0)
    assert area.sum() == pytest.approx(4 * np.pi)
    ours = read_skymap(first)
    assert np.array_equal(np.sort(ours.ipix + 4 * 4**ours.order), table["UNIQ"])


@pytest.mark.parametrize(
    "made",
    [
        lambda: cone(10.0, 20.0, 0.0, 0.9),
        lambda: cone(10.0, 20.0, float("nan"), 0.9),
        lambda: cone(10.0, 20.0, 360.0, 0.9),
        lambda: cone(10.0, 20.0, 170.0, 0.5),
        lambda: cone(10.0, 95.0, 1.0, 0.9),
        lambda: cone(10.0, 20.0, 1.0, 1.0),
        lambda: ellipse(10.0, 20.0, (1.0, 0.0), 0.0, 0.9),
        lambda: ellipse(10.0, 20.0, (1.0, 1.0), float("inf"), 0.9),
        lambda: polygon([(0.0, 0.0), (1.0, 1.0)]),
        lambda: polygon([(0.0, 0.0), (1.0, 0.0), (2.0, 0.0)]),
        lambda: polygon([(0.0, 0.0), (90.0, 0.0), (180.0, 0.0), (270.0, 0.0)]),
        lambda: rings([]),
        lambda: rings([Ring(0.0, 0.0, 10.0, 0.0)]),
    ],
)
def test_an_error_that_cannot_be_is_refused(made) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(Refused):
        map_of(made())


def a_cone(radius_deg: float = 1.0, **changes: object) -> Localization:
    return Localization("cone", 83.0, 5.0, radius_deg, containment=0.68, **changes)  # type: ignore[arg-type]


def test_of_a_stream_that_leaves_out_its_systematic_error_it_is_added() -> None:
    swift = place_map(a_cone(systematic_included=False), "swift")
    gbm = place_map(a_cone(systematic_included=False), "fermi.gbm")
    below = place_map(a_cone(systematic_included=False), "fermi.gbm.subthresh")
    whole = place_map(a_cone(systematic_included=True), "fermi.gbm")
    assert swift and gbm and below and whole
    assert swift.area90_deg2 == whole.area90_deg2 == pytest.approx(flat_area_deg2(1.0, 0.68, 0.9), rel=0.01)
    assert gbm.area90_deg2 == below.area90_deg2 > 20 * swift.area90_deg2
    assert gbm.warnings == ("a systematic error of 3.71 deg is added",)


def test_a_containment_that_nobody_states_is_taken_as_68_percent_and_said() -> None:
    made = place_map(Localization("cone", 83.0, 5.0, 1.0), "swift")
    said = place_map(a_cone(), "swift")
    assert made and said and made.sha256 == said.sha256
    assert made.warnings == ("the error's containment is not stated: taken as 68 %",)


@pytest.mark.parametrize("kind", ["point", "allsky", "none", "link"])
def test_what_has_no_error_gets_no_map(kind: str) -> None:
    assert place_map(Localization(kind, 83.0, 5.0), "swift") is None
