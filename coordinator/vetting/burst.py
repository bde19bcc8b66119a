"""Whether the event is one whose counterpart is an afterglow."""

from coordinator.events.event import Event
from coordinator.vetting.case import AFTERGLOW_SHARE

OF_A_BURST = 0.8
"""A burst of gamma or X-rays points at us, and its afterglow is brighter than any kilonova (assumed)."""

OF_BOTH = 0.3
"""Gravitational waves with a burst: GW170817's jet pointed past us, and its afterglow came weeks later (assumed)."""


def afterglow_share(event: Event) -> float:
    """Say how much of what the counterpart's light may be is an afterglow; the rest is a kilonova."""
    if event.messenger == "EM":
        return OF_A_BURST
    alone = event.external_coincidence is None and event.coincidence is None
    return AFTERGLOW_SHARE if alone else OF_BOTH
