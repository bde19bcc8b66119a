"""What the INDI driver makes of servers that do not obey, mix up images or go away."""

import asyncio
import base64
import io
from contextlib import asynccontextmanager

import numpy as np
import pytest
from astropy.io import fits
from builders.driver_benches import a_sky, a_telescope

from telescopes.description.errors import Refused
from telescopes.description.states import Reason
from telescopes.drivers.driver import CameraFault, ExposureSpec, MountFault, Target
from telescopes.drivers.indi.driver import IndiDriver

TARGET = Target(150.0, 20.0, 0.0, "main", "r")


def defined(device, name, kind, values, state="Idle"):
    ones = "".join(f'<def{kind} name="{n}">{v}</def{kind}>' for n, v in values.items())
    return f'<def{kind}Vector device="{device}" name="{name}" state="{state}">{ones}</def{kind}Vector>'


def said(device, name, kind, values, state="Ok", message=""):
    ones = "".join(f'<one{kind} name="{n}">{v}</one{kind}>' for n, v in values.items())
    return (
        f'<set{kind}Vector device="{device}" name="{name}" state="{state}" message="{message}">{ones}</set{kind}Vector>'
    )


DEVICES = (
    defined("M", "CONNECTION", "Switch", {"CONNECT": "On"})
    + defined("M", "EQUATORIAL_EOD_COORD", "Number", {"RA": 0, "DEC": 0})
    + defined("M", "ON_COORD_SET", "Switch", {"TRACK": "On"})
    + defined("M", "TELESCOPE_ABORT_MOTION", "Switch", {"ABORT": "Off"})
    + defined("C", "CONNECTION", "Switch", {"CONNECT": "On"})
    + defined("C", "CCD_EXPOSURE", "Number", {"CCD_EXPOSURE_VALUE": 0})
    + defined("C", "CCD_ABORT_EXPOSURE", "Switch", {"ABORT": "Off"})
)


def image(exposure_s):
    file, unit = io.BytesIO(), fits.PrimaryHDU(np.full((4, 4), int(exposure_s * 100), np.uint16))
    unit.header["EXPTIME"] = exposure_s
    unit.writeto(file)
    blob = base64.b64encode(file.getvalue()).decode()
    return f'<setBLOBVector device="C" name="CCD1"><oneBLOB name="CCD1" format=".fits">{blob}</oneBLOB></setBLOBVector>'


def obeys(line):
    """A mount that is where it is sent at once, and a camera that begins."""
    if "EQUATORIAL_EOD_COORD" in line:
        return line.replace("newNumber", "setNumber").replace('name="EQ', 'state="Ok" name="EQ')
    if "CCD_ABORT" in line:
        return said("C", "CCD_ABORT_EXPOSURE", "Switch", {}) + said("C", "CCD_EXPOSURE", "Number", {}, "Idle")
    return said("C", "CCD_EXPOSURE", "Number", {}, "Busy") if "CCD_EXPOSURE" in line else ""


@asynccontextmanager
async def a_driver(server, tmp_path, **settings):
    server.defines = server.defines or DEVICES
    settings = {"telescope": "M", "camera": "C", "answer_within_s": 0.5, "images": str(tmp_path)} | settings
    driver = IndiDriver(a_telescope("indi", server=f"127.0.0.1:{server.port}", **settings), a_sky())
    try:
        yield driver
    finally:
        await driver.close()


@pytest.mark.slow
async def test_a_slew_that_stays_idle_with_a_word_is_a_fault_with_that_word(indi, tmp_path):
    parked = said("M", "EQUATORIAL_EOD_COORD", "Number", {}, "Idle", "Please unpark the mount")
    indi.react = lambda line: parked if "EQUATORIAL" in line else ""
    async with a_driver(indi, tmp_path) as driver:
        with pytest.raises(MountFault, match=r"does not move .Please unpark"):
            await driver.slew(TARGET)


async def test_a_slew_that_ends_idle_was_stopped_by_somebody(indi, tmp_path):
    busy, idle = (said("M", "EQUATORIAL_EOD_COORD", "Number", {}, state) for state in ("Busy", "Idle"))

    def react(line):
        if "EQUATORIAL" in line:
            asyncio.get_running_loop().call_later(0.1, indi.say, idle)
            return busy
        return ""

    indi.react = react
    async with a_driver(indi, tmp_path) as driver:
        with pytest.raises(MountFault, match="stopped before it was there"):
            await driver.slew(TARGET)


