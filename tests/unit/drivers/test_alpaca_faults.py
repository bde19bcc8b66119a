"""What the Alpaca driver makes of servers that say no, say nonsense or say nothing."""

import asyncio
import re
from contextlib import asynccontextmanager

import pytest
from builders.driver_benches import a_sky, a_telescope

from telescopes.description.errors import Refused
from telescopes.description.states import Reason
from telescopes.drivers.alpaca.driver import AlpacaDriver
from telescopes.drivers.driver import CameraFault, ExposureSpec, MountFault, Target

TARGET = Target(150.0, 20.0, 0.0, "main", "r")
MOUNT = {"telescope/atpark": False, "telescope/equatorialsystem": 2, "telescope/slewing": False}
MOUNT |= {"telescope/rightascension": 10.0, "telescope/declination": 20.0, "camera/camerastate": 0}


@asynccontextmanager
async def a_driver(server, **settings):
    settings = {"answer_within_s": 60.0} | settings
    telescope = a_telescope("alpaca", server=server, telescope=0, camera=0, **settings)
    driver = AlpacaDriver(telescope, a_sky())
    try:
        yield driver
    finally:
        await driver.close()


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((0x408, "is parked"), "slewtocoordinatesasync: is parked .0x408.; unpark it"),
        ((0x501, "motor\nstalled"), "motor stalled .0x501.; look at the device's own program"),
        ((400, b"no such device"), "HTTP 400 no such device"),
        (b"<html>", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[1]", "no Alpaca answer"),
    ],
)
async def test_an_error_is_a_fault_of_the_mount_though_http_says_200(alpaca, answer, says):
    alpaca.answers = MOUNT | {"telescope/slewtocoordinatesasync": answer}
    async with a_driver(alpaca.url) as driver:
        with pytest.raises(MountFault, match=says):
            await driver.slew(TARGET)


async def test_a_mount_that_stays_elsewhere_is_sent_three_times_and_is_a_fault(alpaca):
    alpaca.answers = MOUNT | {"telescope/declination": 20.1}
    async with a_driver(alpaca.url) as driver:
        with pytest.raises(MountFault, match="stands 360 arcsec from where it was sent, 3 times"):
            await driver.slew(TARGET)
    assert alpaca.puts.count("telescope/slewtocoordinatesasync") == 3


@pytest.mark.parametrize(("value", "says"), [(None, "is None"), ("x", "is 'x'"), (True, "is True")])
async def test_a_value_that_is_no_number_is_a_fault(alpaca, value, says):
    alpaca.answers = MOUNT | {"telescope/rightascension": value}
    async with a_driver(alpaca.url) as driver:
        with pytest.raises(MountFault, match=says):
            await driver.slew(TARGET)


async def test_a_mount_that_does_not_say_its_frame_needs_the_site_file_to(alpaca):
    alpaca.answers = MOUNT | {"telescope/equatorialsystem": 0}
    async with a_driver(alpaca.url) as driver:
        with pytest.raises(MountFault, match=r'driver\.frame = "jnow" or "j2000"'):
            await driver.slew(TARGET)
    async with a_driver(alpaca.url, frame="j2000") as driver:
        assert (await driver.slew(TARGET)).ra_deg == 150.0


async def test_a_server_that_is_not_there_is_unsafe_and_named():
    async with a_driver("http://127.0.0.1:1", safetymonitor=0) as driver:
        assert (await driver.safety()).blocking == (Reason.UNSAFE,)
        problems = await driver.problems()
        assert len(problems) == 4
        assert all("does not answer" in problem for problem in problems[:3])
        with pytest.raises(MountFault, match="start the Alpaca server"):
            await driver.slew(TARGET)


WEATHER = {f"observingconditions/{s}": 1.0 for s in ("timesincelastupdate", "windspeed", "humidity", "rainrate")}


@pytest.mark.parametrize(
    ("said", "blocking"),
    [
        ({}, ()),
        ({"observingconditions/timesincelastupdate": 1000.0}, (Reason.UNSAFE,)),
        ({"observingconditions/windspeed": 21.0}, (Reason.WEATHER,)),
        ({"observingconditions/windspeed": (0x400, "no such sensor")}, (Reason.UNSAFE,)),
        ({"observingconditions/humidity": (0x400, "no such sensor")}, ()),
        ({"observingconditions/humidity": (0x500, "broken")}, (Reason.UNSAFE,)),
        ({"safetymonitor/issafe": False}, (Reason.UNSAFE,)),
        ({"safetymonitor/issafe": (0x407, "not connected")}, (Reason.UNSAFE,)),
    ],
)
async def test_what_is_old_missing_or_beyond_a_limit_is_not_safe(alpaca, said, blocking):
    alpaca.answers = WEATHER | said
    settings = {"safetymonitor": 0, "observingconditions": 0, "weather_limits": {"wind_mps": 20}}
    async with a_driver(alpaca.url, **settings) as driver:
        safety = await driver.safety()
        assert (safety.blocking, safety.safe) == (blocking, not blocking)


AGE = "observingconditions/timesincelastupdate"
UNKNOWN = {AGE: (0x400, "not implemented")}


