"""Three events at once on the real services: two gravitational waves and a gamma-ray burst share the network."""

import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import healpy as hp
import numpy as np
import pytest
from astropy.io import fits
from builders.nights import minutes
from builders.notices import a_notice

from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.facts import PlanMade, PointingOffered
from coordinator.services.facts import fact_of
from coordinator.services.settings import SchedulerSettings, SessionSettings
from coordinator.simulation.memory_observatory import Pace
from coordinator.simulation.night import run_night
from coordinator.simulation.script import Arrival, Night
from coordinator.simulation.verdict import NightResult
from coordinator.simulation.world.density import WorldDensity
from telescopes.description.site_file import default_sites_folder, read_sites

pytestmark = [pytest.mark.realdata, pytest.mark.slow]

WIDE, SMALL, CONE = "lvk:S190425z", "lvk:S190814bv", "swift:1125809"
START = datetime(2019, 8, 14, 21, 15, tzinfo=UTC)
"""Minutes after S190814bv; S190425z is said to have been then too."""

NETWORK = (
    "azt8", "c2pu", "fram-auger", "git", "iris", "kao", "makes-t60", "nowt", "oaj-t80", "tca", "tch", "tnt", "tre",
    "trt-sbo", "ubai-nt60", "zadko",
)  # fmt: skip
SMALL_AT, CONE_AT = minutes(15), minutes(25)
PLANNING_S = 0.5


def a_cone(ra_deg: float, dec_deg: float, radius_deg: float) -> bytes:
    """A round map of a burst, without distance: 90 % inside a radius."""
    order = 9
    centre = hp.ang2vec(ra_deg, dec_deg, lonlat=True)
    near = hp.query_disc(1 << order, centre, np.radians(4 * radius_deg), nest=True, inclusive=True)
    away = np.degrees(np.arccos(np.clip(np.array(hp.pix2vec(1 << order, near, nest=True)).T @ centre, -1, 1)))
    weight = np.exp(-np.log(10.0) * (away / radius_deg) ** 2)
    area = 4 * np.pi / (12 * 4**order)
    columns = [
        fits.Column("UNIQ", "K", array=near + 4 ** (order + 1)),
        fits.Column("PROBDENSITY", "D", unit="sr-1", array=weight / weight.sum() / area),
    ]
    table = fits.BinTableHDU.from_columns(columns)
    said = {"PIXTYPE": "HEALPIX", "ORDERING": "NUNIQ", "COORDSYS": "C", "INDXSCHM": "EXPLICIT", "MOCORDER": order}
    table.header.update(said | {"DATE-OBS": (START + CONE_AT).strftime("%Y-%m-%dT%H:%M:%S")})
    out = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(out)
    return out.getvalue()


def a_wave(name: str, after: timedelta, sky: bytes) -> Arrival:
    """A notice of a gravitational wave with its map."""
    notice = json.loads(a_notice(name, "UPDATE", 0, sky))
    notice["time_created"] = (START + after).isoformat()
    notice["event"]["time"] = (START - minutes(5)).isoformat()
    return Arrival(after, json.dumps(notice).encode(), f"{name}.json")


@pytest.fixture(scope="module")
def night(shared_data: Path) -> NightResult:
    maps = shared_data / "skymaps"
    wide = (maps / "S190425z.LALInference.multiorder.fits").read_bytes()
    small = (maps / "S190814bv.LALInference.v1.multiorder.fits").read_bytes()
    known = {t.id: t for t in read_sites(default_sites_folder())}
    scheduler = SchedulerSettings(tick_s=1.0, plan_hours=2.0)
    return run_night(
        Night(
            seed=3,
            start=START,
            hours=0.75,
            telescopes=tuple(known[name] for name in NETWORK),
            arrivals=(
                a_wave("S190425z", minutes(1), wide),
                a_wave("S190814bv", SMALL_AT, small),
                Arrival(CONE_AT, a_cone(30.0, 10.0, 0.05), "cone.fits", CONE, "observation"),
            ),
            truth=wide,
            density=WorldDensity(factor=0.0),
            pace=Pace(scheduler=scheduler, session=SessionSettings(5.0, 25.0), planning_s=PLANNING_S),
        )
    )


def observed(night: NightResult) -> list[Assignment]:
    return [a for a in night.state.pointings.assignments.values() if a.observed]


def of_event(night: NightResult, event: str) -> list[tuple[datetime, PointingOffered]]:
    facts = ((s.entry.sky_time, fact_of(s.entry)) for s in night.entries if s.entry.kind == "pointing_offered")
    return [(at, fact) for at, fact in facts if fact.pointing.event_id == event]


def spans(found: Iterable[Assignment]) -> list[tuple[str, datetime, datetime]]:
    rows = ((a.telescope, a.actual_start, a.actual_end) for a in found)
    return sorted((one, start, end) for one, start, end in rows if start is not None and end is not None)


def test_three_events_break_no_law(night: NightResult) -> None:
    assert night.broken == ()
    assert {a.key[0] for a in observed(night)} == {WIDE, SMALL, CONE}


def test_no_telescope_does_two_things_at_once(night: NightResult) -> None:
    every = spans(night.state.pointings.assignments.values())
    assert len(every) > 20
    for (one, _, end), (other, start, _) in pairwise(every):
        assert one != other or end <= start


def test_the_cones_telescopes_are_commanded_within_a_second(night: NightResult) -> None:
    """Link time is sky time here, and a plan takes half a second of it."""
    came = START + CONE_AT
    soon = [at for at, fact in of_event(night, CONE) if fact.pointing.planned_start <= came + timedelta(seconds=1800)]
    assert len(soon) >= 2
    assert max(soon) - came <= timedelta(seconds=1)


def test_each_event_is_weighed_by_what_its_map_knows(night: NightResult) -> None:
    weighed = {event: {fact.objective for _, fact in of_event(night, event)} for event in (WIDE, SMALL, CONE)}
    assert weighed == {WIDE: {"detection"}, SMALL: {"detection"}, CONE: {"probability"}}


def test_a_plan_says_what_it_leaves_and_what_it_changes(night: NightResult) -> None:
    plans = [fact_of(s.entry) for s in night.entries if s.entry.kind == "plan_made"]
    wide, small, cone = [p for p in plans if isinstance(p, PlanMade) and p.because in ("the first plan", "new sky")]
    assert (wide.kept, wide.moved, wide.withdrawn) == (0, 0, 0) and wide.added > 20
    assert small.kept > 10 and small.added > 0 and small.withdrawn + small.moved < small.kept
    assert cone.kept > 10 and cone.added > 0 and cone.withdrawn + cone.moved < cone.kept / 10
