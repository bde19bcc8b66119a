"""What drivers that slew and expose must do besides: the simulated one, and those for devices against simulators."""

import asyncio
import hashlib
import urllib.parse
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from astropy.coordinates import TETE, SkyCoord
from astropy.io import fits
from astropy.time import Time
from astropy.utils import iers
from astropy.wcs import WCS
from builders.alpaca_peer import STAR_EAST_DEG, STAR_NORTH_DEG, AlpacaPeer
from builders.driver_benches import Bench, alpaca_bench, indi_bench, simulated_bench
from builders.indi_peer import IndiPeer

from telescopes.drivers.devices.places import apart_arcsec
from telescopes.drivers.driver import ExposureSpec, FilterFault, Frame

WITHIN_ARCSEC = 60.0
PEERS = [pytest.param(name, marks=pytest.mark.peer) for name in ("alpaca", "indi")]
PEERS_LONG = [pytest.param(name, marks=[pytest.mark.peer, pytest.mark.long]) for name in ("alpaca", "indi")]
"""For what shows little that the other tests do not: peers move as slowly as telescopes."""


@pytest.fixture(params=["simulated", *PEERS])
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    async with a_bench(request, tmp_path) as made:
        yield made


@pytest.fixture(params=["simulated", *PEERS_LONG])
async def patient_bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    async with a_bench(request, tmp_path) as made:
        yield made


def a_bench(request: pytest.FixtureRequest, images: Path) -> AbstractAsyncContextManager[Bench]:
    """Put the driver that a fixture asks for on a bench."""
    match request.param:
        case "simulated":
            return simulated_bench(images)
        case "alpaca":
            return alpaca_bench(request.getfixturevalue("alpaca_peer"), images)
        case "indi":
            return indi_bench(request.getfixturevalue("indi_peer"), images)
        case other:
            raise AssertionError(f"there is no bench for {other}")


def a_spec(pointing_id: str = "p/1", exposure_s: float = 0.3, filter_: str = "r", index: int = 0) -> ExposureSpec:
    return ExposureSpec(pointing_id, index, "main", filter_, exposure_s)


def file_of(frame: Frame) -> Path:
    return Path(urllib.parse.unquote(urllib.parse.urlparse(frame.image_uri).path))


async def test_a_slew_ends_where_it_was_asked_to_and_says_so(bench: Bench) -> None:
    aim = await bench.driver.slew(bench.target)
    wanted = (bench.target.ra_deg, bench.target.dec_deg)
    assert apart_arcsec((aim.ra_deg, aim.dec_deg), wanted) <= WITHIN_ARCSEC
    status = await bench.driver.status()
    assert (status.aim, status.filter, status.parked) == (aim, "r", False)


async def test_an_exposure_says_when_it_was(patient_bench: Bench) -> None:
    await patient_bench.driver.slew(patient_bench.target)
    frame = await patient_bench.driver.expose(a_spec(exposure_s=0.4))
    assert frame.exposure_s == pytest.approx(0.4)
    assert (frame.end - frame.start).total_seconds() == pytest.approx(0.4, abs=0.1)


async def test_astropy_reads_the_image_and_its_header(bench: Bench) -> None:
    aim = await bench.driver.slew(bench.target)
    frame = await bench.driver.expose(a_spec("S1/t/7", 0.5, "g", index=2))
    path = file_of(frame)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == frame.image_sha256
    with fits.open(path) as image:
        image.verify("exception")
        header, pixels = image[0].header, image[0].data
    said = {name: header[name] for name in ("OBJECT", "EXPINDEX", "FILTER", "EXPTIME", "TELESCOP", "TIMESYS")}
    wanted = {"OBJECT": "S1/t/7", "EXPINDEX": 2, "FILTER": "g", "EXPTIME": 0.5, "TELESCOP": bench.telescope.id}
    assert said == {**wanted, "TIMESYS": "UTC"}
    assert header["DATE-OBS"] == frame.start.isoformat(timespec="milliseconds").removesuffix("+00:00")
    assert pixels.mean() > 0
    centre = WCS(header).pixel_to_world((header["NAXIS1"] - 1) / 2, (header["NAXIS2"] - 1) / 2)
    assert centre.separation(SkyCoord(aim.ra_deg, aim.dec_deg, unit="deg")).arcsec < 0.1


