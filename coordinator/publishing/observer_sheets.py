"""The plan as text for observers: one sheet for each telescope, aligned, with what they need at the mount.

Notes
-----
Airmass is the secant of the zenith distance at the field's centre. The Moon's separation is as seen from the site.
Local mean time follows the longitude (a site file names no time zone); a night runs from local noon to local noon.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

import numpy as np

from coordinator.planning.document import iso
from coordinator.planning.plan import PlannedPointing
from coordinator.publishing.planned_search import PlannedSearch
from coordinator.publishing.sexagesimal import dec_dms, ra_hms
from coordinator.sky.visibility import dark_stretches
from telescopes.description.ephemeris import Almanac, Array, directions, unix_s, utc_of
from telescopes.description.telescope import Telescope

MOON_IS_UP_DEG = -0.5
COLUMNS = (
    ("n", ">"),
    ("start UTC", "<"),
    ("end UTC", "<"),
    ("LMT", "<"),
    ("RA h:m:s", "<"),
    ("Dec d:m:s", "<"),
    ("RA deg", ">"),
    ("Dec deg", ">"),
    ("PA", ">"),
    ("filter", "<"),
    ("exposure", "<"),
    ("visit", "<"),
    ("limit", ">"),
    ("X start", ">"),
    ("X mid", ">"),
    ("Moon", ">"),
    ("new %", ">"),
    ("why", "<"),
)
"""Head and side to which a column is aligned."""


def sheets(search: PlannedSearch) -> dict[str, bytes]:
    """Return the sheet of every telescope of the plan by file name; one without a pointing says why."""
    almanac = Almanac.over(unix_s(search.start), unix_s(search.end) + 7200.0)
    shown = [t.id for t in search.event.telescopes]
    shown += sorted({p.telescope for p in search.pointings} - set(shown))
    return {f"{name}.txt": sheet(search, search.telescopes[name], almanac).encode() for name in shown}


def sheet(search: PlannedSearch, telescope: Telescope, almanac: Almanac) -> str:
    """Return the text of one telescope."""
    mine = search.of_telescope(telescope.id)
    lines = [*_head(search, telescope, mine), ""]
    first = 1
    for night, tonight in groupby(mine, key=lambda p: night_of(telescope, p.start)):
        held = list(tonight)
        heads = [head for head, _ in COLUMNS]
        table = aligned([heads, *_cells(telescope, held, almanac, first)])
        lines += [*_night(search, telescope, night, held, almanac), *table, ""]
        first += len(held)
    return "\n".join(lines)


def aligned(rows: list[list[str]]) -> list[str]:
    """Pad every cell to the widest of its column; two blanks between columns."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    sides = [side for _, side in COLUMNS]
    return [
        "  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(row, sides, widths, strict=True)).rstrip()
        for row in rows
    ]


def local_mean_time(telescope: Telescope, when: datetime) -> datetime:
    """Mean solar time of the site, by its longitude."""
    return when + timedelta(hours=telescope.site.longitude_deg / 15.0)


def night_of(telescope: Telescope, when: datetime) -> date:
    """Date on which the night began there: from local noon to local noon."""
    return (local_mean_time(telescope, when) - timedelta(hours=12)).date()


def _head(search: PlannedSearch, telescope: Telescope, mine: Sequence[PlannedPointing]) -> Iterator[str]:
    event, site = search.event, telescope.site
    distance = "unknown" if event.distance_mpc is None else f"{event.distance_mpc:.4g} Mpc"
    gain = sum(p.new_value for p in mine)
    yield f"# {search.title}: plan for {telescope.id} ({telescope.name})"
    yield f"# trigger (T0)  {'unknown' if event.t0 is None else iso(event.t0)}"
    yield f"# sky map       sha256 {event.skymap_sha256}"
    areas = f"50 % in {event.area50_deg2:.4g} deg2, 90 % in {event.area90_deg2:.4g} deg2"
    yield f"#               {areas}; distance {distance}"
    yield f"# window        {iso(search.start)} to {iso(search.end)}"
    yield f"# planned       {iso(search.planned_at)}, objective {event.objective}"
    yield f"# site          {site.latitude_deg:+.5f} {site.longitude_deg:+.5f} deg (east +), {site.elevation_m:.0f} m"
    yield "# coordinates   centre of the field, ICRS (J2000); PA from north to east; times UTC, LMT local mean time"
    yield "# order         as listed; X airmass; limit AB mag, ? unknown; Moon: deg from the field, - while down"
    if mine:
        yield f"# new %         {search.worth}: what no earlier look of the visit gives"
        yield f"# pointings     {len(mine)}, together {100 * gain:.3g} % new"
        yield from (f"# depth         {note.said}" for note in event.notes if note.telescope == telescope.id)
        return
    because = next((t.idle_because for t in event.telescopes if t.id == telescope.id), None)
    yield f"# pointings     none: {because or 'nothing in this part of the plan'}"


