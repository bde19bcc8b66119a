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


async def asked_for(server, what):
    async with asyncio.timeout(90.0):
        while not any(what in line and "<new" in line for line in server.asked):
            await asyncio.sleep(0.01)


@asynccontextmanager
async def a_driver(server, tmp_path, **settings):
    server.defines = server.defines or DEVICES
    settings = {"telescope": "M", "camera": "C", "answer_within_s": 60.0, "images": str(tmp_path)} | settings
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
        await asked_for(indi, "CCD_EXPOSURE_VALUE")
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
        async with asyncio.timeout(90.0):
            while (await driver.safety()).safe:
                await asyncio.sleep(0.01)
        assert (await driver.safety()).blocking == (Reason.UNSAFE,)


def park(state, parked=True):
    return said("M", "TELESCOPE_PARK", "Switch", places(parked), state)


def places(parked):
    return {"PARK": "On" if parked else "Off", "UNPARK": "Off" if parked else "On"}


def with_park(state, parked=True):
    return DEVICES + defined("M", "TELESCOPE_PARK", "Switch", places(parked), state)


@pytest.mark.parametrize(("state", "parked"), [("Ok", True), ("Idle", True), ("Busy", False), ("Alert", False)])
async def test_a_mount_is_parked_only_where_its_park_came_about(indi, tmp_path, state, parked):
    indi.defines = with_park(state)
    async with a_driver(indi, tmp_path) as driver:
        assert (await driver.status()).parked is parked


async def test_a_park_that_is_on_its_way_is_waited_for_and_not_asked_for_again(indi, tmp_path):
    asked, ended = [], []
    indi.defines = with_park("Busy")
    indi.react = lambda line: asked.append(line) or ""

    def end():
        ended.append(True)
        indi.say(park("Ok"))

    async with a_driver(indi, tmp_path, park_within_s=5.0) as driver:
        await driver.status()
        asyncio.get_running_loop().call_later(0.2, end)
        await driver.park()
        assert ended
        assert not any("TELESCOPE_PARK" in line for line in asked)


async def test_a_park_that_fails_on_its_way_is_asked_for_again(indi, tmp_path):
    indi.defines = with_park("Busy")
    indi.react = lambda line: park("Ok") if "TELESCOPE_PARK" in line else ""
    async with a_driver(indi, tmp_path, park_within_s=5.0) as driver:
        await driver.status()
        asyncio.get_running_loop().call_later(0.1, indi.say, park("Alert"))
        await driver.park()
        assert (await driver.status()).parked


async def test_a_park_that_never_ends_is_a_fault(indi, tmp_path):
    indi.defines = with_park("Busy")
    async with a_driver(indi, tmp_path, park_within_s=0.2) as driver:
        with pytest.raises(MountFault, match="TELESCOPE_PARK did not end"):
            await driver.park()


async def test_an_answer_that_is_another_than_was_asked_for_is_a_refusal(indi, tmp_path):
    indi.defines = with_park("Ok", parked=False)
    indi.react = lambda line: park("Ok", parked=False) if "TELESCOPE_PARK" in line else ""
    async with a_driver(indi, tmp_path, park_within_s=0.2) as driver:
        with pytest.raises(MountFault, match="TELESCOPE_PARK did not come to PARK"):
            await driver.park()


async def test_an_alert_is_a_refusal_at_once(indi, tmp_path):
    indi.defines = with_park("Ok", parked=False)
    indi.react = lambda line: park("Alert", parked=False) if "TELESCOPE_PARK" in line else ""
    async with a_driver(indi, tmp_path, park_within_s=600.0) as driver:
        with pytest.raises(MountFault, match="refused TELESCOPE_PARK"):
            await driver.park()


def shutter(is_open):
    return {"SHUTTER_OPEN": "On" if is_open else "Off", "SHUTTER_CLOSE": "Off" if is_open else "On"}


async def test_a_roof_that_still_opens_is_no_refusal_to_close(indi, tmp_path):
    ended = []

    def end():
        ended.append(True)
        indi.say(said("D", "DOME_SHUTTER", "Switch", shutter(False), "Busy"))
        indi.say(said("D", "DOME_SHUTTER", "Switch", shutter(False), "Ok"))

    def react(line):
        if "SHUTTER_CLOSE" in line:
            asyncio.get_running_loop().call_later(0.1, end)
            return said("D", "DOME_SHUTTER", "Switch", shutter(True), "Ok")  # the late word of its opening
        return park("Ok") if "TELESCOPE_PARK" in line else ""

    indi.react = react
    indi.defines = (
        with_park("Ok")
        + defined("D", "CONNECTION", "Switch", {"CONNECT": "On"})
        + defined("D", "ABS_DOME_POSITION", "Number", {"DOME_ABSOLUTE_POSITION": 0})
        + defined("D", "DOME_SHUTTER", "Switch", shutter(True), "Busy")
    )
    async with a_driver(indi, tmp_path, dome="D", dome_within_s=20.0) as driver:
        await driver.park()
        assert ended


async def test_a_mount_that_still_parks_is_unparked_once_it_has(indi, tmp_path):
    ended = []

    def end():
        ended.append(True)
        indi.say(park("Ok"))

    def react(line):
        if "TELESCOPE_PARK" in line:
            assert ended, "a mount that parks says that it is unparked already"
            return park("Ok", parked=False)
        return obeys(line)

    indi.defines, indi.react = with_park("Busy"), react
    async with a_driver(indi, tmp_path, park_within_s=5.0) as driver:
        await driver.status()
        asyncio.get_running_loop().call_later(0.2, end)
        await driver.slew(TARGET)
        assert ended


