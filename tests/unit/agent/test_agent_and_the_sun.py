"""In a rehearsal by day nothing is pointed at the Sun, whoever asks, while the rest of the sky may be looked at."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from telescopes.conformance.sun import sun_place
from telescopes.description.limits import violation
from telescopes.description.states import PointingState, Reason
from telescopes.description.telescope import Limits, Site
from telescopes.drivers.simulated import SimulatedDriver

T0 = datetime(2026, 1, 1, tzinfo=UTC)
NOON = Site(0.0, 180.0)
REHEARSAL = Limits(max_sun_altitude_deg=90.0)


class Noting(SimulatedDriver):
    """Notes where it was sent."""

    sent: list[tuple[float, float]]

    def __init__(self, telescope, sky):
        super().__init__(telescope, sky)
        self.sent = []

    async def slew(self, target):
        self.sent.append((target.ra_deg, target.dec_deg))
        return await super().slew(target)


@pytest.mark.parametrize("north_deg", [0.0, 20.0, -25.0])
def test_an_offer_at_the_sun_is_rejected_and_nothing_moves(play, pointing, telescope, north_deg):
    made = []

    def make(known, sky):
        made.append(Noting(known, sky))
        return made[-1]

    async def scenario(rig):
        ra_deg, dec_deg = sun_place(T0)
        async with rig.running():
            rig.coordinator.offer(pointing("hot", start_s=10.0, ra_deg=ra_deg, dec_deg=dec_deg + north_deg))
            await rig.sky_s(400)
            assert rig.told("hot") == ["rejected"]
            assert rig.coordinator.reports_of("hot")[-1].reason is Reason.DAYLIGHT
            assert made[0].sent == []
            rig.coordinator.offer(pointing("far", start_s=410.0, ra_deg=ra_deg, dec_deg=dec_deg + 40.0))
            await rig.sky_s(1000)
        assert rig.told("far")[-1] == PointingState.COMPLETED.value
        assert made[0].sent == [(ra_deg, dec_deg + 40.0)]

    play(scenario, telescope=telescope(site=NOON, limits=REHEARSAL), driver=make, violation=violation)


def test_a_site_that_takes_no_heed_of_the_sun_says_so(play, pointing, telescope):
    async def scenario(rig):
        ra_deg, dec_deg = sun_place(T0)
        async with rig.running():
            rig.coordinator.offer(pointing("hot", start_s=10.0, ra_deg=ra_deg, dec_deg=dec_deg))
            await rig.sky_s(400)
        assert rig.told("hot")[-1] == "completed"

    heedless = replace(REHEARSAL, min_sun_separation_deg=0.0)
    play(scenario, telescope=telescope(site=NOON, limits=heedless), violation=violation)
