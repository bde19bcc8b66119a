"""What candidates really are: held against the world by place and time, after the vetter has spoken."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from coordinator.vetting.candidate import Candidate
from coordinator.vetting.tangent import ARCSEC, unit_vectors
from telescopes.drivers.world import SkySource, World

SAME_PLACE_ARCSEC = 3.0
COUNTERPART = "counterpart"

KINDS = {
    "supernova": "supernova",
    "active nucleus": "agn",
    "variable star": "variable",
    "cataclysmic variable": "variable",
    "flare": "variable",
    "asteroid": "asteroid",
    "artefact": "artefact",
    "kilonova": COUNTERPART,
}


def labels_of(candidates: Sequence[Candidate], world: World) -> tuple[str, ...]:
    """Return the kind of each: that of the nearest source where and when it was seen first; none near: an artefact."""
    if not candidates or not world.sources:
        return ("artefact",) * len(candidates)
    from scipy.spatial import cKDTree

    firsts = [c.sightings[0] for c in candidates]
    places = unit_vectors([s.ra_deg for s in firsts], [s.dec_deg for s in firsts])
    still = [s for s in world.sources if s.kind != "asteroid"]
    kinds = ["artefact"] * len(candidates)
    if still:
        tree = cKDTree(unit_vectors([s.ra_deg for s in still], [s.dec_deg for s in still]))
        apart, which = tree.query(places)
        for i, (off, n) in enumerate(zip(apart, which, strict=True)):
            if off / ARCSEC <= SAME_PLACE_ARCSEC:
                kinds[i] = KINDS[still[n].kind]
    movers = [s for s in world.sources if s.kind == "asteroid"]
    if movers:
        _movers(candidates, world, movers, kinds)
    return tuple(kinds)


def _movers(candidates: Sequence[Candidate], world: World, movers: Sequence[SkySource], kinds: list[str]) -> None:
    """Find asteroids where they were when each candidate was seen first."""
    from scipy.spatial import cKDTree

    by_time: dict[datetime, list[int]] = {}
    for i, candidate in enumerate(candidates):
        time = candidate.sightings[0].time
        if time is not None and kinds[i] == "artefact":
            by_time.setdefault(time, []).append(i)
    ra, dec, east, north = (
        np.array([getattr(s, name) for s in movers])
        for name in ("ra_deg", "dec_deg", "ra_rate_arcsec_h", "dec_rate_arcsec_h")
    )
    for time, members in by_time.items():
        hours = (time - world.t_ref).total_seconds() / 3600.0
        now = np.clip(dec + north * hours / 3600.0, -90.0, 90.0)
        across = ra + east * hours / 3600.0 / np.maximum(np.cos(np.radians(now)), 1e-6)
        firsts = [candidates[i].sightings[0] for i in members]
        places = unit_vectors([s.ra_deg for s in firsts], [s.dec_deg for s in firsts])
        apart, _ = cKDTree(unit_vectors(across.tolist(), now.tolist())).query(places)
        for i, off in zip(members, apart, strict=True):
            if off / ARCSEC <= SAME_PLACE_ARCSEC:
                kinds[i] = "asteroid"