def _night(
    search: PlannedSearch, telescope: Telescope, night: date, held: list[PlannedPointing], almanac: Almanac
) -> Iterator[str]:
    """Say when it is dark there, as far as the window reaches, and how bright the Moon is."""
    dark = [
        f"{utc_of(a):%H:%M} to {utc_of(b):%H:%M}"
        for a, b in dark_stretches(telescope, held[0].filter, almanac, unix_s(search.start), unix_s(search.end))
        if night_of(telescope, utc_of((a + b) / 2.0)) == night
    ]
    middle_s = np.array([unix_s(held[len(held) // 2].start)])
    moon, sun = almanac.moon_from(telescope.site, middle_s)[0], almanac.sun_at(middle_s)[0]
    yield (
        f"# night of {night:%Y-%m-%d} to {night + timedelta(days=1):%m-%d}: dark {', '.join(dark)} UTC; "
        f"Moon {50 * (1 - float(sun @ moon)):.0f} % lit; {len(held)} pointings"
    )


def _cells(telescope: Telescope, held: list[PlannedPointing], almanac: Almanac, first: int) -> list[list[str]]:
    vectors = directions([p.ra_deg for p in held], [p.dec_deg for p in held])
    start_s, end_s = np.array([unix_s(p.start) for p in held]), np.array([unix_s(p.end) for p in held])
    at_start = _airmass(telescope, almanac, vectors, start_s)
    at_middle = _airmass(telescope, almanac, vectors, (start_s + end_s) / 2.0)
    moon = _moon(telescope, almanac, vectors, start_s)
    return [
        [
            f"{first + i}",
            f"{p.start:%Y-%m-%d %H:%M:%S}",
            f"{p.end:%H:%M:%S}",
            f"{local_mean_time(telescope, p.start):%H:%M}",
            ra_hms(p.ra_deg),
            dec_dms(p.dec_deg),
            f"{p.ra_deg:.5f}",
            f"{p.dec_deg:+.5f}",
            f"{p.position_angle_deg:.1f}",
            p.filter,
            f"{p.count}x{p.exposure_s:g}s",
            p.visit,
            "?" if p.limit_mag_ab is None else f"{p.limit_mag_ab:.1f}",
            f"{at_start[i]:.2f}",
            f"{at_middle[i]:.2f}",
            moon[i],
            f"{100 * p.new_value:.4f}",
            p.why,
        ]
        for i, p in enumerate(held)
    ]


def _airmass(telescope: Telescope, almanac: Almanac, vectors: Array, times_s: Array) -> Array:
    up = almanac.axes(telescope.site, times_s).up
    return np.asarray(1.0 / np.maximum(np.einsum("ij,ij->i", up, vectors), 0.02))


def _moon(telescope: Telescope, almanac: Almanac, vectors: Array, times_s: Array) -> list[str]:
    moon = almanac.moon_from(telescope.site, times_s)
    is_up = np.einsum("ij,ij->i", almanac.axes(telescope.site, times_s).up, moon) > np.sin(np.radians(MOON_IS_UP_DEG))
    away = np.degrees(np.arccos(np.clip(np.einsum("ij,ij->i", vectors, moon), -1.0, 1.0)))
    return [f"{angle:.0f}" if up else "-" for angle, up in zip(away, is_up, strict=True)]
