"""A weighing before there is anything to weigh: what is slow to load is loaded before the first detection comes."""

from datetime import UTC, datetime, timedelta

import numpy as np

from coordinator.alerts.alert import Localization, Purpose
from coordinator.events.event import Event
from coordinator.lightcurves.detection import get_ready
from coordinator.sky.skymap import MapFacts, SkyMap
from coordinator.vetting.association import associate
from coordinator.vetting.case import Atlas
from coordinator.vetting.prior import Prior
from coordinator.vetting.sighting import Sighting
from coordinator.vetting.table import write_terms
from coordinator.vetting.weighed import weigh_all

T0 = datetime(2000, 1, 1, tzinfo=UTC)
STEP_DEG = 20.0 / 3600.0
CELLS = 12


def rehearse() -> int:
    """Weigh made-up sightings of a source that stays, of one that moves and of a forced measurement.

    Returns
    -------
    int
        How many candidates they are.
    """
    seen = [
        _seen("stays", 0.0, hours=1.0),
        _seen("again", 0.0, hours=3.0),
        _seen("forced", 0.0, hours=30.0, forced=True),
        _seen("moves", 1.0, hours=1.0),
        _seen("moved", 1.0 + STEP_DEG, hours=2.0),
    ]
    weighed = weigh_all(associate(seen), Atlas.of(_even_sky()), _event(), Prior(0.5, 1.0, "a rehearsal"))
    write_terms(weighed)
    get_ready()
    weighed.fact()
    return len(weighed.batch.candidates)


def _seen(id: str, ra_deg: float, *, hours: float, forced: bool = False) -> Sighting:
    at = T0 + timedelta(hours=hours)
    return Sighting(id, ra_deg, 0.0, at, "r", 18.0, 0.1, 20.0, 10.0, 0.9, 0.2, "rehearsal", forced=forced)


def _even_sky() -> SkyMap:
    facts = MapFacts("0" * 64, t0=T0, distance_mpc=100.0, distance_std_mpc=20.0)
    return SkyMap(np.zeros(CELLS, np.int64), np.arange(CELLS), np.full(CELLS, 1.0 / CELLS), facts)


def _event() -> Event:
    return Event(
        key="rehearsal",
        name="rehearsal",
        revision=1,
        retracted=False,
        messenger="gw",
        phase=None,
        stage=None,
        purpose=Purpose.TEST,
        t0=T0,
        t_issued=T0,
        localization=Localization("none"),
    )
