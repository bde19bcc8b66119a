"""Plans of the real maps for the network that is shipped, counted and checked again by other means."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import healpy
import numpy as np
import pytest

from coordinator.planning.make import plan
from coordinator.planning.plan import PlannedPointing
from coordinator.planning.request import EventToPlan, PlanRequest, TelescopeToPlan
from coordinator.sky.read import read_skymap
from coordinator.sky.skymap import SkyMap
from telescopes.description.footprint import Circle, Footprint, Polygons, Rectangle
from telescopes.description.site_file import default_sites_folder, read_sites
from telescopes.description.telescope import Telescope

pytestmark = pytest.mark.realdata

ORDER = 12
MAPS = (
    "GW170817.GWTC1.multiorder.fits",
    "S190814bv.LALInference.v1.multiorder.fits",
    pytest.param("S190425z.LALInference.multiorder.fits", marks=pytest.mark.slow),
    pytest.param("S190718y.bayestar.multiorder.fits", marks=pytest.mark.slow),
    pytest.param("S230518h.preliminary.bayestar.multiorder.fits", marks=pytest.mark.slow),
    "GRB220617A.IPN.flat.fits.gz",
)


class Recount:
    """Probability per order-12 pixel, from the map's cells alone."""

    def __init__(self, sky: SkyMap) -> None:
        self.fine = sky.order > ORDER
        shift = 2 * (29 - sky.order)
        self.low, self.high = sky.ipix << shift, (sky.ipix + 1) << shift
        self.density = sky.probability / (self.high - self.low)
        assert not self.fine.any()

    def of(self, pixels: np.ndarray) -> np.ndarray:
        shift = 2 * (29 - ORDER)
        at = np.searchsorted(self.low, pixels << shift, side="right") - 1
        inside = (at >= 0) & (pixels << shift < self.high[np.maximum(at, 0)])
        return np.where(inside, self.density[np.maximum(at, 0)] * (1 << shift), 0.0)


def covered_pixels(footprint: Footprint, p: PlannedPointing) -> np.ndarray:
    """Pixels whose centre lies inside, by healpy's disc and the tangent plane."""
    assert not isinstance(footprint, Polygons)
    reach = (
        footprint.radius_deg if isinstance(footprint, Circle) else np.hypot(footprint.width_deg, footprint.height_deg)
    )
    ra, dec = np.radians(p.ra_deg), np.radians(p.dec_deg)
    centre = np.array([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])
    pixels = healpy.query_disc(1 << ORDER, centre, np.radians(reach * 0.51 + 0.02), nest=True)
    vectors = np.array(healpy.pix2vec(1 << ORDER, pixels, nest=True))
    depth = centre @ vectors
    if isinstance(footprint, Circle):
        return pixels[depth >= np.cos(np.radians(footprint.radius_deg))]
    east = np.array([-np.sin(ra), np.cos(ra), 0.0])
    north = np.array([-np.sin(dec) * np.cos(ra), -np.sin(dec) * np.sin(ra), np.cos(dec)])
    x, y = np.degrees(east @ vectors / depth), np.degrees(north @ vectors / depth)
    assert isinstance(footprint, Rectangle)
    return pixels[(np.abs(x) <= footprint.width_deg / 2) & (np.abs(y) <= footprint.height_deg / 2)]


def altitudes_deg(telescope: Telescope, pointings: list[PlannedPointing], at_end: bool) -> np.ndarray:
    """Altitude of the field and of the Sun, and distance of the Moon where it is up (else 180), by astropy."""
    import astropy.units as u
    from astropy.coordinates import AltAz, EarthLocation, SkyCoord, get_body, get_sun
    from astropy.time import Time

    site = telescope.site
    here = EarthLocation.from_geodetic(site.longitude_deg * u.deg, site.latitude_deg * u.deg, site.elevation_m * u.m)
    when = Time([p.end if at_end else p.start for p in pointings])
    frame = AltAz(obstime=when, location=here, pressure=0 * u.hPa)
    field = SkyCoord([p.ra_deg for p in pointings] * u.deg, [p.dec_deg for p in pointings] * u.deg).transform_to(frame)
    moon = get_body("moon", when, here).transform_to(frame)
    away = np.where(moon.alt.deg > 0, moon.separation(field).deg, 180.0)
    return np.array([field.alt.deg, get_sun(when).transform_to(frame).alt.deg, away])


@pytest.fixture(scope="module", autouse=True)
def _offline() -> None:
    from astropy.utils import iers

    iers.conf.auto_download = False
    iers.conf.auto_max_age = None


@pytest.mark.parametrize("name", MAPS)
def test_real_maps_are_searched_with_nothing_pointed_at_twice(shared_data: Path, name: str) -> None:
    sky = read_skymap((shared_data / "skymaps" / name).read_bytes(), name)
    telescopes = {t.id: t for t in read_sites(default_sites_folder())}
    t0 = sky.facts.t0 or datetime(2022, 6, 17, 12, tzinfo=UTC)
    event = EventToPlan("lvk:S1", 1, sky.facts.sha256, t0, objective="probability")
    asked = tuple(TelescopeToPlan(t, t0) for t in telescopes.values())
    request = PlanRequest((event,), asked, t0, t0 + timedelta(hours=24))
    made = plan(request, {sky.facts.sha256: sky})

    recount, covered, total, union = Recount(sky), np.zeros(12 << 2 * ORDER, bool), 0.0, 0.0
    for p in made.pointings:
        pixels = covered_pixels(telescopes[p.telescope].instrument(p.instrument).footprint, p)
        probability = recount.of(pixels)
        own, new = probability.sum(), probability[~covered[pixels]].sum()
        assert new >= 0.5 * own, p.id
        assert (own, new) == (pytest.approx(p.probability, abs=1e-8), pytest.approx(p.new_probability, abs=1e-8))
        covered[pixels] = True
        total, union = total + own, union + new
    figures = made.events[0].figures
    assert made.pointings and figures.duplicates == 0
    assert union == pytest.approx(figures.planned, abs=1e-6)
    assert total / union - 1 == pytest.approx(figures.redundancy, abs=1e-6)
    assert figures.redundancy <= 0.10 and figures.planned <= figures.bound
    _check_limits(telescopes, made.pointings)

    again = plan(replace(request, previous=made.pointings), {sky.facts.sha256: sky}).events[0]
    assert again.figures.bound == pytest.approx(figures.bound) and again.figures.planned <= again.figures.bound
    changes = again.changes
    assert (changes.kept, changes.moved, changes.added, changes.withdrawn) == (len(made.pointings), 0, 0, 0)


def _check_limits(telescopes: dict[str, Telescope], pointings: tuple[PlannedPointing, ...]) -> None:
    """Check a sample of each telescope's pointings at start and end with astropy."""
    for name, telescope in telescopes.items():
        mine = [p for p in pointings if p.telescope == name][::7]
        for at_end in (False, True) if mine else ():
            field, sun, moon = altitudes_deg(telescope, mine, at_end)
            assert field.min() >= telescope.limits.min_altitude_deg
            assert sun.max() <= telescope.limits.max_sun_altitude_deg
            assert moon.min() >= telescope.limits.min_moon_separation_deg
        for p in mine:
            low, high = telescope.limits.declination_deg or (-90.0, 90.0)
            assert low <= p.dec_deg <= high
