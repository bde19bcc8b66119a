"""Maps of simulated mergers held against the truth: at which level of its map each merger lies, and how large maps are.

If maps say what they know, levels are even between 0 and 1 (a P-P plot). The scenario of the run O3 is that of the
public alerts' user guide of 2019 (after arXiv:1304.0670); that three detectors were each up 70 % of the time in it is
**assumed**, and so is that it found by the rules that hold here (two above 4, all together above 12).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from coordinator.simulation.world.binaries import drawn_binary
from coordinator.simulation.world.detectors import Network
from coordinator.simulation.world.heard import hear
from coordinator.simulation.world.ring import facts_of, ring_map
from coordinator.sky.regions import credible_areas, density_at

MERGED = datetime(2026, 3, 1, tzinfo=UTC)
HEARD_AT = 2.26 * 8.0 / 12.0 * 1.1
"""Nothing is heard from beyond so many times the ranges' root of summed squares: face on at the zenith, and a tenth."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """Detectors, the share of time that each is up, and the published medians, each with its 90 % interval."""

    name: str
    network: Network
    duty: float
    distance_mpc: tuple[float, float, float]
    area90_deg2: tuple[float, float, float]


O3_PUBLISHED = Scenario(
    "O3, H+L+V", Network.of(H1=110.0, L1=130.0, V1=50.0), 0.7, (105.4, 110.0, 113.7), (250.0, 270.0, 304.0)
)


@dataclass(frozen=True, slots=True)
class CheckedMap:
    """One merger that was found: how far it was, how large its map's regions are, and at which level it lies."""

    distance_mpc: float
    area50_deg2: float
    area90_deg2: float
    level: float


def checked_maps(rng: np.random.Generator, scenario: Scenario) -> Iterator[CheckedMap]:
    """Draw mergers that are found from a full universe, one map each, without end."""
    within_mpc = HEARD_AT * float(np.linalg.norm(scenario.network.ranges_mpc))
    while True:
        up = scenario.network.up(rng, scenario.duty)
        binary = drawn_binary(rng, within_mpc, MERGED)
        if len(up.names) < 2:
            continue
        heard = hear(rng, up, binary)
        if heard.is_found:
            sky = ring_map(heard, facts_of(heard, "S1", MERGED, MERGED))
            area50_deg2, area90_deg2 = credible_areas(sky, (0.5, 0.9))
            level = float(density_at(sky, binary.ra_deg, binary.dec_deg)[1][0])
            yield CheckedMap(binary.distance_mpc, area50_deg2, area90_deg2, level)
