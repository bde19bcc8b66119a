"""What our own telescopes see: planned as the real planner plans, under the weather and the Moon as they turn out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np

from coordinator.lightcurves.moonlight import Moon
from coordinator.planning.make import plan
from coordinator.planning.plan import PlannedPointing
from coordinator.planning.request import EventToPlan, PlanRequest, TelescopeToPlan, VisitSpec
from coordinator.simulation.world.conditions import Conditions, drawn_seeing, true_limit_mag
from coordinator.simulation.world.sequence import SimulatedEvent
from coordinator.sky.skymap import SkyMap
from coordinator.vetting.facts import StoredDetection
from coordinator.vetting.looks import Look
from coordinator.vetting.sighting import Sighting, sighting_of
from telescopes.description.ephemeris import Almanac, directions, unix_s
from telescopes.description.messages import Detection
from telescopes.description.telescope import Site, Telescope
from telescopes.drivers.driver import Aim, ExposureSpec
from telescopes.drivers.image import Sky, detections
from telescopes.drivers.world import World

NIGHT = timedelta(hours=24)
VISITS = (VisitSpec("first", filters=("r",)), VisitSpec("again", min_gap_s=1800.0, filters=("r",)))
"""Twice a night in one band, half an hour apart, so that what moves or is gone is told from what stays."""


@dataclass(frozen=True, slots=True, eq=False)
class Exposure:
    """One planned pointing that was taken, and the limit that it reached."""

    pointing: PlannedPointing
    telescope: Telescope
    night: int
    limit_mag_ab: float

    @property
    def middle(self) -> datetime:
        """The middle of it."""
        return self.pointing.start + (self.pointing.end - self.pointing.start) / 2

    @property
    def look(self) -> Look:
        """The exposure as the vetter hears of it."""
        p = self.pointing
        return Look(p.telescope, p.start, p.end, p.filter, self.limit_mag_ab, p.ranges)


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Who looks, and how their nights turn out.

    Attributes
    ----------
    clouds : mapping of telescope id to spans of time
        When it can see nothing; nobody knows it beforehand.
    seeing : mapping of telescope id to tuple of float
        Of each night over what is usual.
    """

    telescopes: Sequence[Telescope]
    clouds: Mapping[str, tuple[tuple[datetime, datetime], ...]] = field(default_factory=dict)
    seeing: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def under(self, name: str, start: datetime, end: datetime) -> bool:
        """Say whether clouds come over a telescope meanwhile."""
        return any(begin < end and start < over for begin, over in self.clouds.get(name, ()))


def drawn_seeings(
    rng: np.random.Generator, telescopes: Sequence[Telescope], nights: int
) -> dict[str, tuple[float, ...]]:
    """Draw the seeing of every night at every site."""
    return {t.id: tuple(drawn_seeing(rng) for _ in range(nights)) for t in telescopes}


def searched(event: SimulatedEvent, network: Network, nights: int) -> list[Exposure]:
    """Plan night after night by the newest map, and take what the sky allows; a retraction ends it."""
    told = [r for r in event.revisions if r.stage != "early warning"]
    ends = next((r.issued for r in told if r.stage == "retraction"), None)
    taken: list[Exposure] = []
    for night in range(nights):
        start = told[0].issued + night * NIGHT
        known = [r.sky for r in told if r.sky is not None and r.issued <= start]
        if ends is not None and ends <= start:
            break
        taken += [e for e in _one_night(event, known[-1], network, start, night) if ends is None or e.middle < ends]
    return taken


def _one_night(event: SimulatedEvent, sky: SkyMap, network: Network, start: datetime, night: int) -> list[Exposure]:
    asked = EventToPlan(f"sim:{event.name}", 1, sky.facts.sha256, event.t0, objective="probability", visits=VISITS)
    request = PlanRequest(
        (asked,), tuple(TelescopeToPlan(t, start) for t in network.telescopes), start, start + NIGHT, effort="quick"
    )
    made = plan(request, {sky.facts.sha256: sky})
    almanac = Almanac.over(unix_s(start), unix_s(start + NIGHT + NIGHT / 12))
    by_id = {t.id: t for t in network.telescopes}
    taken = []
    for p in made.pointings:
        telescope = by_id[p.telescope]
        limit = _limit(p, telescope, almanac, network.seeing[p.telescope][night])
        if limit is not None and not network.under(p.telescope, p.start, p.end):
            taken.append(Exposure(p, telescope, night, limit))
    return taken


def _limit(p: PlannedPointing, telescope: Telescope, almanac: Almanac, seeing: float) -> float | None:
    middle = np.array([unix_s(p.start + (p.end - p.start) / 2)])
    moon, phase = almanac.moon_from(telescope.site, middle)[0], float(almanac.moon_illuminated(middle)[0])
    up = _altitude_deg(telescope.site, almanac, middle, moon)
    apart = float(np.degrees(np.arccos(np.clip(directions([p.ra_deg], [p.dec_deg])[0] @ moon, -1.0, 1.0))))
    shines = Moon.lit(phase, up) if up > 0.0 else None
    sky = Conditions(shines, apart, seeing)
    return true_limit_mag(telescope.instrument(p.instrument), p.filter, p.exposure_s * p.count, p.airmass, sky)


def _altitude_deg(site: Site, almanac: Almanac, when_s: np.ndarray, towards: np.ndarray) -> float:
    return float(np.degrees(np.arcsin(np.clip(almanac.axes(site, when_s).up[0] @ towards, -1.0, 1.0))))


def seen(world: World, exposures: Sequence[Exposure], event_key: str) -> list[Sighting]:
    """Return what the reductions find, by the door that detections of our telescopes come in by."""
    sky = Sky(world)
    found: list[Sighting] = []
    for e in exposures:
        p = e.pointing
        aim = Aim(p.ra_deg, p.dec_deg, p.position_angle_deg)
        spec = ExposureSpec(p.id, 0, p.instrument, p.filter, p.exposure_s * p.count)
        camera = e.telescope.instrument(p.instrument)
        for d in detections(sky, p.telescope, camera, aim, spec, e.middle, e.limit_mag_ab):
            found.append(sighting_of(StoredDetection(_bare(d), p.telescope, event_key)))
    return found


def _bare(detection: Detection) -> Detection:
    """Leave out hosts: galaxies are known from catalogues, not from the world that the camera looks at."""
    return replace(detection, host_separation_arcsec=None, host_redshift=None, host_redshift_err=None)
