"""The `filedrop` driver with real folders: what is taken for an image of the pointing, and what is not."""

import asyncio
import logging
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from builders.whole_pointings import (
    FileDropSite,
    Observatory,
    a_clock,
    a_request,
    a_site,
    an_image,
    now,
    stopped,
    until,
)

from telescopes.description.errors import Refused
from telescopes.description.messages import Exposure, Revocation
from telescopes.description.states import Reason
from telescopes.drivers.driver import CameraFault, DriverFault, UnsafeStop
from telescopes.drivers.filedrop import FileDropDriver
from telescopes.drivers.fits_header import read_header
from telescopes.drivers.watched_folder import Match, WatchedFolder
from telescopes.drivers.whole_pointing import Asked


@pytest.fixture
def site(tmp_path: Path) -> FileDropSite:
    folder = tmp_path / "site"
    folder.mkdir()
    return FileDropSite(folder)


@pytest.fixture
def observatory(site: FileDropSite, tmp_path: Path) -> Observatory:
    return Observatory(site.telescope, site.make, tmp_path / "state")


async def test_images_that_are_not_of_the_pointing_are_left_alone(site, observatory) -> None:
    an_image(
        site.results / "old.fits", **{"DATE-OBS": (now() - timedelta(seconds=30)).replace(tzinfo=None).isoformat()}
    )
    async with observatory.running():
        observatory.coordinator.offer(a_request())
        await site.asked(observatory.driver)
        an_image(site.results / "elsewhere.fits", RA=40.0)
        an_image(site.results / "flat.fits", IMAGETYP="FLAT")
        an_image(site.results / "infrared.fits", FILTER="J")
        an_image(site.results / "focus.fits", EXPTIME=0.05)
        (site.results / "broken.fits").write_bytes(b"SIMPLE")
        (site.results / "notes.txt").write_text("clear night")
        good = an_image(site.results / "good.fits")
        await observatory.exposures(1)
        an_image(site.results / "good2.FIT", RA="00:40:00.24", DEC="-05:00:00", FILTER=None, IMAGETYP="Light Frame")
        await observatory.reached("completed")
    first, second = observatory.last().exposures
    assert first.image_uri == good.resolve().as_uri()
    assert len(first.image_sha256) == 64
    assert second.image_uri.endswith("good2.FIT")


async def test_an_image_that_grows_is_taken_when_it_is_whole(site, observatory) -> None:
    async with observatory.running():
        observatory.coordinator.offer(a_request(exposures=(Exposure("r", 0.2, 1),)))
        await site.asked(observatory.driver)
        whole = an_image(site.results.parent / "whole.fits").read_bytes()
        growing = site.results / "slow.fits"
        with growing.open("wb") as file:
            for at in range(0, len(whole), 720):
                file.write(whole[at : at + 720])
                file.flush()
                await asyncio.sleep(0.05)
        await observatory.reached("completed")
    (exposure,) = observatory.last().exposures
    assert exposure.image_uri == growing.resolve().as_uri()


async def test_a_revoked_file_is_withdrawn_and_cancelled(site, observatory) -> None:
    async with observatory.running():
        observatory.coordinator.offer(a_request())
        await site.asked(observatory.driver)
        assert "#FILTER r" in site.plan()
        observatory.coordinator.revoke(Revocation("p1", 1, Reason.SUPERSEDED, abort_if_started=True))
        await observatory.reached("revoked")
    assert list(site.plans.glob("armillary-t1_*.txt")) == []
    (cancel,) = site.plans.glob("*.cancel")
    assert cancel.read_text().startswith("cancel armillary-t1_p1-")


async def test_a_file_that_a_killed_agent_left_is_taken_back_and_no_neighbours(site) -> None:
    """Two telescopes share a folder, and the id of one begins like the other's."""
    neighbour = FileDropDriver(replace(site.telescope, id="t1-2"), a_clock())
    observing = asyncio.create_task(neighbour.observe(Asked(a_request(), now()), lambda _: None))
    await until(lambda: list(site.plans.glob("armillary-t1-2*.txt")))
    left = site.plans / "armillary-t1_p0-0123abcd.txt"
    left.write_text("; left")
    driver = FileDropDriver(site.telescope, a_clock())
    await driver.safety()
    await driver.park()
    (theirs,) = site.plans.glob("*.txt")
    assert theirs.name.startswith("armillary-t1-2")
    observing.cancel()
    await asyncio.gather(observing, return_exceptions=True)
    await neighbour.close()
    assert list(site.plans.glob("*.txt")) == []


