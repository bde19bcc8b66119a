"""A planner worker: warm, with its maps in memory; synchronous, because planning is CPU work."""

import os

from coordinator.actors.plan_parcel import PlanParcel, packed
from coordinator.actors.shell import Pong
from coordinator.planning.request import PlanRequest
from coordinator.services.ports import CombinedMap
from coordinator.settings import Settings
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import Ranges
from telescopes.description.footprint import Footprint

GIVES_WAY = 10
"""A plan of a whole night takes seconds, for which nobody waits: commands and reports go before it."""


class PlannerActor:
    """Plans, curves and footprints behind an actor's door."""

    def __init__(self, settings: Settings, gives_way: bool = False) -> None:
        from coordinator import factory
        from coordinator.services.planner import PlannerWork

        self._work = PlannerWork(
            factory.blobs(settings).get_now,
            factory.galaxies(settings),
            factory.dust(settings),
            factory.forecasts(settings),
        )
        self._telescopes = tuple(factory.telescopes(settings).values())
        self._start = settings.sky.start
        self._now = factory.utc_now
        self._keep_warm()
        if gives_way:
            os.nice(GIVES_WAY)

    def _keep_warm(self) -> None:
        """Work out the nights to come, those of a demonstration's sky where there is one."""
        self._work.warm(self._telescopes, self._start or self._now())

    def ready(self) -> int:
        """Return the process's id."""
        return os.getpid()

    def ping(self) -> Pong:
        """Say that the worker lives; once a day it gets ready for the nights to come."""
        self._keep_warm()
        return Pong(os.getpid(), True, {})

    def plan(self, request: PlanRequest) -> PlanParcel:
        """Make a plan."""
        return packed(self._work.plan(request))

    def get_ready(self, skymap_sha256: str) -> None:
        """Work out what plans of a map need of it."""
        self._work.get_ready(skymap_sha256)

    def curve(self, skymap_sha256: str) -> ProbabilityCurve:
        """Return a map as cumulative probability."""
        return self._work.curve(skymap_sha256)

    def ranges_of(self, footprint: Footprint, ra_deg: float, dec_deg: float, position_angle_deg: float) -> Ranges:
        """Say which sky a footprint covers there."""
        return self._work.ranges_of(footprint, ra_deg, dec_deg, position_angle_deg)

    def overlap(self, one: str, other: str) -> float:
        """Say how well two sky maps agree."""
        return self._work.overlap(one, other)

    def combined(self, skymaps: tuple[str, ...]) -> CombinedMap:
        """Combine sky maps of one source."""
        return self._work.combined(skymaps)
