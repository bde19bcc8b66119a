"""The `command` driver with real programs: what they print, how they end, and how they are ended."""

import asyncio
import json
import logging
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from builders.whole_pointings import PROGRAM, Observatory, a_clock, a_request, a_site, alive, now, until

from telescopes.description.errors import Refused
from telescopes.description.messages import Exposure, Revocation
from telescopes.description.states import Reason
from telescopes.drivers.command import CommandDriver
from telescopes.drivers.driver import CameraFault, Declined, DriverFault, UnsafeStop, WeatherStop
from telescopes.drivers.whole_pointing import Asked, Took


def a_driver(what: str, folder: Path, **settings) -> CommandDriver:
    program = [sys.executable, str(PROGRAM), what, str(folder)]
    return CommandDriver(a_site("command", program=program, **({"grace_s": 0.5} | settings)), a_clock())


async def observe(driver: CommandDriver, heard: list, **changes) -> None:
    async with asyncio.timeout(90.0):
        await driver.observe(Asked(a_request(**changes), now()), heard.append)


def taken(heard: list) -> list:
    return [one for news in heard if isinstance(news, Took) for one in news.taken]


async def test_detections_come_with_their_frame(tmp_path: Path) -> None:
    heard: list = []
    await observe(a_driver("detects", tmp_path), heard)
    frames = [one.frame for one in taken(heard)]
    first, second = (d.detection_id for f in frames for d in f.detections)
    assert first.startswith("t1:") and second.startswith("t1:") and first != second
    assert [f.image_uri for f in frames] == ["file:///images/0.fits", "file:///images/1.fits"]
    (found,) = frames[0].detections
    assert (found.mag_ab, found.snr, found.limiting_mag_ab, found.filter) == (18.0, 12.0, 19.5, "r")
    assert frames[0].start < found.mid_exposure < frames[0].end


