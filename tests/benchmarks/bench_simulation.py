"""What a simulated night costs: 30 telescopes, one event, Armillary's own policy; CPU seconds of this process.

Run ``python tests/benchmarks/bench_simulation.py [EVENTS]`` (default 6); prints a markdown table. Planning has a
budget of its own and stands apart.
"""

import logging
import sys
import time
from dataclasses import replace

import structlog

from coordinator.simulation.campaign.drawn_world import Setting, drawn_world
from coordinator.simulation.campaign.policy import load_policy
from coordinator.simulation.night import run_night
from telescopes.description.site_file import default_sites_folder, read_sites
from telescopes.description.telescope import Telescope

SEED, TELESCOPES, HOURS = 1, 30, 12.0


def thirty() -> tuple[Telescope, ...]:
    """Return the network that is shipped, and some of it twice."""
    shipped = read_sites(default_sites_folder())
    again = tuple(replace(t, id=f"{t.id}-b") for t in shipped[: TELESCOPES - len(shipped)])
    return tuple(sorted((*shipped, *again), key=lambda t: t.id))


def main(events: int) -> None:
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    setting, policy = Setting(thirty(), HOURS), load_policy("coordinated")
    print("| event | CPU s besides planning | planning | plans | offers | the world |")
    print("| --- | --- | --- | --- | --- | --- |")
    for number in range(events):
        began_s = time.process_time()
        world = drawn_world(setting, SEED, number)
        drawn_s = time.process_time() - began_s
        for night in world.nights(policy):
            began_s = time.process_time()
            result = run_night(night)
            all_s = time.process_time() - began_s
            offers = len(result.state.pointings.assignments)
            besides_s = all_s - result.planning_cpu_s
            cells = (f"{besides_s:.1f}", f"{result.planning_cpu_s:.1f}", result.plans, offers, f"{drawn_s:.1f}")
            print(f"| {number} |", " | ".join(map(str, cells)), "|", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 6)
