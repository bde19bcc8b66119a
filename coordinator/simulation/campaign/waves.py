"""Gravitational waves as campaigns play them: an event with what its alerts say, and the notices of it."""

from coordinator.simulation.calibration.told import Told
from coordinator.simulation.campaign.happened import Happened, MapTold
from coordinator.simulation.campaign.words import words_of

STREAM = "lvk"


def happened_wave(told: Told) -> Happened:
    """Say what happens in an event of gravitational waves."""
    event = told.event
    maps = [None if r.sky is None else MapTold.of(r.sky) for r in event.revisions]
    return Happened(
        key=f"{STREAM}:{event.name}",
        kind=told.kind if event.binary else "noise",
        t0=event.t0,
        truth=event,
        words=words_of(told, [None if one is None else one.file for one in maps]),
        maps=tuple(one for one in maps if one is not None),
        retracted=event.is_retracted,
    )
