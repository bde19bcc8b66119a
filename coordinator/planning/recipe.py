"""Which visits an event gets: the one place where they are chosen and where their names get their meaning.

A visit is a pass over the sky with an owner for each patch of it (law 2): within a visit nobody repeats another. What
is to be looked at more than once is another visit, asked for by its name.

- ``1``, ``2``, ``3``: the search. ``2`` comes at least half an hour after the same sky's first look, in the second
  filter of sites that list one (movers, colours), ``3`` the next night in the first again (what fades).
- ``char:<band>:<n>``: an error region that fits in one field is not searched but watched, and every telescope may
  look. Each look in a band is a visit of its own, counted by n, and a telescope takes part in one visit of each band:
  so many telescopes look in a band as it has visits, and in none of these visits is anything looked at twice.
- ``deeper``: sky that was looked at, by telescopes that would see there what the deepest look so far would have missed.
  Where it is not asked for, sky is done with once its visits are, however shallow the looks were.
- ``deeper:<n>``: the same, by looks n times as long as the site's own (2 to 12): who has nothing left to look at goes
  deeper than its usual look does.
- any other name: a search without a gap.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from coordinator.lightcurves.bands import band_of
from coordinator.planning.plan import PlannedPointing
from coordinator.planning.request import Look, Source, VisitSpec
from coordinator.planning.work import work_for
from coordinator.sky.coverage import Frames
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.field_ranges import ranges_of_many
from coordinator.sky.nested import pixel_vectors
from coordinator.sky.ranges import RANGE_ORDER
from telescopes.description.errors import Refused
from telescopes.description.footprint import Footprint
from telescopes.description.telescope import Telescope

SEARCH = ("1", "2", "3")
DEEPER = "deeper"
_GAP_S = {"2": 1800.0, "3": 64800.0}
_DEEPER_GAP_S = 60.0

AUTO = "auto"
CHAR = "char"
FOLLOW_UP = "follow-up:"
"""Looks at a candidate are asked for by the candidate, and chosen apart from the search."""

MEND = "give names such as 1,2, or auto"
WELL_LOCALIZED_DEG2 = 3.0
"""A 90 % region larger than this is searched, however large the largest field is."""

MODELS: dict[str, Source] = {"kilonova": "kilonova", "afterglow": "afterglow"}
BRIGHTEST_MAG, FAINTEST_MAG = 0.0, 30.0

MOST_WATCHES = 60
"""Looks at a watched region in one window, all bands together: each is a visit that is planned by itself."""

SHARE = 0.9
PIXEL_DEG2 = 4.0 * np.pi / 12 / 4.0**RANGE_ORDER * (180.0 / np.pi) ** 2

_CHAR = re.compile(r"char:([A-Za-z][A-Za-z0-9_'-]*):([1-9][0-9]*)")
_DEEPER = re.compile(rf"{DEEPER}(?::([2-9]|1[0-2]))?")


@dataclass(frozen=True, slots=True)
class Wish:
    """What all visits are for: a depth or a source, and the bands of `char` visits; empty: the telescopes' own."""

    depth_mag_ab: float | None = None
    source: Source | None = None
    bands: tuple[str, ...] = ()


NO_WISH = Wish()
"""Exposures are the sites' own, and so are the bands."""


def source_of(said: str | float) -> Source:
    """Read what a source is called: a model's name, or an apparent AB magnitude.

    Raises
    ------
    Refused
        Neither, or a magnitude that nothing has.
    """
    word = said.strip().lower() if isinstance(said, str) else said
    if word in MODELS:
        return MODELS[str(word)]
    mend = "give kilonova, afterglow, or an AB magnitude such as 20.5"
    try:
        mag = float(word)
    except ValueError as error:
        raise Refused(f"{said!r} is no source", where="source", mend=mend) from error
    if isinstance(said, bool) or not BRIGHTEST_MAG <= mag <= FAINTEST_MAG:
        raise Refused(f"{said!r} is no magnitude of a source", where="source", mend=mend)
    return mag


