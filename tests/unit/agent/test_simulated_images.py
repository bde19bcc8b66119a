"""Images and mishaps of the simulated driver."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from telescopes.agent.sky_time import AgentSky
from telescopes.description.clocks import MonotonicClock, SkyClockReading
from telescopes.description.errors import Refused
from telescopes.description.footprint import Circle, Rectangle
from telescopes.description.telescope import Depth, DriverChoice, Instrument, Reduction
from telescopes.drivers.driver import CameraFault, DriverFault, ExposureSpec, FilterFault, MountFault, Target
from telescopes.drivers.mishaps import Mishaps
from telescopes.drivers.simulated import SimulatedDriver
from telescopes.drivers.simulated_settings import SimulatedSettings
from telescopes.drivers.sky_image import counts
from telescopes.drivers.stars import MOST_STARS, stars_around
from telescopes.drivers.world import SkySource, World

T0 = datetime(2026, 1, 1, tzinfo=UTC)
SMALL = Instrument("main", ("r", "g"), Rectangle(0.3, 0.2), (Depth(20.0, 60.0),))
WORLD = World(1, T0, (SkySource("s", "sn", 10.05, 5.03, {"r": ((-1e4, 15.0), (1e4, 15.0))}),), bogus_per_image=0.0)


def path_of(frame):
    return Path(frame.image_uri.removeprefix("file://"))


def a_driver(telescope, camera=SMALL, world=WORLD, reduction=Reduction(), **settings):  # noqa: B008
    site = telescope(instruments=(camera,), driver=DriverChoice("simulated", settings), reduction=reduction)
    sky = AgentSky(MonotonicClock())
    sky.announce(SkyClockReading(T0, 1e5))
    return SimulatedDriver(site, sky, world)


async def expose(driver, names=("p1",), angle=20.0):
    await driver.slew(Target(10.0, 5.0, angle, "main", "r"))
    return [await driver.expose(ExposureSpec(name, 0, "main", "r", 60.0)) for name in names]


async def test_an_image_says_where_it_lies_and_shows_the_source_there(telescope, tmp_path):
    (frame,) = await expose(a_driver(telescope, images=str(tmp_path), image_px=300))
    path = path_of(frame)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == frame.image_sha256
    with fits.open(path) as opened:
        header, data = opened[0].header, opened[0].data
    assert data.shape == (200, 300)
    assert (header["OBJECT"], header["FILTER"], header["EXPTIME"]) == ("p1", "r", 60.0)
    x, y = WCS(header, fix=False).all_world2pix(10.05, 5.03, 0)
    column, row = round(float(x)), round(float(y))
    around = data[row - 6 : row + 7, column - 6 : column + 7] - np.median(data)
    assert around.sum() == pytest.approx(counts(15.0), rel=0.02)
    assert np.unravel_index(around.argmax(), around.shape) == (6, 6)


async def test_the_noise_is_that_of_the_depth_it_reports(telescope, tmp_path):
    (frame,) = await expose(a_driver(telescope, images=str(tmp_path)))
    with fits.open(path_of(frame)) as opened:
        data = opened[0].data.astype(float)
    noise = 1.4826 * np.median(np.abs(data - np.median(data)))
    effective_px = 4 * np.pi * (2.2 / 2.3548) ** 2
    assert counts(frame.limiting_mag_ab) / (noise * effective_px**0.5) == pytest.approx(5.0, rel=0.05)


async def test_the_same_exposure_gives_the_same_image_and_the_newest_are_kept(telescope, tmp_path):
    names = [f"p{n}" for n in range(4)]
    once = await expose(a_driver(telescope, images=str(tmp_path / "a"), images_kept=2, image_px=64), names)
    other = tmp_path / "a" / "t2_p0_0.fits"
    other.write_bytes(b"another telescope's")
    await expose(a_driver(telescope, images=str(tmp_path / "a"), images_kept=2, image_px=64), ["p9"])
    assert sorted(p.name for p in (tmp_path / "a").glob("*.fits")) == ["t1_p3_0.fits", "t1_p9_0.fits", other.name]
    assert len(list((tmp_path / "a").glob("*.stars.csv"))) == 2
    assert once[0].image_uri != once[1].image_uri


async def test_a_name_that_is_a_path_stays_in_the_folder(telescope, tmp_path):
    driver = a_driver(telescope, images=str(tmp_path / "images"), image_px=32)
    (frame,) = await expose(driver, ["../../etc/passwd;rm -rf"])
    assert path_of(frame).parent == tmp_path / "images"


async def test_a_round_field_and_an_unknown_depth_give_images_too(telescope, tmp_path):
    (frame,) = await expose(
        a_driver(telescope, Instrument("main", ("r",), Circle(1.5)), images=str(tmp_path), image_px=64)
    )
    assert frame.limiting_mag_ab is None
    with fits.open(path_of(frame)) as opened:
        assert opened[0].data.shape == (64, 64)


async def test_a_driver_finds_nothing_itself_where_a_program_does(telescope, tmp_path):
    reduced = Reduction(("p",))
    (plain,) = await expose(a_driver(telescope))
    (image,) = await expose(a_driver(telescope, images=str(tmp_path), image_px=64))
    (with_program,) = await expose(a_driver(telescope, reduction=reduced, images=str(tmp_path), image_px=64))
    assert [len(f.detections) for f in (plain, image, with_program)] == [1, 1, 0]
    assert plain.image_uri == ""
    assert image.detections == plain.detections or image.detections[0].ra_deg == pytest.approx(10.05, abs=1e-3)


async def test_a_folder_that_cannot_be_written_is_the_camera_s_fault(telescope, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CameraFault, match=r"driver\.images"):
        await expose(a_driver(telescope, images=str(tmp_path / "file" / "images"), image_px=32))


def test_every_wrong_setting_is_named(telescope):
    with pytest.raises(Refused) as refused:
        a_driver(telescope, images_kept=0, camera_fault_probability=2, imges="x")
    said = str(refused.value)
    assert all(key in said for key in ("driver.images_kept", "driver.camera_fault_probability", "driver.imges"))


@pytest.mark.parametrize(
    ("setting", "fault"),
    [("mount_fault_probability", MountFault), ("camera_fault_probability", CameraFault)],
)
async def test_devices_fail_where_they_are_told_to(telescope, setting, fault):
    with pytest.raises(fault):
        await expose(a_driver(telescope, **{setting: 1}))


async def test_a_stuck_filter_wheel_fails_only_a_change(telescope):
    driver = a_driver(telescope, filter_fault_probability=1)
    await expose(driver)
    with pytest.raises(FilterFault):
        await driver.slew(Target(11.0, 5.0, 0.0, "main", "g"))


async def test_a_slow_answer_comes_late(telescope):
    (frame,) = await expose(driver := a_driver(telescope, slow_probability=1, slow_s=1000))
    assert (frame.start - T0).total_seconds() > 1000
    assert (driver._time.now() - frame.end).total_seconds() > 1000


def outcomes(seed):
    mishaps = Mishaps(SimulatedSettings(seed=seed, camera_fault_probability=0.3, slow_probability=0.5, slow_s=7), "t1")
    said = []
    for _ in range(200):
        try:
            said.append(mishaps.camera().total_seconds())
        except DriverFault as fault:
            said.append(type(fault).__name__)
    return said


def test_mishaps_come_as_often_as_is_said_and_the_same_again_with_the_same_seed():
    assert outcomes(1) == outcomes(1) != outcomes(2)
    assert 40 < outcomes(1).count("CameraFault") < 80
    assert 40 < outcomes(1).count(7.0) < 110


@pytest.mark.parametrize("place", [(0.0, 0.0), (359.9, 45.0), (123.0, 89.9), (10.0, -90.0)])
def test_stars_are_the_same_whoever_looks(place):
    ra, dec = place
    one, other = stars_around(3, ra, dec, 0.3), stars_around(3, (ra + 0.05) % 360, dec, 0.3)
    assert 10 < one.ra_deg.size <= MOST_STARS + 400
    both = set(one.ra_deg.tolist()) & set(other.ra_deg.tolist())
    assert len(both) > 0.3 * one.ra_deg.size
    assert stars_around(4, ra, dec, 0.3).ra_deg.tolist() != one.ra_deg.tolist()


def test_a_wide_field_shows_the_brightest_stars():
    wide = stars_around(3, 50.0, 10.0, 8.0)
    assert wide.ra_deg.size < 2 * MOST_STARS
    assert np.median(wide.mag_ab) < np.median(stars_around(3, 50.0, 10.0, 0.5).mag_ab)
