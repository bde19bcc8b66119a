"""What every driver must do, whoever moves the telescope: under a real agent, against devices, programs and people."""

import asyncio
import contextlib
import threading
import urllib.parse
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from builders.contract_sites import (
    PEERS,
    SHORT_S,
    WITHOUT_PEERS,
    ContractSite,
    Images,
    with_a_horizon,
)
from builders.whole_pointings import Observatory, a_clock, now, stopped, until

from telescopes.description.limits import violation
from telescopes.description.messages import Pointing, Revocation
from telescopes.description.states import LIVE, PointingState, Reason
from telescopes.drivers.devices.places import apart_arcsec
from telescopes.drivers.driver import ChecksDevices, HoldsDevices
from telescopes.drivers.fits_header import read_header

S = PointingState
WITHIN_ARCSEC = 60.0
CLOCKS_APART = timedelta(seconds=2)
LEFT_ALONE = ("asyncio_", "ThreadPoolExecutor")
"""Threads of the loop's own pool outlive what they did."""


def on_every(*marks: pytest.MarkDecorator, **settings: Any) -> pytest.MarkDecorator:
    """Run a test on each driver; `settings` are for a telescope of that driver alone."""
    own = {name: settings.pop(name, {}) for name in WITHOUT_PEERS if name in settings}
    params = [pytest.param((name, {**settings, **own.get(name, {})}), id=name) for name in WITHOUT_PEERS]
    params += [pytest.param((name, settings), id=name, marks=[pytest.mark.peer, *marks]) for name in PEERS]
    return pytest.mark.parametrize("site", params, indirect=True)


@pytest.fixture
def observatory(site: ContractSite, tmp_path: Path) -> Observatory:
    return Observatory(site.telescope, site.make, tmp_path / "state", rate=site.rate)


def offered(site: ContractSite, observatory: Observatory, pointing_id: str, exposure_s: float, **more: Any) -> Pointing:
    """Offer a pointing that may begin at once."""
    pointing = site.request(pointing_id, begin=observatory.coordinator.sky.now(), exposure_s=exposure_s, **more)
    observatory.coordinator.offer(pointing)
    return pointing


async def over(observatory: Observatory, pointing_id: str = "p1") -> S:
    """Wait until a pointing is over; return how it ended."""
    await until(lambda: observatory.coordinator.states[pointing_id] not in LIVE, f"{pointing_id} is over")
    return observatory.coordinator.states[pointing_id]


def images_of(observatory: Observatory, pointing_id: str) -> set[str]:
    return {e.image_uri for report in observatory.coordinator.reports_of(pointing_id) for e in report.exposures}


def file_of(uri: str) -> Path:
    return Path(urllib.parse.unquote(urllib.parse.urlparse(uri).path))


def assert_images(site: ContractSite, exposures: Sequence[Any]) -> None:
    """An image for each exposure where there are any, and it is there; or none is told of."""
    uris = [exposure.image_uri for exposure in exposures]
    assert all(uris) if site.images is not Images.NONE else not any(uris)
    assert len(set(uris)) == (len(uris) if any(uris) else 1)
    if site.images is Images.HERE:
        assert [float(read_header(file_of(uri))["EXPTIME"]) for uri in uris] == [e.exposure_s for e in exposures]


@on_every(pytest.mark.slow)
async def test_it_connects_and_at_rest_it_stops_and_parks_without_harm(site: ContractSite) -> None:
    driver = site.make(site.telescope, a_clock())
    try:
        assert site.telescope.driver.name in driver.capabilities().drivers
        assert not isinstance(driver, ChecksDevices) or await driver.problems() == []
        assert (await driver.safety()).closed_because is None
        for _ in range(2):
            await driver.abort()
            await driver.park()
        assert (await driver.status()).aim is None
        assert not await site.is_busy(driver)
    finally:
        for _ in range(2):
            if isinstance(driver, HoldsDevices):
                await driver.close()


@on_every()
async def test_a_pointing_is_observed_and_told_as_it_was(site: ContractSite, observatory: Observatory) -> None:
    async with observatory.running():
        await until(lambda: (status := observatory.coordinator.status) and status.safe, "it says that it is safe")
        asked = offered(site, observatory, "p1", SHORT_S)
        await site.take_two(observatory.driver)
        assert await over(observatory) is S.COMPLETED
        await stopped(Stillness(site), observatory.driver)
        await until(lambda: observatory.coordinator.status.active_pointing_id == "", "it says that it is idle")
        said = await observatory.driver.status()
    assert observatory.told() == ["accepted", "slewing", "exposing", "completed"]
    begun = next(r for r in observatory.coordinator.reports_of("p1") if r.state is S.EXPOSING)
    assert begun.expected_end is not None and asked.window_start < begun.expected_end <= asked.window_end
    last = observatory.last()
    actual = (last.actual_ra_deg, last.actual_dec_deg)
    assert apart_arcsec(actual, (asked.ra_deg, asked.dec_deg)) <= WITHIN_ARCSEC
    assert said.aim is None or apart_arcsec((said.aim.ra_deg, said.aim.dec_deg), actual) < 1.0
    assert [(e.exposure_index, e.filter) for e in last.exposures] == [(0, "r"), (1, "r")]
    begin, end = asked.window_start - CLOCKS_APART, now() + CLOCKS_APART
    assert all(begin <= e.start < e.end <= end for e in last.exposures)
    assert_images(site, last.exposures)


