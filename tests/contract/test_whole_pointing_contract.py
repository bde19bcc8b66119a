"""What every driver of whole pointings must do: under a real agent, with real programs, folders and pages."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from builders.whole_pointings import (
    CommandSite,
    FileDropSite,
    ManualSite,
    Observatory,
    a_clock,
    a_request,
    now,
    stopped,
    until,
)

from telescopes.description.messages import Revocation
from telescopes.description.states import PointingState, Reason
from telescopes.drivers.whole_pointing import WholePointingDriver

S = PointingState
SITES = {"command": CommandSite, "filedrop": FileDropSite, "manual": ManualSite}


@pytest.fixture(params=SITES)
def site(request, tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    return SITES[request.param](folder)


@pytest.fixture
def observatory(site, tmp_path: Path) -> Observatory:
    return Observatory(site.telescope, site.make, tmp_path / "state")


async def take_two(site, driver) -> None:
    """Have both exposures taken; a person reports them together."""
    if isinstance(site, ManualSite):
        await site.expose(driver, 2)
        return
    for _ in range(2):
        await site.expose(driver)


def given_up_as(observatory) -> tuple[S, ...]:
    """What a site that stops by itself may say; whoever may report later leaves the end open."""
    return (S.EXPIRED,) if observatory.driver.capabilities().tells_later else (S.REJECTED, S.FAILED)


async def test_a_pointing_is_observed_and_told_as_it_was(site, observatory) -> None:
    async with observatory.running():
        observatory.coordinator.offer(a_request())
        await site.asked(observatory.driver)
        await take_two(site, observatory.driver)
        await observatory.reached("completed")
        await stopped(site, observatory.driver)
    assert observatory.told() == ["accepted", "slewing", "exposing", "completed"]
    last = observatory.last()
    assert (last.actual_ra_deg, last.actual_dec_deg) == (pytest.approx(10.001, abs=1e-4), pytest.approx(-5.0))
    assert [e.exposure_index for e in last.exposures] == [0, 1]
    assert all(e.filter == "r" and e.exposure_s == 0.2 for e in last.exposures)
    assert all(abs(now() - e.start) < timedelta(seconds=30) and e.end > e.start for e in last.exposures)
    assert all(bool(e.image_uri) is site.images for e in last.exposures)


async def test_a_revocation_stops_it_and_keeps_nothing_going(site, observatory) -> None:
    async with observatory.running():
        observatory.coordinator.offer(a_request())
        await site.asked(observatory.driver)
        observatory.coordinator.revoke(Revocation("p1", 1, Reason.RETRACTED, abort_if_started=True))
        await observatory.reached("revoked")
        await stopped(site, observatory.driver)
    assert observatory.last().reason is Reason.RETRACTED
    assert observatory.last().exposures == ()


async def test_what_was_exposed_before_a_revocation_is_a_fact(site, observatory) -> None:
    async with observatory.running():
        observatory.coordinator.offer(a_request())
        await site.asked(observatory.driver)
        if isinstance(site, ManualSite):
            observatory.coordinator.revoke(Revocation("p1", 1, Reason.RETRACTED, abort_if_started=True))
            await site.sees(observatory.driver, "called off")
            await site.expose(observatory.driver)
        else:
            await site.expose(observatory.driver)
            await observatory.exposures(1)
            observatory.coordinator.revoke(Revocation("p1", 1, Reason.RETRACTED, abort_if_started=True))
        await observatory.reached("partial")
    assert observatory.last().fraction_done == pytest.approx(0.5)
    assert observatory.last().late is isinstance(site, ManualSite)


@pytest.mark.slow
async def test_the_window_ends_it(site, observatory) -> None:
    async with observatory.running():
        observatory.coordinator.offer(a_request(for_s=3.5))
        await site.asked(observatory.driver)
        await observatory.reached("expired")
        assert not await site.still_asked(observatory.driver)
    assert observatory.last().reason is Reason.WINDOW_TOO_SHORT


async def test_a_site_that_closes_stops_it_and_is_asked_for_nothing(site, observatory) -> None:
    async with observatory.running():
        observatory.coordinator.offer(a_request())
        await site.asked(observatory.driver)
        await site.close_site(observatory.driver)
        await until(lambda: observatory.coordinator.states["p1"] not in (S.ACCEPTED, S.SLEWING, S.EXPOSING))
        assert not await site.still_asked(observatory.driver)
        observatory.coordinator.offer(a_request("p2"))
        await observatory.reached("rejected", "p2")
    assert observatory.last().state in given_up_as(observatory)
    assert observatory.last().reason is Reason.WEATHER
    assert observatory.last("p2").reason is Reason.WEATHER


@pytest.mark.slow
async def test_own_limits_end_what_takes_longer_than_was_judged(site, observatory) -> None:
    sets = now() + timedelta(seconds=40)  # after what is judged at the start, before what is judged a minute ahead
    observatory.violation = lambda _, __, ___, ____, when: Reason.BELOW_HORIZON if when > sets else None
    async with observatory.running():
        observatory.coordinator.offer(a_request(for_s=300.0))
        await until(lambda: observatory.coordinator.states["p1"] in given_up_as(observatory))
        assert not await site.still_asked(observatory.driver)
    assert "slewing" in observatory.told()
    assert observatory.last().reason is Reason.BELOW_HORIZON


async def test_a_restarted_agent_asks_only_for_what_is_left(site, observatory) -> None:
    if isinstance(site, ManualSite):
        pytest.skip("an observer reports once, and that ends it")
    async with observatory.running():
        observatory.coordinator.offer(a_request())
        await site.asked(observatory.driver)
        await site.expose(observatory.driver)
        await observatory.exposures(1)
        first = observatory.last().exposures[0]
    assert not await site.still_asked(observatory.driver)
    async with observatory.running():
        await site.expose(observatory.driver)
        await observatory.reached("completed")
    assert [e.exposure_index for e in observatory.last().exposures] == [0, 1]
    assert observatory.last().exposures[0] == first
    assert len({e.image_uri for e in observatory.last().exposures}) == 2


async def test_at_rest_it_stops_and_parks_without_harm(site) -> None:
    driver = site.make(site.telescope, a_clock())
    assert isinstance(driver, WholePointingDriver)
    assert not driver.capabilities().simulated
    try:
        assert (await driver.safety()).closed_because is None
        for _ in range(2):
            await driver.abort()
            await driver.park()
        assert (await driver.status()).aim is None
        before = await driver.safety()
        changed = asyncio.create_task(driver.safety_after(before))
        await site.close_site(driver)
        async with asyncio.timeout(60):
            assert (await changed).closed_because is Reason.WEATHER
    finally:
        await driver.close()
