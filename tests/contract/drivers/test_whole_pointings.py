"""What every driver of whole pointings must do besides: under a real agent, with real programs, folders and pages."""

from datetime import timedelta
from pathlib import Path

import pytest
from builders.whole_pointings import (
    CommandSite,
    FileDropSite,
    ManualSite,
    Observatory,
    a_request,
    now,
    until,
)

from telescopes.description.messages import Revocation
from telescopes.description.states import PointingState, Reason

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


def given_up_as(observatory) -> tuple[S, ...]:
    """What a site that stops by itself may say; whoever may report later leaves the end open."""
    return (S.EXPIRED,) if observatory.driver.capabilities().tells_later else (S.REJECTED, S.FAILED)


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