async def test_a_stop_in_the_middle_of_a_look_loses_no_image(site, observatory) -> None:
    async with observatory.running():
        observatory.coordinator.offer(a_request())
        await site.asked(observatory.driver)
        night = site.results.parent / "night"
        night.mkdir()
        an_image(night / "a.fits")
        os.mkfifo(night / "b.fits")
        night = night.rename(site.results / "night")  # both are there at once
        good, slow = night / "a.fits", night / "b.fits"
        async with reader_held_up(slow):
            observatory.coordinator.revoke(Revocation("p1", 1, Reason.RETRACTED, abort_if_started=True))
            await stopped(site, observatory.driver)
            assert observatory.told()[-1] == "slewing"
        await observatory.reached("partial")
    assert [e.image_uri for e in observatory.last().exposures] == [good.resolve().as_uri()]
    assert observatory.last().reason is Reason.RETRACTED


@asynccontextmanager
async def reader_held_up(fifo: Path) -> AsyncIterator[None]:
    """Wait until somebody reads it, and let them wait."""
    held: list[int] = []

    def is_read() -> bool:
        with suppress(OSError):
            held.append(os.open(fifo, os.O_WRONLY | os.O_NONBLOCK))
        return bool(held)

    await until(is_read)
    try:
        yield
    finally:
        os.close(held[0])


async def test_the_loop_itself_touches_no_file_of_the_folder(site) -> None:
    """The folder may lie on another machine, and an agent that waits for it hears nobody."""
    called: set[str] = set()

    def note(frame, event, what) -> None:  # of this thread, which is the loop's
        if event == "c_call":
            called.add(what.__name__)

    driver = FileDropDriver(site.telescope, a_clock())
    sys.setprofile(note)
    try:
        await driver.safety()
        observing = asyncio.create_task(driver.observe(Asked(a_request(), now()), lambda _: None))
        await site.asked(driver)
        observing.cancel()
        await asyncio.gather(observing, return_exceptions=True)
        await driver.park()
    finally:
        sys.setprofile(None)
    assert not await site.still_asked(driver)
    assert called.isdisjoint({"unlink", "replace", "rename", "fsync"})


async def test_a_file_that_cannot_be_taken_back_costs_no_image(site) -> None:
    heard: list = []
    driver = FileDropDriver(site.telescope, a_clock())
    observing = asyncio.create_task(driver.observe(Asked(a_request(), now()), heard.append))
    await site.asked(driver)
    observing.cancel()
    await asyncio.gather(observing, return_exceptions=True)
    (plan,) = site.plans.glob("armillary-t1_*.txt")
    plan.unlink()
    (plan / "inside").mkdir(parents=True)  # not even the administrator unlinks a folder
    await site.expose(driver)
    with pytest.raises(DriverFault, match="remove it by hand"):
        await driver.abort()
    assert len(heard) == 1


async def test_what_nobody_watches_any_more_is_taken_back(site) -> None:
    driver = FileDropDriver(site.telescope, a_clock())
    observing = asyncio.create_task(driver.observe(Asked(a_request(), now()), lambda _: None))
    await site.asked(driver)
    site.results.rmdir()
    with pytest.raises(CameraFault):
        async with asyncio.timeout(90.0):
            await observing
    assert not await site.still_asked(driver)
    (cancel,) = site.plans.glob("*.cancel")
    assert cancel.read_text().startswith("cancel armillary-t1_p1-")


def test_images_of_other_nights_are_not_read_and_late_ones_are(site, caplog: pytest.LogCaptureFixture) -> None:
    watched = WatchedFolder(site.results, Match({}, 1.0), Asked(a_request(), now()))
    for name, hours in (("lastweek.fits", 24 * 7), ("today.fits", 13)):
        (site.results / name).write_bytes(b"no FITS")
        set_back(site.results / name, hours)
    copied = an_image(site.results / "copied.fits")
    set_back(copied, 13)  # written by a machine that keeps another zone's time
    with caplog.at_level(logging.WARNING):
        found = watched.look(final=True)
    assert [image.taken.frame.image_uri for image in found] == [copied.resolve().as_uri()]
    assert ("today.fits" in caplog.text, "lastweek.fits" in caplog.text) == (True, False)