@pytest.mark.parametrize(
    ("said", "limits", "says"),
    [
        ({f"{AGE}?WindSpeed": 1000.0}, {"wind_mps": 20}, "WindSpeed is 1000 s old"),
        ({f"{AGE}?WindSpeed": 1000.0}, {"humidity_pct": 90}, ""),
        ({f"{AGE}?WindSpeed": -1.0}, {"wind_mps": 20}, "WindSpeed was never updated"),
        ({AGE: -1.0}, {}, "the newest of its numbers was never updated"),
        ({AGE: 1000.0}, {}, "the newest of its numbers is 1000 s old"),
        ({f"{AGE}?WindSpeed": (0x400, "no")}, {"wind_mps": 20, "humidity_pct": 90}, "WindSpeed does not know its age"),
        (UNKNOWN, {}, "the newest of its numbers does not know its age.*age_unknown_is_fresh = true"),
    ],
)
async def test_each_sensor_with_a_limit_is_asked_for_its_age_and_an_unknown_one_is_not_fresh(
    alpaca, said, limits, says
):
    alpaca.answers = WEATHER | said
    async with a_driver(alpaca.url, observingconditions=0, weather_limits=limits) as driver:
        assert (await driver.safety()).blocking == ((Reason.UNSAFE,) if says else ())
        named = [problem for problem in await driver.problems() if "observingconditions" in problem]
    assert len(named) == bool(says)
    assert re.search(says, "".join(named))


async def test_a_station_that_measures_when_it_is_asked_is_believed_where_the_site_says_so(alpaca):
    alpaca.answers = WEATHER | UNKNOWN
    settings = {"observingconditions": 0, "weather_limits": {"wind_mps": 20}, "age_unknown_is_fresh": True}
    async with a_driver(alpaca.url, **settings) as driver:
        assert (await driver.safety()).safe


async def test_a_number_of_unknown_age_is_as_old_as_its_last_change(alpaca):
    alpaca.answers = WEATHER | UNKNOWN
    settings = {"observingconditions": 0, "weather_limits": {"wind_mps": 20}, "stale_after_s": 2.0}
    async with a_driver(alpaca.url, **settings) as driver:
        assert not (await driver.safety()).safe
        alpaca.answers["observingconditions/humidity"] = 2.0
        assert not (await driver.safety()).safe
        alpaca.answers["observingconditions/windspeed"] = 2.0
        assert (await driver.safety()).safe
        async with asyncio.timeout(90.0):
            while (await driver.safety()).safe:
                await asyncio.sleep(0.1)
        alpaca.answers["observingconditions/windspeed"] = 3.0
        assert (await driver.safety()).safe


async def test_every_problem_of_the_devices_is_named_in_one_go(alpaca):
    alpaca.answers = {
        "telescope/equatorialsystem": 4,
        "telescope/canslewasync": False,
        "camera/camerastate": 5,
        "camera/canabortexposure": False,
        "filterwheel/names": ["Red"],
    }
    async with a_driver(alpaca.url, filterwheel=0, filters={"r": "Rot"}) as driver:
        said = "\n".join(await driver.problems())
    for word in ("EquatorialSystem 4", "cannot slew", "in error", "cannot abort", "no filter 'Rot'", "filter g has no"):
        assert word in said


def test_every_mistake_in_the_settings_is_named_in_one_go():
    telescope = a_telescope("alpaca", server="x", camera="a", filtrwheel=0, filters={"q": 1, "r": 1.5}, poll_every_s=-1)
    with pytest.raises(Refused) as refusal:
        AlpacaDriver(telescope, a_sky())
    said = str(refusal.value)
    for key in ("server", "camera", "telescope", "filtrwheel", "filters.q", "filters.r", "poll_every_s"):
        assert f"driver.{key}" in said
    assert "did you mean filterwheel" in said


async def test_an_abort_ends_an_exposure_that_nobody_cancelled(alpaca):
    alpaca.answers = MOUNT | {"camera/cameraxsize": 10, "camera/cameraysize": 10}
    async with a_driver(alpaca.url) as driver:
        await driver.slew(TARGET)
        running = asyncio.create_task(driver.expose(ExposureSpec("p", 0, "main", "r", 600.0)))
        while "camera/startexposure" not in alpaca.puts:
            await asyncio.sleep(0.01)
        await driver.abort()
        with pytest.raises(Exception, match="was aborted"):
            await running
    assert "camera/abortexposure" in alpaca.puts


CAMERA = MOUNT | {"camera/cameraxsize": 10, "camera/cameraysize": 10}


async def test_an_image_of_another_exposure_is_not_fetched_and_is_a_fault(alpaca):
    alpaca.answers = CAMERA | {"camera/lastexposurestarttime": "2026-01-01T00:00:00"}
    async with a_driver(alpaca.url) as driver:
        await driver.slew(TARGET)
        with pytest.raises(CameraFault, match="offers an image of another exposure"):
            await driver.expose(ExposureSpec("p", 0, "main", "r", 0.05))
    assert "camera/startexposure" in alpaca.puts
    assert "camera/imagearray" not in alpaca.gets


async def test_nothing_is_exposed_while_the_image_of_an_aborted_exposure_may_come(alpaca):
    alpaca.answers = CAMERA | {"camera/imageready": False}
    async with a_driver(alpaca.url) as driver:
        await driver.slew(TARGET)
        aborted = asyncio.create_task(driver.expose(ExposureSpec("p", 0, "main", "r", 1.0)))
        while "camera/startexposure" not in alpaca.puts:
            await asyncio.sleep(0.01)
        await driver.abort()
        with pytest.raises(CameraFault, match="was aborted"):
            await aborted
        following = asyncio.create_task(driver.expose(ExposureSpec("q", 0, "main", "r", 600.0)))
        async with asyncio.timeout(90.0):
            while alpaca.gets.count("camera/imageready") < 3:
                await asyncio.sleep(0.01)
        assert alpaca.puts.count("camera/startexposure") == 1
        alpaca.answers["camera/imageready"] = True
        async with asyncio.timeout(90.0):
            while alpaca.puts.count("camera/startexposure") < 2:
                await asyncio.sleep(0.01)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
