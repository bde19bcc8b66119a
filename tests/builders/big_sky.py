"""An event with thousands of fields and candidates, for the dashboard's tests and benchmarks of what is much."""

import zlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from coordinator.dispatch.facts import PlanMade, PointingMoved, PointingOffered
from coordinator.services.facts import entry_of
from coordinator.services.journal import Entry, Writer
from coordinator.sky.ranges import Ranges
from coordinator.sky.read import read_skymap
from coordinator.vetting.facts import CandidatesScored, CheckResult, ScoredCandidate
from telescopes.description.footprint import Circle, Polygons, Rectangle
from telescopes.description.messages import Exposure, Pointing
from telescopes.description.site_file import default_sites_folder, read_sites
from telescopes.description.states import PointingState
from telescopes.description.telescope import Telescope

EVENT = "lvk:G298048"
ENDS = (*(PointingState.COMPLETED,) * 7, PointingState.PARTIAL, PointingState.FAILED, PointingState.REVOKED)
MOSAIC = Polygons(
    tuple(
        ((x - 0.3, y - 0.22), (x + 0.3, y - 0.22), (x + 0.3, y + 0.22), (x - 0.3, y + 0.22))
        for x in (-0.66, 0.0, 0.66)
        for y in (-0.75, -0.25, 0.25, 0.75)
    )
)
FOOTPRINTS = (Rectangle(4.2, 4.2), Rectangle(1.9, 1.9), MOSAIC, Circle(0.9), Rectangle(0.7, 0.5), Rectangle(1.0, 1.0))
SHARE_LIVE, SHARE_PLANNED = 0.05, 0.3
Places = NDArray[np.float64]


def network(most: int = 20) -> dict[str, Telescope]:
    """Telescopes of the shipped network, with cameras of every kind."""
    some = read_sites(default_sites_folder())[:most]
    cameras = (replace(t.instruments[0], footprint=FOOTPRINTS[n % len(FOOTPRINTS)]) for n, t in enumerate(some))
    return {t.id: replace(t, instruments=(camera,)) for t, camera in zip(some, cameras, strict=True)}


def places_in(sky_map: bytes, count: int, rng: np.random.Generator) -> Places:
    """RA and Dec drawn from a map, shape (count, 2)."""
    import healpy

    sky = read_skymap(sky_map)
    cell = rng.choice(sky.probability.size, count, p=sky.probability / sky.probability.sum())
    ra, dec = (np.empty(count), np.empty(count))
    for order in np.unique(sky.order[cell]):
        mine = sky.order[cell] == order
        fine = (sky.ipix[cell[mine]] << 12) + rng.integers(0, 1 << 12, int(mine.sum()))
        ra[mine], dec[mine] = healpy.pix2ang(1 << (int(order) + 6), fine, nest=True, lonlat=True)
    return np.column_stack([ra, dec])


async def tell_big_sky(
    story: Any, sky_map: bytes, t0: datetime, *, pointings: int, candidates: int, seed: int = 1
) -> None:
    """Tell an event whose search has been going on for 20 hours: most fields have ended, some run, some are planned."""
    rng = np.random.default_rng(seed)
    story.telescopes = network()
    story.now = t0 + timedelta(hours=20)
    await story.event(sky=sky_map)
    places, ids = places_in(sky_map, pointings, rng), sorted(story.telescopes)
    planned = int(pointings * SHARE_PLANNED)
    entries: list[Entry] = []
    for n, (ra, dec) in enumerate(places[planned:]):
        at = t0 + timedelta(seconds=600.0 + 19.0 * 3600.0 * n / (pointings - planned))
        entries += _looked(
            n, ids[n % len(ids)], float(ra), float(dec), at, n > (1 - SHARE_LIVE) * (pointings - planned)
        )
    await _write(story, "scheduler", entries)
    await _plan(story, places[:planned], ids, t0)
    await _weigh(story, places_in(sky_map, candidates, rng), t0)