class Stillness:
    """Asks a site as the builders for whole pointings do."""

    def __init__(self, site: ContractSite) -> None:
        self.still_asked = site.is_busy


@on_every(pytest.mark.slow)
async def test_a_revocation_stops_it_and_no_stale_image_comes_with_the_next(
    site: ContractSite, observatory: Observatory
) -> None:
    async with observatory.running():
        offered(site, observatory, "p1", site.long_s)
        await site.begun(observatory.driver)
        observatory.coordinator.revoke(Revocation("p1", 1, Reason.RETRACTED, abort_if_started=True))
        await observatory.reached("revoked")
        await stopped(Stillness(site), observatory.driver)
        revoked = observatory.last()
        await site.bring_stale(observatory.driver)
        before = site.files() | images_of(observatory, "p1")
        offered(site, observatory, "p2", SHORT_S)
        await site.take_two(observatory.driver)
        assert await over(observatory, "p2") is S.COMPLETED
        after = site.files()
    assert (revoked.reason, revoked.exposures) == (Reason.RETRACTED, ())
    exposures = observatory.last("p2").exposures
    assert len(exposures) == 2
    assert_images(site, exposures)
    if site.images is Images.HERE:
        assert images_of(observatory, "p2") == after - before


@on_every()
async def test_below_its_own_limits_nothing_moves(site: ContractSite, observatory: Observatory) -> None:
    observatory.telescope, (ra_deg, dec_deg) = with_a_horizon(site.telescope)
    observatory.violation = violation
    assert violation(observatory.telescope, "r", (ra_deg + 180.0) % 360.0, -dec_deg, now()) is None
    site.place_deg = (ra_deg, dec_deg)
    async with observatory.running():
        offered(site, observatory, "p1", SHORT_S)
        assert await over(observatory) is S.REJECTED
        assert (await observatory.driver.status()).aim is None
        assert not await site.is_busy(observatory.driver)
    assert observatory.told() == ["rejected"]
    assert observatory.last().reason is Reason.BELOW_HORIZON


@pytest.mark.slow
@on_every(hangs=True)
async def test_what_hangs_is_ended_by_its_deadline_and_the_next_goes_well(
    site: ContractSite, observatory: Observatory
) -> None:
    async with observatory.running():
        offered(site, observatory, "p1", site.long_s, for_s=site.hang_window_s)
        try:
            await site.hang(observatory.driver)
            ended = await over(observatory)
        finally:
            await site.go_on()
        await stopped(Stillness(site), observatory.driver)
        offered(site, observatory, "p2", SHORT_S)
        await site.take_two(observatory.driver)
        assert await over(observatory, "p2") is S.COMPLETED
    assert (ended, observatory.last().reason) in [
        (S.FAILED, Reason.CAMERA_FAULT),
        (S.EXPIRED, Reason.WINDOW_TOO_SHORT),
    ]
    assert observatory.last().exposures == ()


@on_every(pytest.mark.slow, simulated={"cloud_in_s": 6.0})
async def test_a_site_that_closes_stops_it_and_is_asked_for_nothing(
    site: ContractSite, observatory: Observatory
) -> None:
    async with observatory.running():
        offered(site, observatory, "p1", site.long_s)
        await site.begun(observatory.driver)
        await site.close_site(observatory.driver)
        tells_later = observatory.driver.capabilities().tells_later
        assert await over(observatory) in ((S.EXPIRED,) if tells_later else (S.REJECTED, S.FAILED))
        await stopped(Stillness(site), observatory.driver)
        offered(site, observatory, "p2", SHORT_S)
        assert await over(observatory, "p2") is S.REJECTED
        await until(lambda: observatory.coordinator.status.blocking_reasons, "the status says why")
        await parked(site, observatory.driver)
    assert observatory.last().reason is observatory.last("p2").reason


async def parked(site: ContractSite, driver: Any) -> None:
    """Wait until it says that it is parked, where it says so."""
    async with asyncio.timeout(60.0):
        while site.parks and not (await driver.status()).parked:
            await asyncio.sleep(0.1)


@on_every(pytest.mark.slow)
async def test_an_end_in_the_middle_leaves_nothing_running_and_nothing_open(
    site: ContractSite, observatory: Observatory
) -> None:
    before = open_things()
    async with observatory.running():
        offered(site, observatory, "p1", site.long_s)
        await site.begun(observatory.driver)
    await stopped(Stillness(site), observatory.driver)
    await until(lambda: open_things() <= before, lambda: f"nothing is left; still {open_things() - before}")
    if isinstance(observatory.driver, HoldsDevices):
        await observatory.driver.close()


def open_things() -> set[str]:
    """Return what a driver might hold: tasks, threads, programs and connections."""
    me = psutil.Process()
    tasks = {f"task {task.get_coro()!r}" for task in asyncio.all_tasks()}
    threads = {f"thread {t.name}" for t in threading.enumerate() if not t.name.startswith(LEFT_ALONE)}
    programs = {f"program {child.pid}" for child in me.children(recursive=True) if is_running(child)}
    connections = {f"connection {c.laddr}" for c in me.net_connections("inet")}
    return tasks | threads | programs | connections


def is_running(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.status() != psutil.STATUS_ZOMBIE
    return False
