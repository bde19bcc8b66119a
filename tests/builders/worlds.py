"""Events that are heard, and skies over telescopes that look for them."""

from datetime import UTC, datetime, timedelta
from functools import partial

import numpy as np

from coordinator.simulation.world.binaries import Binary, drawn_binary
from coordinator.simulation.world.detectors import Network
from coordinator.simulation.world.heard import Heard, hear
from coordinator.simulation.world.sequence import SimulatedEvent, Telling, drawn_event

MERGED = datetime(2026, 3, 1, tzinfo=UTC)
TWO = Network.of(H1=160.0, L1=160.0)
THREE = Network.of(H1=160.0, L1=160.0, V1=55.0)
BEYOND_MPC = 420.0
"""Nothing is heard from beyond this with these ranges: 2.26 x 160 Mpc x 8 x sqrt(2) / 12 face on."""

ALL_REAL = Telling(retracted=0.0, standing_false=0.0, duty=1.0)


def a_binary(**changes: float) -> Binary:
    """A merger over North America, face on."""
    figures = {"ra_deg": 80.0, "dec_deg": 35.0, "distance_mpc": 100.0, "inclination_deg": 20.0}
    return Binary(**figures | {"polarisation_deg": 30.0} | changes, merged=MERGED)


def a_heard(rng: np.random.Generator, network: Network = TWO) -> tuple[Binary, Heard]:
    """A merger that is found, drawn from a full universe."""
    while True:
        binary = drawn_binary(rng, BEYOND_MPC, MERGED)
        heard = hear(rng, network, binary)
        if heard.is_found:
            return binary, heard


def an_event_heard(seed: int, telling: Telling = ALL_REAL, network: Network = THREE) -> SimulatedEvent:
    """An event with its maps."""
    draw = partial(drawn_binary, within_mpc=BEYOND_MPC, merged=MERGED + timedelta(days=seed))
    return drawn_event(np.random.default_rng(seed), f"S{seed}", network, draw, telling)