def set_back(path: Path, hours: float) -> None:
    when = time.time() - hours * 3600
    os.utime(path, (when, when))


async def test_what_was_taken_while_the_agent_was_away_is_found(site, observatory) -> None:
    async with observatory.running():
        observatory.coordinator.offer(a_request())
        await site.asked(observatory.driver)
    await site.expose(None)
    async with observatory.running():
        await observatory.exposures(1)
        await site.expose(None)
        await observatory.reached("completed")
    assert len(observatory.last().exposures) == 2


async def test_a_folder_that_went_away_is_a_fault_with_a_mend(site) -> None:
    driver = FileDropDriver(site.telescope, a_clock())
    observing = asyncio.create_task(driver.observe(Asked(a_request(), now()), lambda _: None))
    await site.asked(driver)
    site.results.rmdir()
    with pytest.raises(CameraFault, match="see that the folder is there"):
        async with asyncio.timeout(90.0):
            await observing


async def test_a_disk_that_takes_no_file_is_a_fault(site) -> None:
    driver = FileDropDriver(site.telescope, a_clock())
    site.plans.rmdir()
    with pytest.raises(DriverFault, match=r"cannot be written.*check the folder"):
        await driver.observe(Asked(a_request(), now()), lambda _: None)


async def test_a_safety_file_that_says_nothing_clear_is_a_fault(site) -> None:
    site.safety.write_text("rain? maybe")
    with pytest.raises(UnsafeStop, match="first word"):
        await FileDropDriver(site.telescope, a_clock()).safety()


@pytest.mark.parametrize(("text", "reason"), [("safe", None), ("unsafe", Reason.UNSAFE), ("Weather", Reason.WEATHER)])
async def test_the_safety_file_is_believed_while_it_is_young(site, text: str, reason) -> None:
    site.safety.write_text(text)
    driver = FileDropDriver(site.telescope, a_clock())
    assert (await driver.safety()).closed_because is reason
    long_ago = time.time() - 3600
    os.utime(site.safety, (long_ago, long_ago))
    with pytest.raises(UnsafeStop, match="s old"):
        await driver.safety()


def test_all_mistakes_of_the_settings_are_named_in_one_go(tmp_path: Path) -> None:
    template = tmp_path / "plan.txt"
    template.write_text("$nmae $exposures")
    settings = {
        "folder": str(tmp_path / "missing"),
        "template": str(template),
        "format": "acp",
        "exposure_line": "$filter $seconds",
        "late_s": 500,
        "filters": {"q": "Q", "r": "x", "g": "x"},
        "pol_s": 1,
    }
    with pytest.raises(Refused) as caught:
        FileDropDriver(a_site("filedrop", **settings), a_clock())
    said = str(caught.value)
    for what in ("driver.folder", "results: is missing", "$nmae", "$seconds", "late_s", "filters.q", "'x' stands"):
        assert what in said, what
    assert "did you mean poll_s" in said
    assert "give one of them" in said


def test_tarot_must_know_its_filters_and_station(tmp_path: Path) -> None:
    settings = {"folder": str(tmp_path), "results": str(tmp_path), "format": "tarot", "filters": {"g": "green"}}
    with pytest.raises(Refused, match=r"station: is missing.*TAROT has no filter 'green'"):
        FileDropDriver(a_site("filedrop", **settings), a_clock())


def test_an_image_of_the_tests_is_one(tmp_path: Path) -> None:
    assert read_header(an_image(tmp_path / "a.fits"))["FILTER"] == "r"


async def test_nobody_sees_half_a_file(site) -> None:
    driver = FileDropDriver(site.telescope, a_clock())
    observing = asyncio.create_task(driver.observe(Asked(a_request(), now()), lambda _: None))
    await until(lambda: list(site.plans.glob("*")))
    await site.asked(driver)
    assert site.plan().endswith("\n")
    assert [path.name for path in site.plans.iterdir() if path.name.endswith(".part")] == []
    observing.cancel()
    await asyncio.gather(observing, return_exceptions=True)
    await driver.close()