async def test_a_bad_detection_costs_no_exposure_and_no_other(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    heard: list = []
    with caplog.at_level(logging.WARNING):
        await observe(a_driver("finds", tmp_path), heard, exposures=(Exposure("r", 0.2, 3),))
    frames = [one.frame for one in taken(heard)]
    assert [[(d.detection_id, d.ra_deg) for d in f.detections] for f in frames] == [
        [("t1:p1:0:1", 360.0)],
        [("t1:p1:1:1", 360.0)],
        [],
    ]
    assert {news.aim.ra_deg for news in heard} == {0.0}
    for why in (
        "exposure 0: detection 1: ra_deg is 361",
        "detection 3: no such key: 'colour'",
        "detection 4 is no JSON object",
        "detection 5: mag_ab is beyond all numbers",
        "exposure 2: detections are no list",
    ):
        assert why in caplog.text, why


async def test_bad_lines_are_said_and_skipped(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    heard: list = []
    with caplog.at_level(logging.WARNING):
        await observe(a_driver("noise", tmp_path), heard)
    assert len(taken(heard)) == 2
    said = caplog.text
    assert said.count("not UTF-8") == 2
    for why in (
        "malformed",
        "not UTF-8",
        "nested too deeply",
        "EXPLODING",
        "too long",
        "'u' is none",
        "ends before",
        "fractoin",
        "before it was asked",
        "future",
    ):
        assert why in said, why


async def test_a_program_that_prints_without_end_is_ended(tmp_path: Path) -> None:
    with pytest.raises(CameraFault, match="more than is read"):
        await observe(a_driver("flood", tmp_path), [])


async def test_a_failure_of_who_hears_ends_the_program_and_is_raised(tmp_path: Path) -> None:
    def heard(news) -> None:
        raise ZeroDivisionError("cannot be kept")

    driver = a_driver("talks", tmp_path)
    async with asyncio.timeout(90.0):
        with pytest.raises(ZeroDivisionError, match="cannot be kept"):
            await driver.observe(Asked(a_request(), now()), heard)
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    await until(lambda: not any(map(alive, pids)))
    await driver.abort()


@pytest.mark.parametrize(
    ("status", "fault", "reason", "words"),
    [
        (0, DriverFault, Reason.INTERNAL, "told of 0 of 2"),
        (10, WeatherStop, Reason.WEATHER, "clouds"),
        (20, Declined, Reason.WEATHER, "clouds"),
        (30, DriverFault, Reason.INTERNAL, "the mirror fell out"),
        (77, DriverFault, Reason.WEATHER, "clouds"),
    ],
)
async def test_how_a_program_ends_says_what_happened(tmp_path: Path, status, fault, reason, words) -> None:
    heard: list = []
    with pytest.raises(fault, match=words) as caught:
        await observe(a_driver(str(status), tmp_path), heard)
    assert caught.value.reason is reason
    assert len(taken(heard)) == (1 if status == 10 else 0)


async def test_retry_later_is_tried_again_while_the_window_is_open(tmp_path: Path) -> None:
    heard: list = []
    await observe(a_driver("later", tmp_path, retry_after_s=0.1), heard)
    assert len(taken(heard)) == 2
    (tmp_path / "tried").unlink()
    heard = []
    await observe(a_driver("later", tmp_path), heard, for_s=1.5)
    assert heard == []


async def test_nothing_of_the_pointing_is_on_the_command_line(tmp_path: Path) -> None:
    nasty = "$(touch /tmp/x); `id`\n--help"
    heard: list = []
    await observe(a_driver("keeps", tmp_path), heard, pointing_id=nasty, exposures=(Exposure("r", 0.2, 1),))
    came = json.loads((tmp_path / "came.json").read_text())
    assert came["argv"][1:] == ["keeps", str(tmp_path)]
    assert came["pointing"]["schema"] == "armillary.pointing/1"
    assert came["pointing"]["pointing_id"] == nasty
    assert came["pointing"]["exposures"][0]["exposure_s"] == 0.2
    assert len(taken(heard)) == 1


async def test_a_program_that_does_not_end_is_killed_after_the_grace(tmp_path: Path) -> None:
    driver = a_driver("stubborn", tmp_path)
    observing = asyncio.create_task(observe(driver, []))
    await until(lambda: (tmp_path / "pids").exists() and (tmp_path / "pids").read_text())
    observing.cancel()
    await asyncio.gather(observing, return_exceptions=True)
    await driver.abort()
    assert not alive(int((tmp_path / "pids").read_text()))


async def test_a_program_is_killed_where_who_ends_it_is_stopped_too(tmp_path: Path) -> None:
    driver = a_driver("stubborn", tmp_path, grace_s=120.0)
    observing = asyncio.create_task(observe(driver, []))
    await until(lambda: (tmp_path / "pids").exists() and (tmp_path / "pids").read_text())
    observing.cancel()
    await asyncio.gather(observing, return_exceptions=True)
    aborting = asyncio.create_task(driver.abort())
    await asyncio.sleep(0)  # it has begun
    aborting.cancel()
    await asyncio.gather(aborting, return_exceptions=True)
    pid = int((tmp_path / "pids").read_text())
    await until(lambda: not alive(pid))


async def test_a_failure_of_who_hears_last_words_is_told_once_and_then_it_parks(tmp_path: Path) -> None:
    heard: list = []

    def hears(news) -> None:
        heard.append(news)
        if isinstance(news, Took):
            raise ZeroDivisionError("cannot be kept")

    parked = tmp_path / "parked"
    park = [sys.executable, "-c", "import pathlib, sys; pathlib.Path(sys.argv[1]).touch()", str(parked)]
    driver = a_driver("last_words", tmp_path, park=park, grace_s=60.0)
    observing = asyncio.create_task(driver.observe(Asked(a_request(), now()), hears))
    await until(lambda: heard)
    observing.cancel()
    await asyncio.gather(observing, return_exceptions=True)
    with pytest.raises(ZeroDivisionError, match="cannot be kept"):
        await driver.abort()
    await driver.park()
    assert parked.exists()


async def test_a_program_that_reads_nothing_is_ended_with_its_window(tmp_path: Path) -> None:
    heard: list = []
    exposures = tuple(Exposure("r", 0.2, 1) for _ in range(1000))
    await observe(a_driver("deaf", tmp_path), heard, for_s=1.5, exposures=exposures)
    assert taken(heard) == []


async def test_last_words_after_a_revocation_are_believed(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    site = a_site("command", program=[sys.executable, str(PROGRAM), "last_words", str(folder)])
    observatory = Observatory(site, CommandDriver, tmp_path)
    async with observatory.running():
        observatory.coordinator.offer(a_request())
        await observatory.reached("exposing")
        observatory.coordinator.revoke(Revocation("p1", 1, Reason.RETRACTED, abort_if_started=True))
        await observatory.reached("partial")
    assert (observatory.last().reason, len(observatory.last().exposures)) == (Reason.RETRACTED, 1)


async def test_progress_tells_where_it_looks_at_once(tmp_path: Path) -> None:
    driver = a_driver("steps", tmp_path)
    heard: list = []
    observing = asyncio.create_task(observe(driver, heard))
    await until(lambda: heard)
    assert heard[0].aim.ra_deg == pytest.approx(10.001)
    (tmp_path / "go").write_text("")
    await until(lambda: taken(heard))
    observing.cancel()
    await asyncio.gather(observing, return_exceptions=True)
    await driver.close()
    assert len(taken(heard)) == 1


SAFETY_SAYS = 'print(\'{"safe": false, "blocking": ["unsafe"], "wind_mps": 31.5}\')'


@pytest.mark.parametrize(
    ("code", "safe"),
    [(SAFETY_SAYS, False), ("pass", True), ("raise SystemExit(1)", False), ("print('{\"safe\": true}')", True)],
)
async def test_a_safety_program_says_by_a_line_or_by_its_status(tmp_path: Path, code: str, safe: bool) -> None:
    driver = a_driver("steps", tmp_path, safety=[sys.executable, "-c", code])
    safety = await driver.safety()
    assert (safety.closed_because is None) is safe
    assert safety.weather.wind_mps == (31.5 if code == SAFETY_SAYS else None)


OUT_OF_TIME = 'print(\'{"safe": false, "unavailable_until": "0001-01-01T00:00:00+14:00"}\')'


@pytest.mark.parametrize(
    "code",
    [
        "print('nonsense')",
        "import time; time.sleep(60)",
        "print('{}')",
        "print('{\"safe\": ' * 20_000)",
        OUT_OF_TIME,
        "print('{\"safe\": true}'); raise SystemExit(3)",
        "print('{\"safe\": true}', flush=True); import os; os.kill(os.getpid(), 9)",
    ],
)
async def test_a_safety_program_that_says_nothing_clear_is_a_fault(tmp_path: Path, code: str) -> None:
    driver = a_driver("steps", tmp_path, safety=[sys.executable, "-c", code], answer_within_s=0.5)
    with pytest.raises(UnsafeStop):
        await driver.safety()


async def test_a_safety_program_that_says_unsafe_is_believed_however_it_ends(tmp_path: Path) -> None:
    driver = a_driver("steps", tmp_path, safety=[sys.executable, "-c", SAFETY_SAYS + "; raise SystemExit(3)"])
    assert (await driver.safety()).weather.wind_mps == 31.5


async def test_a_safety_program_that_prints_without_end_is_a_fault(tmp_path: Path) -> None:
    code = "while True: print('{\"safe\": true}' + ' ' * 200_000)"
    driver = a_driver("steps", tmp_path, safety=[sys.executable, "-c", code], answer_within_s=200.0)
    with pytest.raises(UnsafeStop, match="more than is read"):
        await driver.safety()


async def test_a_mount_that_does_not_park_is_told(tmp_path: Path) -> None:
    code = "import sys; sys.exit('stuck at the pier')"
    driver = a_driver("steps", tmp_path, park=[sys.executable, "-c", code])
    with pytest.raises(DriverFault, match="stuck at the pier"):
        await driver.park()


async def test_a_program_that_went_away_is_a_fault_with_a_mend(tmp_path: Path) -> None:
    program = tmp_path / "gone"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    driver = CommandDriver(a_site("command", program=[str(program)]), a_clock())
    program.unlink()
    with pytest.raises(DriverFault, match=r"cannot be started.*check its path"):
        await observe(driver, [])


def test_all_mistakes_of_the_settings_are_named_in_one_go(tmp_path: Path) -> None:
    settings = {"program": [], "safety": ["/no/such/program"], "grace_s": -1, "retry_after_s": "soon", "saftey": 1}
    with pytest.raises(Refused) as caught:
        CommandDriver(a_site("command", **settings), a_clock())
    said = str(caught.value)
    for key in ("driver.program", "driver.safety", "driver.grace_s", "driver.retry_after_s", "driver.saftey"):
        assert key in said, key
    with pytest.raises(Refused, match="program: is missing"):
        CommandDriver(a_site("command"), a_clock())


async def test_an_end_of_the_window_while_it_waits_to_try_again_is_no_fault(tmp_path: Path) -> None:
    began = now()
    await observe(a_driver("75", tmp_path, retry_after_s=30.0), [], for_s=5.0)
    assert now() - began < timedelta(seconds=60)