async def test_a_device_that_once_did_not_connect_is_asked_again(indi, tmp_path):
    off = {"CONNECT": "Off", "DISCONNECT": "On"}
    indi.defines = DEVICES.replace(
        defined("M", "CONNECTION", "Switch", {"CONNECT": "On"}), defined("M", "CONNECTION", "Switch", off, "Alert")
    )

    def react(line):
        if "CONNECTION" in line:
            asyncio.get_running_loop().call_later(0.1, indi.say, said("M", "CONNECTION", "Switch", {"CONNECT": "On"}))
            return ""
        return obeys(line)

    indi.react = react
    async with a_driver(indi, tmp_path) as driver:
        await driver.slew(TARGET)


PLACED = (
    defined("M", "GEOGRAPHIC_COORD", "Number", {"LAT": 0, "LONG": 0, "ELEV": 0})
    + defined("F", "CONNECTION", "Switch", {"CONNECT": "On"})
    + defined("F", "FILTER_SLOT", "Number", {"FILTER_SLOT_VALUE": 1}, "Ok")
    + defined("F", "FILTER_NAME", "Text", {"1": "Green", "2": "Red"})
)
WITH_WHEEL = {"filterwheel": "F", "filters": {"r": "Red", "g": "Green"}}


def obeys_with_a_wheel(asked):
    """Like `obeys`; what the mount's place and the wheel's slot are asked for is written down."""

    def react(line):
        if "GEOGRAPHIC_COORD" in line:
            asked.append("place")
            return said("M", "GEOGRAPHIC_COORD", "Number", {})
        if "FILTER_SLOT" in line:
            asked.append("filter")
            return said("F", "FILTER_SLOT", "Number", {"FILTER_SLOT_VALUE": 2})
        return obeys(line)

    return react


def hardware(connected, *devices):
    switch = {"CONNECT": "On", "DISCONNECT": "Off"} if connected else {"CONNECT": "Off", "DISCONNECT": "On"}
    return "".join(said(device, "CONNECTION", "Switch", switch) for device in devices)


@pytest.mark.parametrize("how", ["server", "hardware", "driver"])
async def test_nothing_that_was_known_before_a_reconnection_is_known_after_it(indi, tmp_path, how):
    asked = []
    indi.defines, indi.react = DEVICES + PLACED, obeys_with_a_wheel(asked)
    async with a_driver(indi, tmp_path, **WITH_WHEEL) as driver:
        await driver.slew(TARGET)
        await driver.slew(TARGET)
        assert asked == ["place", "filter"]
        assert (await driver.status()).filter == "r"
        match how:
            case "server":
                indi.hang_up()
            case "hardware":
                indi.say(hardware(False, "M", "F") + hardware(True, "M", "F"))
                indi.say(said("F", "FILTER_SLOT", "Number", {"FILTER_SLOT_VALUE": 1}))
            case "driver":
                indi.say('<delProperty device="M"/><delProperty device="F"/>' + DEVICES + PLACED)
        async with asyncio.timeout(90.0):
            while (await driver.status()).aim is not None:
                await asyncio.sleep(0.01)
        assert (await driver.status()).filter is None
        with pytest.raises(MountFault, match="not pointed since it was connected"):
            await driver.expose(ExposureSpec("p", 0, "main", "r", 0.2))
        await driver.slew(TARGET)
        assert asked == ["place", "filter"] * 2
        assert (await driver.status()).filter == "r"


async def test_a_filter_that_somebody_turned_away_is_turned_back(indi, tmp_path):
    asked = []
    indi.defines, indi.react = DEVICES + PLACED, obeys_with_a_wheel(asked)
    async with a_driver(indi, tmp_path, **WITH_WHEEL) as driver:
        await driver.slew(TARGET)
        indi.say(said("F", "FILTER_SLOT", "Number", {"FILTER_SLOT_VALUE": 1}))
        indi.say(hardware(False, "M") + hardware(True, "M"))  # comes after it, and is seen from outside
        async with asyncio.timeout(90.0):
            while (await driver.status()).aim is not None:
                await asyncio.sleep(0.01)
        await driver.slew(TARGET)
        assert asked.count("filter") == 2


async def test_properties_that_are_told_after_the_connection_are_not_missed(indi, tmp_path):
    asked = []
    off = defined("M", "CONNECTION", "Switch", {"CONNECT": "Off"})
    indi.defines = off + DEVICES.replace(defined("M", "CONNECTION", "Switch", {"CONNECT": "On"}), "")

    def react(line):
        if "CONNECTION" in line:
            indi.untold = PLACED
            return hardware(True, "M")
        return obeys_with_a_wheel(asked)(line)

    indi.react = react
    async with a_driver(indi, tmp_path) as driver:
        await driver.slew(TARGET)
    assert asked == ["place"]


async def test_an_answer_of_a_new_connection_is_none_to_what_the_old_one_was_asked(indi, tmp_path):
    indi.defines = with_park("Ok", parked=False)
    async with a_driver(indi, tmp_path, park_within_s=5.0) as driver:
        await driver.status()
        parking = asyncio.create_task(driver.park())
        await asked_for(indi, "TELESCOPE_PARK")
        indi.defines = with_park("Ok")
        indi.hang_up()
        with pytest.raises(MountFault, match="connection"):
            await parking
        assert (await driver.status()).parked


def test_every_mistake_in_the_settings_is_named_in_one_go():
    with pytest.raises(Refused) as refusal:
        IndiDriver(a_telescope("indi", server="here", telescope=0, slew_within=3), a_sky())
    for key in ("server", "telescope", "camera", "slew_within"):
        assert f"driver.{key}" in str(refusal.value)
