"""What simulated events cost: sky maps by a ring, moved real ones, and whole worlds; CPU seconds of this process.

Run ``python tests/benchmarks/bench_worlds.py [EVENTS]`` (default 40 of each); prints a markdown table. Areas and how
often the truth lies inside stand beside it, so that speed is not bought with them.
"""

import sys
import time
from datetime import UTC, datetime, timedelta

import numpy as np

from coordinator.simulation.world.binaries import Binary, drawn_binary
from coordinator.simulation.world.density import WorldDensity
from coordinator.simulation.world.detectors import Network
from coordinator.simulation.world.heard import Heard, hear
from coordinator.simulation.world.make import WHOLE_SKY, Search
from coordinator.simulation.world.of_event import world_of_event
from coordinator.simulation.world.ring import facts_of, ring_map
from coordinator.simulation.world.sequence import Telling, drawn_event
from coordinator.simulation.world.turned_map import turned_in_ra
from coordinator.sky.regions import credible_areas, density_at
from telescopes.description.site_file import default_sites_folder, read_sites

MERGED = datetime(2026, 3, 1, tzinfo=UTC)
WITHIN_MPC = 420.0
NETWORKS = {"H+L": Network.of(H1=160.0, L1=160.0), "H+L+V": Network.of(H1=160.0, L1=160.0, V1=55.0)}


def heard_one(rng: np.random.Generator, network: Network) -> tuple[Binary, Heard]:
    while True:
        binary = drawn_binary(rng, WITHIN_MPC, MERGED)
        heard = hear(rng, network, binary)
        if heard.is_found:
            return binary, heard


def maps(network: Network, events: int) -> tuple[list[float], list[float], list[float], list[int]]:
    rng, cpu, areas, levels, cells = np.random.default_rng(1), [], [], [], []
    for _ in range(events):
        binary, heard = heard_one(rng, network)
        began = time.process_time()
        sky = ring_map(heard, facts_of(heard, "S1", MERGED, MERGED))
        cpu.append(time.process_time() - began)
        areas.append(credible_areas(sky)[1])
        levels.append(float(density_at(sky, binary.ra_deg, binary.dec_deg)[1][0]))
        cells.append(sky.order.size)
    return cpu, areas, levels, cells


def row(*cells: object) -> None:
    print("| " + " | ".join(map(str, cells)) + " |")


def main(events: int) -> None:
    row("sky map", "CPU s: mean, most", "cells", "A90 deg2: 10, 50, 90 %", "truth inside 50, 90 %")
    row(*["---"] * 5)
    for name, network in NETWORKS.items():
        cpu, areas, levels, cells = maps(network, events)
        inside = [f"{100 * np.mean(np.array(levels) <= level):.0f}" for level in (0.5, 0.9)]
        tenths = ", ".join(f"{a:.0f}" for a in np.percentile(areas, [10, 50, 90]))
        row(name, f"{np.mean(cpu):.2f}, {np.max(cpu):.2f}", f"{np.median(cells):.0f}", tenths, ", ".join(inside))
    print()
    row("what", "CPU ms")
    row("---", "---")
    rng = np.random.default_rng(2)
    event = drawn_event(
        rng, "S1", NETWORKS["H+L+V"], lambda r: drawn_binary(r, WITHIN_MPC, MERGED), Telling(0.0, 0.0, 1.0)
    )
    began = time.process_time()
    for n in range(10):
        turned_in_ra(event.best_map, 36.0 * n)
    row(
        f"a map of {event.best_map.order.size} cells moved in right ascension",
        f"{100 * (time.process_time() - began):.0f}",
    )
    telescopes = tuple(read_sites(default_sites_folder()))
    search = Search(MERGED, MERGED + timedelta(hours=3), 24.0, telescopes, WHOLE_SKY)
    began, sources = time.process_time(), 0
    for n in range(10):
        world, _ = world_of_event(rng, event, search, WorldDensity.of_transients(rng), n)
        sources += len(world.sources)
    row(f"a world of {sources // 10} sources", f"{100 * (time.process_time() - began):.0f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