async def test_an_image_of_an_earlier_exposure_is_not_taken(indi, tmp_path):
    def react(line):
        if "newNumberVector" in line and "CCD_EXPOSURE" in line:
            loop = asyncio.get_running_loop()
            loop.call_later(0.1, indi.say, image(9.0))
            loop.call_later(0.7, indi.say, image(0.6) + said("C", "CCD_EXPOSURE", "Number", {}))
        return obeys(line)

    indi.react = react
    async with a_driver(indi, tmp_path) as driver:
        await driver.slew(TARGET)
        frame = await driver.expose(ExposureSpec("p", 0, "main", "r", 0.6))
    (path,) = tmp_path.rglob("*.fits")
    assert path.as_uri() == frame.image_uri
    assert fits.getdata(path).max() == 60


async def test_an_image_of_another_length_is_a_fault(indi, tmp_path):
    def react(line):
        if "newNumberVector" in line and "CCD_EXPOSURE" in line:
            asyncio.get_running_loop().call_later(0.3, indi.say, image(9.0))
        return obeys(line)

    indi.react = react
    async with a_driver(indi, tmp_path) as driver:
        await driver.slew(TARGET)
        with pytest.raises(CameraFault, match=r"an image of 9 s, and not of 0\.2 s"):
            await driver.expose(ExposureSpec("p", 0, "main", "r", 0.2))
    assert list(tmp_path.rglob("*.fits")) == []


@pytest.mark.parametrize("last_words", ["", "<!DOCTYPE x>", "</indi>", "<a></b>"])
async def test_a_server_that_goes_away_ends_the_exposure_and_is_found_again(indi, tmp_path, last_words):
    indi.react = obeys
    async with a_driver(indi, tmp_path) as driver:
        await driver.slew(TARGET)
        running = asyncio.create_task(driver.expose(ExposureSpec("p", 0, "main", "r", 600.0)))
        await asyncio.sleep(0.1)
        indi.say(last_words) if last_words else indi.hang_up()
        with pytest.raises(CameraFault, match="connection"):
            await running
        assert (await driver.slew(TARGET)).position_angle_deg == 0.0


async def test_devices_that_are_not_there_are_all_named(indi, tmp_path):
    async with a_driver(indi, tmp_path, telescope="Mount", weather="W", answer_within_s=0.1) as driver:
        problems = await driver.problems()
        assert ["Mount at" in problems[0], "W at" in problems[1]] == [True, True]
        assert all("does not know it; compare the device's name" in problem for problem in problems[:2])
        assert (await driver.safety()).blocking == (Reason.UNSAFE,)


async def test_a_server_that_is_not_there_is_named(tmp_path, indi):
    indi.port = 1
    async with a_driver(indi, tmp_path, weather="W") as driver:
        assert not (await driver.safety()).safe
        with pytest.raises(MountFault, match="start indiserver"):
            await driver.slew(TARGET)


@pytest.mark.parametrize(("state", "blocking"), [("Ok", ()), ("Busy", ()), ("Alert", (Reason.WEATHER,))])
async def test_the_stations_verdict_counts(indi, tmp_path, state, blocking):
    indi.defines = (
        DEVICES
        + defined("W", "CONNECTION", "Switch", {"CONNECT": "On"})
        + defined("W", "WEATHER_STATUS", "Light", {"WIND": state}, state)
        + defined("W", "WEATHER_PARAMETERS", "Number", {"WEATHER_WIND_SPEED": 36}, "Ok")
    )
    async with a_driver(indi, tmp_path, weather="W") as driver:
        safety = await driver.safety()
    assert (safety.blocking, safety.weather.wind_mps) == (blocking, pytest.approx(10.0))


async def test_a_station_that_fell_silent_is_not_safe(indi, tmp_path):
    indi.defines = (
        DEVICES
        + defined("W", "CONNECTION", "Switch", {"CONNECT": "On"})
        + defined("W", "WEATHER_STATUS", "Light", {"WIND": "Ok"}, "Ok")
        + defined("W", "WEATHER_PARAMETERS", "Number", {"WEATHER_WIND_SPEED": 36}, "Ok")
    )
    async with a_driver(indi, tmp_path, weather="W", stale_after_s=0.1) as driver:
        assert (await driver.safety()).safe
        await asyncio.sleep(0.2)
        assert (await driver.safety()).blocking == (Reason.UNSAFE,)


def test_every_mistake_in_the_settings_is_named_in_one_go():
    with pytest.raises(Refused) as refusal:
        IndiDriver(a_telescope("indi", server="here", telescope=0, slew_within=3), a_sky())
    for key in ("server", "telescope", "camera", "slew_within"):
        assert f"driver.{key}" in str(refusal.value)