async def test_an_abort_ends_a_slew(patient_bench: Bench) -> None:
    await patient_bench.driver.slew(patient_bench.target)
    running = asyncio.create_task(
        patient_bench.driver.slew(replace(patient_bench.target, dec_deg=patient_bench.target.dec_deg - 60.0))
    )
    await asyncio.sleep(0.2)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await patient_bench.driver.abort()
    assert not (await patient_bench.driver.status()).parked


async def test_a_filter_that_is_not_there_is_a_fault_of_the_filter(bench: Bench) -> None:
    with pytest.raises(FilterFault, match="no filter z") as fault:
        await bench.driver.slew(replace(bench.target, filter="z"))
    assert fault.value.where
    assert fault.value.mend


async def test_it_parks_and_unparks_by_itself(patient_bench: Bench) -> None:
    await patient_bench.driver.slew(patient_bench.target)
    await patient_bench.driver.park()
    assert (await patient_bench.driver.status()).parked
    await patient_bench.driver.slew(patient_bench.target)
    assert not (await patient_bench.driver.status()).parked


async def test_an_unsafe_site_is_told_of_and_a_safe_one_again(bench: Bench) -> None:
    if bench.set_safe is None:
        pytest.skip("nothing on this bench makes the site unsafe")
    safe = await bench.driver.safety()
    assert safe.closed_because is None
    told = asyncio.create_task(bench.driver.safety_after(safe))
    await bench.set_safe(False)
    unsafe = await told
    assert unsafe.closed_because is not None
    assert not unsafe.safe
    told = asyncio.create_task(bench.driver.safety_after(unsafe))
    await bench.set_safe(True)
    assert (await told).closed_because is None


@pytest.mark.peer
async def test_a_mount_is_told_its_own_coordinates_and_a_star_is_where_the_header_says(
    alpaca_peer: AlpacaPeer, tmp_path: Path
) -> None:
    async with alpaca_bench(alpaca_peer, tmp_path) as bench:
        aim = await bench.driver.slew(bench.target)
        hours, dec_deg = await asyncio.to_thread(alpaca_peer.mount_place)
        path = file_of(await bench.driver.expose(a_spec(exposure_s=0.5)))
    with iers.conf.set_temp("auto_download", False), iers.conf.set_temp("auto_max_age", None):
        theirs = SkyCoord(150.0, 20.0, unit="deg").transform_to(TETE(obstime=Time(datetime.now(UTC))))
    assert apart_arcsec((hours * 15.0, dec_deg), (theirs.ra.deg, theirs.dec.deg)) < 1.0
    with fits.open(path) as image:
        row, column = divmod(int(image[0].data.argmax()), image[0].header["NAXIS1"])
        star = WCS(image[0].header).pixel_to_world(column, row)
    east, north = SkyCoord(aim.ra_deg, aim.dec_deg, unit="deg").spherical_offsets_to(star)
    assert (east.deg, north.deg) == pytest.approx((STAR_EAST_DEG, STAR_NORTH_DEG), abs=0.003)


@pytest.mark.peer
@pytest.mark.long
async def test_a_dome_opens_follows_and_closes(indi_peer: IndiPeer, tmp_path: Path) -> None:
    async with indi_bench(indi_peer, tmp_path, dome="Dome Simulator") as bench:
        await bench.driver.slew(bench.target)
        assert await asyncio.to_thread(indi_peer.get, "Dome Simulator.DOME_SHUTTER.SHUTTER_OPEN") == "On"
        assert await asyncio.to_thread(indi_peer.get, "Dome Simulator.DOME_AUTOSYNC.DOME_AUTOSYNC_ENABLE") == "On"
        await bench.driver.park()
        assert await asyncio.to_thread(indi_peer.get, "Dome Simulator.DOME_SHUTTER.SHUTTER_CLOSE") == "On"


@pytest.mark.peer
@pytest.mark.long
async def test_a_far_slew_is_sent_again_until_it_is_there(indi_peer: IndiPeer, tmp_path: Path) -> None:
    async with indi_bench(indi_peer, tmp_path, tolerance_arcsec=5.0) as bench:
        near = bench.target
        for dec_deg in (60.0, 75.0, near.dec_deg):
            aim = await bench.driver.slew(replace(near, dec_deg=dec_deg))
            assert apart_arcsec((aim.ra_deg, aim.dec_deg), (near.ra_deg, dec_deg)) <= 5.0
