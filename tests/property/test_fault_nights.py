"""Small nights in which things go wrong at random: whatever does, no law is broken and nothing is lost."""

import numpy as np
import pytest
from builders.nights import SECOND_EVENT, a_night, five_telescopes, minutes, notice, sky_of

from coordinator.services.settings import SchedulerSettings
from coordinator.simulation.built_in_map import Strip
from coordinator.simulation.memory_observatory import Pace
from coordinator.simulation.night import run_night
from coordinator.simulation.script import Cloud, Kill, Night, Outage

HOURS = 0.5
WIDE_FIELDS = ("nowt", "oaj-t80", "tca", "tre")
SMALL = Strip(length_deg=2.5, width_deg=0.6)
ANOTHER = Strip(centre_deg=(120.0, 20.0), length_deg=2.0, width_deg=0.5)
SMALLER = Strip(length_deg=2.0, width_deg=0.4)
MINUTES = HOURS * 60


def a_night_of_faults(seed: int) -> Night:
    """Draw what goes wrong, and when."""
    rng = np.random.default_rng([seed, 20260320])
    cast = [t for t in five_telescopes() if t.id in rng.choice(WIDE_FIELDS, 3, replace=False)]
    ids = [t.id for t in cast]
    services = ["scheduler", "vetter", *(f"telescope/{i}" for i in ids), *(f"agent/{i}" for i in ids)]

    def when() -> float:
        return float(rng.uniform(0.5, MINUTES - 3))

    arrivals = [notice(1, "PRELIMINARY", SMALL), notice(round(when()) + 2, "UPDATE", SMALLER)]
    if rng.random() < 0.5:
        arrivals.append(notice(round(when()) + 2, "PRELIMINARY", ANOTHER, SECOND_EVENT))
    if rng.random() < 0.25:
        arrivals.append(notice(MINUTES - 6, "RETRACTION", None))
    return a_night(
        seed,
        hours=HOURS,
        truth=sky_of(SMALLER),
        telescopes=tuple(cast),
        arrivals=tuple(arrivals),
        outages=tuple(
            Outage(str(rng.choice(ids)), minutes(when()), minutes(rng.uniform(0.1, 12))) for _ in range(rng.integers(4))
        ),
        clouds=tuple(
            Cloud(str(rng.choice(ids)), minutes(when()), minutes(rng.uniform(1, 15))) for _ in range(rng.integers(3))
        ),
        kills=tuple(
            Kill(str(rng.choice(services)), minutes(when()), minutes(rng.uniform(0.01, 3)))
            for _ in range(rng.integers(2, 7))
        ),
        pace=Pace(
            scheduler=SchedulerSettings(
                tick_s=2.0, plan_hours=0.5, least_plan_interval_s=20.0, idle_plan_interval_s=300.0
            ),
            planning_s=float(rng.uniform(0.1, 20.0)),
            one_way_s=(0.01, float(rng.uniform(0.05, 3.0))),
        ),
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 8))])
def test_no_night_of_faults_breaks_a_law_or_loses_anything(seed: int) -> None:
    result = run_night(a_night_of_faults(seed))
    assert result.broken == ()
    assert result.detections_sent == result.detections_stored
    assert (result.unsent, result.refused) == (0, ())
    assert list(result.state.pointings.live()) == []