def visits_for(
    names: Sequence[str],
    network: Sequence[Telescope],
    curve: ProbabilityCurve | None = None,
    wish: Wish = NO_WISH,
) -> tuple[VisitSpec, ...]:
    """Choose the visits of an event.

    Parameters
    ----------
    names : sequence of str
        In order, but that beside ``auto`` all of ``deeper`` come before second looks of a search. ``char`` stands for
        one look by every telescope in each of its bands that is asked for; ``auto`` for that where the error region
        fits in one field, else for the search 1, 2, 3.
    network : sequence of Telescope
        Those that may take part.
    curve : ProbabilityCurve, optional
        The event's sky, for ``auto``; None: it is searched.
    wish : Wish
        What is wanted in all of them.

    Raises
    ------
    Refused
        No name, one twice, one that means nothing, or a band that no telescope has.
    """
    chosen = [name for given in names for name in _meant(given, network, curve, wish)]
    if AUTO in names:
        chosen = _deeper_before_again(chosen)
    if not chosen or len(set(chosen)) < len(chosen):
        raise Refused(f"{','.join(names)!r} names no visits, or one twice", where="visits", mend=MEND)
    return tuple(_visit(name, not i, network, wish) for i, name in enumerate(chosen))


def group_of(visit: str) -> str | None:
    """Name the group of which a telescope takes part in one visit only: those of ``char`` in a band; None: it is free.

    ``char:r:3`` is of ``char:r``.
    """
    found = _CHAR.fullmatch(visit)
    return None if found is None else f"{CHAR}:{found[1]}"


def times_deeper(visit: str) -> int | None:
    """How many times as long as the site's own the looks of a visit are that is to see deeper; None: it is another."""
    found = _DEEPER.fullmatch(visit)
    return None if found is None else int(found[1] or 1)


def gap_s(visit: str) -> float:
    """How long after the same sky's first look a visit begins, whatever is asked for before it.

    Movers and colours half an hour later, fading ones the next night; what is only to see deeper waits for the first
    look to begin. 0: it is a first look.
    """
    return _DEEPER_GAP_S if times_deeper(visit) is not None else _GAP_S.get(visit, 0.0)


def had_its_look(visit: str, looks: Iterable[Look], kept: Mapping[str, Iterable[PlannedPointing]]) -> frozenset[str]:
    """Name telescopes that look, or have looked, in another visit of the same group; `kept` is by visit."""
    group = group_of(visit)
    if group is None:
        return frozenset()
    others = {name for name in kept if name != visit and group_of(name) == group}
    looked = {k.telescope for k in looks if k.telescope and k.visit != visit and group_of(k.visit) == group}
    return frozenset(looked | {p.telescope for name in others for p in kept[name]})


def fits_in_one_field(network: Iterable[Telescope], curve: ProbabilityCurve) -> bool:
    """Say whether the 90 % region is small, and lies in one field of some telescope, gaps between detectors minded."""
    if _area_deg2(curve) > WELL_LOCALIZED_DEG2:
        return False
    ra_deg, dec_deg = _middle(curve)
    cameras = {(i.footprint, i.position_angle_deg) for t in network for i in t.instruments}
    return any(_holds(footprint, Frames.at([ra_deg], [dec_deg], angle), curve) for footprint, angle in cameras)


def _meant(name: str, network: Sequence[Telescope], curve: ProbabilityCurve | None, wish: Wish) -> tuple[str, ...]:
    """Return the visits that a name stands for."""
    if name == AUTO:
        watched = curve is not None and fits_in_one_field(network, curve)
        return (_watch(network, wish.bands) if watched else ()) or SEARCH
    return _watch(network, wish.bands) if name == CHAR else (name,)


def _deeper_before_again(chosen: list[str]) -> list[str]:
    """Let a search go deeper before it looks a second time, for that adds to the chance to see the source."""
    deeper = [name for name in chosen if times_deeper(name) is not None]
    if not deeper or chosen[0] != SEARCH[0]:
        return chosen
    return [SEARCH[0], *deeper, *(name for name in chosen[1:] if name not in deeper)]


