"""What closes beside a mount that hangs, and what never closes over one that is not parked."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from builders.driver_benches import a_sky, a_telescope

from telescopes.drivers.alpaca.driver import AlpacaDriver
from telescopes.drivers.driver import DomeFault, ExposureSpec, MountFault, Target

UNPARKED = {"telescope/atpark": False, "telescope/canpark": True, "dome/shutterstatus": 0}
DOME, ROOF = {"dome/cansetazimuth": True}, {"dome/cansetazimuth": False}


@asynccontextmanager
async def a_driver(server, **settings):
    settings = {"answer_within_s": 60.0, "poll_every_s": 0.01, "dome": 0} | settings
    driver = AlpacaDriver(a_telescope("alpaca", server=server.url, telescope=0, camera=0, **settings), a_sky())
    try:
        yield driver
    finally:
        await driver.close()


async def told(server, what):
    async with asyncio.timeout(90.0):
        while what not in server.puts:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("kind", "said"), [(DOME, {}), (DOME, {"dome_needs_park": False}), (ROOF, {"dome_needs_park": False})]
)
async def test_what_clears_the_telescope_closes_beside_a_parking_that_hangs(alpaca, kind, said):
    alpaca.answers = UNPARKED | kind
    async with a_driver(alpaca, **said) as driver:
        parking = asyncio.create_task(driver.park())
        await told(alpaca, "telescope/park")
        await told(alpaca, "dome/closeshutter")
        alpaca.answers["dome/shutterstatus"] = 1
        assert not parking.done()
        alpaca.answers["telescope/atpark"] = True
        await parking


async def test_a_dome_closes_though_the_parking_fails_and_the_failure_is_told(alpaca):
    alpaca.answers = UNPARKED | DOME | {"telescope/park": (0x500, "motor stalled")}
    async with a_driver(alpaca, dome_within_s=5.0) as driver:
        parking = asyncio.create_task(driver.park())
        await told(alpaca, "dome/closeshutter")
        alpaca.answers["dome/shutterstatus"] = 1
        with pytest.raises(MountFault, match="motor stalled"):
            await parking


async def test_a_dome_that_does_not_close_is_told_before_a_mount_that_does_not_park(alpaca, caplog):
    broken = {"telescope/park": (0x500, "motor stalled"), "dome/closeshutter": (0x500, "shutter stuck")}
    alpaca.answers = UNPARKED | DOME | broken
    async with a_driver(alpaca) as driver:
        with pytest.raises(DomeFault, match="shutter stuck"):
            await driver.park()
    assert "motor stalled" in caplog.text


@pytest.mark.parametrize(("kind", "said"), [(ROOF, {}), (DOME, {"dome_needs_park": True})])
async def test_what_needs_the_mount_parked_closes_once_it_is(alpaca, kind, said):
    alpaca.answers = UNPARKED | kind
    async with a_driver(alpaca, **said) as driver:
        parking = asyncio.create_task(driver.park())
        await told(alpaca, "telescope/park")
        asked = alpaca.gets.count("telescope/atpark")
        async with asyncio.timeout(90.0):
            while alpaca.gets.count("telescope/atpark") < asked + 10:
                await asyncio.sleep(0.01)
        assert "dome/closeshutter" not in alpaca.puts
        alpaca.answers["telescope/atpark"] = True
        await told(alpaca, "dome/closeshutter")
        alpaca.answers["dome/shutterstatus"] = 1
        await parking


async def test_a_roof_stays_as_it_is_where_the_parking_fails(alpaca, caplog):
    alpaca.answers = UNPARKED | ROOF
    async with a_driver(alpaca, park_within_s=0.1) as driver:
        with pytest.raises(MountFault, match="does not park"):
            await driver.park()
    assert "dome/closeshutter" not in alpaca.puts
    assert "the roof stays as it is" in caplog.text


async def test_a_roof_over_a_mount_that_cannot_park_stays_and_is_named_before_it_matters(alpaca):
    alpaca.answers = UNPARKED | ROOF | {"telescope/canpark": False, "telescope/equatorialsystem": 2}
    alpaca.answers |= {"camera/camerastate": 0}
    async with a_driver(alpaca) as driver:
        with pytest.raises(DomeFault, match=r"does not say that it is parked; .*dome_needs_park = false"):
            await driver.park()
        assert "dome/closeshutter" not in alpaca.puts
        assert "the mount cannot park" in "\n".join(await driver.problems())
    async with a_driver(alpaca, dome_needs_park=False) as driver:
        assert "cannot park" not in "\n".join(await driver.problems())


async def test_as_long_as_it_may_take_is_told_to_the_agent(alpaca):
    async with a_driver(alpaca, park_within_s=900.0, dome_within_s=600.0) as driver:
        assert driver.capabilities().park_within_s > 1500.0


TARGET = Target(150.0, 20.0, 0.0, "main", "r")
STANDS = {"telescope/equatorialsystem": 2, "telescope/rightascension": 10.0, "telescope/declination": 20.0}
STANDS |= {"telescope/slewing": False, "dome/slewing": False, "camera/camerastate": 0}
IS_OPEN, IS_CLOSED = {"dome/shutterstatus": 0}, {"dome/shutterstatus": 1}


async def test_a_roof_that_needs_the_mount_parked_opens_over_no_other(alpaca):
    alpaca.answers = UNPARKED | ROOF | STANDS | IS_CLOSED
    async with a_driver(alpaca) as driver:
        with pytest.raises(DomeFault, match=r"does not open.*parked; park the mount"):
            await driver.slew(TARGET)
    assert not {"dome/openshutter", "telescope/slewtocoordinatesasync"} & set(alpaca.puts)


@pytest.mark.parametrize("kind", [ROOF | IS_OPEN, DOME | IS_OPEN])
async def test_a_roof_that_is_open_needs_no_parked_mount(alpaca, kind):
    alpaca.answers = UNPARKED | STANDS | kind
    async with a_driver(alpaca) as driver:
        assert (await driver.slew(TARGET)).ra_deg == 150.0


async def test_a_mount_that_still_parks_is_unparked_once_it_has(alpaca):
    alpaca.answers = UNPARKED | DOME | STANDS | {"telescope/slewing": True}
    async with a_driver(alpaca) as driver:
        slewing = asyncio.create_task(driver.slew(TARGET))
        async with asyncio.timeout(90.0):
            while alpaca.gets.count("telescope/slewing") < 5:
                await asyncio.sleep(0.01)
        assert not {"telescope/unpark", "telescope/slewtocoordinatesasync"} & set(alpaca.puts)
        alpaca.answers["telescope/atpark"] = True
        await told(alpaca, "telescope/unpark")
        alpaca.answers |= {"telescope/atpark": False, "telescope/slewing": False}
        await slewing


@pytest.mark.parametrize("what", ["slew", "park"])
async def test_where_it_looked_before_is_not_believed_after(alpaca, what):
    alpaca.answers = UNPARKED | DOME | STANDS
    async with a_driver(alpaca) as driver:
        await driver.slew(TARGET)
        stalled = (0x500, "motor stalled")
        alpaca.answers |= {"telescope/slewtocoordinatesasync": stalled, "telescope/park": stalled}
        alpaca.answers |= IS_CLOSED if what == "park" else IS_OPEN
        with pytest.raises(MountFault, match="motor stalled"):
            await (driver.slew(TARGET) if what == "slew" else driver.park())
        assert (await driver.status()).aim is None
        with pytest.raises(MountFault, match="was not pointed"):
            await driver.expose(ExposureSpec("p", 0, "main", "r", 0.2))