def _looked(n: int, telescope: str, ra: float, dec: float, at: datetime, live: bool) -> list[Entry]:
    """What the journal says of one pointing."""
    id, end = f"p{n * 2654435761 % 2**60:015x}", at + timedelta(minutes=6)
    asked = Pointing(
        id, 1, "p", EVENT, 1, telescope, "main", "1", ra, dec, float(n * 37 % 360), at, end, at,
        (Exposure("clear", 60.0, 3),), 30.0, limit_mag_ab=18.0 + n % 4,
    )  # fmt: skip
    sky = _patch(ra, dec)
    offer = PointingOffered(asked, n, end, sky.encode(), 0.002, 0.001, 0.002, 0.001, why="the most new probability")
    states: list[PointingState] = [PointingState.ACCEPTED, PointingState.EXPOSING, ENDS[n % len(ENDS)]]
    where = {"event": EVENT, "telescope": telescope, "subject": id}
    told = [entry_of("pointing_offered", offer, sky_time=at - timedelta(minutes=10), **where)]
    for minute, to in enumerate(states[: n % 2 + 1] if live else states):
        kind = "pointing_progressed" if to is PointingState.EXPOSING else f"pointing_{to}"
        told.append(entry_of(kind, PointingMoved(id, to), sky_time=at + timedelta(minutes=3 * minute), **where))
    return told


def _patch(ra: float, dec: float) -> Ranges:
    """Return pixels of order 8 about a place: some 4 square degrees."""
    import healpy

    centre = healpy.ang2pix(256, ra, dec, nest=True, lonlat=True)
    near = healpy.get_all_neighbours(256, centre, nest=True)
    return Ranges.of_pixels(8, np.unique(np.r_[centre, near[near >= 0]]))


async def _write(story: Any, role: str, entries: list[Entry]) -> None:
    if role not in story.journal.epochs:
        await Writer.elected(story.journal, role)
    writer = Writer(story.journal, role, story.journal.epochs[role])
    for first in range(0, len(entries), 500):
        await writer.append(entries[first : first + 500])


async def _plan(story: Any, places: Places, ids: list[str], t0: datetime) -> None:
    rows = []
    for n, (ra, dec) in enumerate(places):
        start = t0 + timedelta(hours=20, seconds=30.0 + 12.0 * 3600.0 * n / len(places))
        rows.append(
            {
                "id": f"q{n * 2654435761 % 2**60:015x}", "event": EVENT, "event_revision": 1,
                "telescope": ids[n % len(ids)], "instrument": "main", "visit": "1", "ra_deg": float(ra),
                "dec_deg": float(dec), "position_angle_deg": float(n * 41 % 360), "start": start,
                "end": start + timedelta(minutes=6), "filter": "clear", "exposure_s": 60.0, "count": 3,
                "limit_mag_ab": 19.0, "probability": 0.002, "new_probability": 0.001, "why": "the most new probability",
            }
        )  # fmt: skip
    events = [{"key": EVENT, "skymap_sha256": story.skies[EVENT], "figures": {"bound": 0.95, "bound_kind": "area"}}]
    sha256 = await story.blobs.put(msgspec.json.encode({"events": events, "pointings": rows}))
    fact = PlanMade("p", sha256, "new sky", (EVENT,), {EVENT: 0.81}, added=len(rows))
    await _write(story, "scheduler", [entry_of("plan_made", fact, sky_time=t0 + timedelta(minutes=2))])


async def _weigh(story: Any, places: Places, t0: datetime) -> None:
    check = CheckResult("sky_probability", 3.2, True, "level .12", "map", "well inside the 50 % region")
    verdicts = ("promising", "possible", "possible", *("unlikely",) * 7)
    scored = tuple(
        ScoredCandidate(
            f"c{n:05d}", float(ra), float(dec), 0.5, 0.5 / (n + 1), 4.0 - 0.01 * n,
            "promising" if n < 3 else verdicts[1 + n % 9], 2, (check,), 17.3, "clear",
        )
        for n, (ra, dec) in enumerate(places)
    )  # fmt: skip
    table = await story.blobs.put(zlib.compress(msgspec.json.encode(scored)))
    fact = CandidatesScored(EVENT, 1, 0.1, scored[:50], table, best=scored[0].id, weighed=len(scored))
    entry = entry_of("candidates_scored", fact, sky_time=t0 + timedelta(hours=2))
    await _write(story, "vetter", [entry])