def _watch(network: Sequence[Telescope], bands: Sequence[str]) -> tuple[str, ...]:
    """As many visits of each band as telescopes have it: one in each band first, then second ones, and so on."""
    missing = bands_nobody_has(network, bands)
    wanted = [band for band in dict.fromkeys(map(band_of, bands)) if band not in missing]
    if missing and not wanted:
        raise Refused(f"no telescope has the band {', '.join(missing)}", where="bands", mend="ask for one they have")
    wanted = wanted or _own_bands(network)
    counts = {band: sum(bool(_filters((t,), band)) for t in network) for band in wanted}
    rounds = range(1, max(counts.values(), default=0) + 1)
    return tuple(f"{CHAR}:{band}:{n}" for n in rounds for band in wanted if n <= counts[band])[:MOST_WATCHES]


def bands_nobody_has(network: Iterable[Telescope], bands: Iterable[str]) -> tuple[str, ...]:
    """Name the bands of which no telescope has a filter."""
    telescopes = tuple(network)
    return tuple(band for band in dict.fromkeys(map(band_of, bands)) if not _filters(telescopes, band))


def _own_bands(network: Iterable[Telescope]) -> list[str]:
    """Bands of the filters that telescopes use by themselves, the most usual first."""
    works = [work_for(telescope, ()) for telescope in network]
    counts = Counter(band_of(work.filter) for work in works if work is not None)
    return sorted(counts, key=lambda band: (-counts[band], band))


def _filters(network: Iterable[Telescope], band: str) -> tuple[str, ...]:
    """Filters of the network that are of a band, whatever they are called."""
    return tuple(sorted({f for t in network for i in t.instruments for f in i.filters if band_of(f) == band}))


def _visit(name: str, first: bool, network: Sequence[Telescope], wish: Wish) -> VisitSpec:
    found = _CHAR.fullmatch(name)
    if found is None and name.partition(":")[0] == CHAR:
        raise Refused(f"{name!r} means nothing", where="visits", mend="give char:<band>:<n>, such as char:r:1")
    if name != name.strip() or not name or name.startswith(FOLLOW_UP):
        raise Refused(f"{name!r} is no visit of a search", where="visits", mend=MEND)
    # a band that nobody has is left as it is: each telescope then says that it has no such filter
    filters = () if found is None else _filters(network, band_of(found[1])) or (found[1],)
    times = times_deeper(name)
    if times is None and name.partition(":")[0] == DEEPER:
        raise Refused(f"{name!r} means nothing", where="visits", mend="give deeper, or deeper:2 to deeper:12")
    after_s = 0.0 if first else gap_s(name)
    second = int(name == SEARCH[1])
    return VisitSpec(name, after_s, filters, wish.depth_mag_ab, source=wish.source, times=times or 1, own_filter=second)


def _area_deg2(curve: ProbabilityCurve) -> float:
    """Area of the densest sky that holds 90 %."""
    held, pixels = np.diff(curve.total), np.diff(curve.edge)
    best = np.argsort(-held / pixels, kind="stable")
    before = np.cumsum(held[best]) - held[best]
    taken = np.clip((SHARE - before) / np.maximum(held[best], 1e-300), 0.0, 1.0)
    return float((taken * pixels[best]).sum() * PIXEL_DEG2)


def _middle(curve: ProbabilityCurve) -> tuple[float, float]:
    """Mean direction by probability, RA and Dec in degrees."""
    held = np.diff(curve.total)
    some = np.flatnonzero(held > 0)
    middle = (curve.edge[some] + curve.edge[some + 1]) // 2
    x, y, z = held[some] @ pixel_vectors(RANGE_ORDER, middle)
    return float(np.degrees(np.arctan2(y, x)) % 360.0), float(np.degrees(np.arctan2(z, np.hypot(x, y))))


def _holds(footprint: Footprint, frames: Frames, curve: ProbabilityCurve) -> bool:
    return curve.probability(ranges_of_many(footprint, frames)[0]) >= SHARE
