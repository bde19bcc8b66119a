"""A pointing as the files that observatories' own systems read; one function per system, text out."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from string import Template

from telescopes.description.durations import frames
from telescopes.description.messages import Pointing
from telescopes.drivers.angles import dms, hms
from telescopes.drivers.nina_sequence import nina_sequence

TAROT_FILTERS = {
    **{"NoFilter": 0, "C": 1, "B": 2, "V": 3, "R": 4, "I": 5},
    **{"g": 13, "r": 14, "i": 15, "z": 16},
}
LEAST_POCS_PRIORITY = 1
"""POCS refuses a field whose priority is not above zero."""
TAROT_SLOTS = 6
TAROT_OVERHEAD_S = 40
TAROT_RATES = "0.004180983 0.00"
"""Hour-angle and declination rates of a star, degrees per second."""


@dataclass(frozen=True, slots=True)
class Order:
    """What one file says: a pointing under a name that is harmless in any file, filters as the site calls them."""

    name: str
    pointing: Pointing
    filters: dict[str, str]
    extra: dict[str, str] = field(default_factory=dict)

    def own(self, filter_: str) -> str:
        """Return the site's name of a filter."""
        return self.filters.get(filter_, filter_)


def harmless_name(pointing: Pointing) -> str:
    """Name a pointing by letters, digits and hyphens: what it is called comes from outside."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", pointing.pointing_id).strip("-")[:32] or "pointing"
    mark = hashlib.sha256(f"{pointing.pointing_id} {pointing.revision}".encode()).hexdigest()[:8]
    return f"{plain}-{mark}"


def acp(order: Order) -> str:
    """Write an ACP observing plan."""
    p = order.pointing
    blocks = p.exposures
    lines = [
        f"; Armillary {order.name}",
        f"; not before {_iso(p.window_start)}, not after {_iso(p.window_end)}",
        f"#WAITUNTIL 1, {p.window_start.astimezone(UTC):%m/%d/%Y %H:%M:%S}",
        f"#QUITAT {p.window_end.astimezone(UTC):%m/%d/%Y %H:%M}",
        f"#COUNT {','.join(str(e.count) for e in blocks)}",
        f"#INTERVAL {','.join(f'{e.exposure_s:g}' for e in blocks)}",
        f"#BINNING {','.join(str(e.binning) for e in blocks)}",
        f"#FILTER {','.join(order.own(e.filter) for e in blocks)}",
        f"{order.name}\t{hms(p.ra_deg)}\t{dms(p.dec_deg)}",
    ]
    return "\r\n".join(lines) + "\r\n"


def nina(order: Order) -> str:
    """Write a sequence for the advanced sequencer of N.I.N.A."""
    return json.dumps(nina_sequence(order.name, order.pointing, order.own), indent=2) + "\n"


def pocs(order: Order) -> str:
    """Write a list of fields for the scheduler of POCS; JSON in quotes is YAML too."""
    p = order.pointing
    position = f"{hms(p.ra_deg, ' ')} {dms(p.dec_deg, ' ')}".split()
    where = "{}h{}m{}s {}d{}m{}s".format(*position)
    lines = []
    for n, e in enumerate(p.exposures):
        lines += [
            "- field:",
            f"    name: {json.dumps(f'{order.name}-{n}' if n else order.name)}",
            f"    position: {json.dumps(where)}",
            "  observation:",
            f"    priority: {max(p.priority, LEAST_POCS_PRIORITY)}",
            f"    exptime: {e.exposure_s:g}",
            f"    min_nexp: {e.count}",
            f"    exp_set_size: {e.count}",
            f"    filter_name: {json.dumps(order.own(e.filter))}",
            f"    tags: [{json.dumps('armillary')}]",
        ]
    return "\n".join(lines) + "\n"


def rts2(order: Order) -> str:
    """Write a target (name, degrees J2000) and the script of its camera, as `rts2-newtarget` and `rts2-target` take."""
    p = order.pointing
    script = " ".join(_rts2_block(order, e.filter, e.exposure_s, e.count, e.binning) for e in p.exposures)
    window = f"{_iso(p.window_start)} {_iso(p.window_end)}"
    camera = order.extra["camera"]
    return f"target {order.name} {p.ra_deg:.6f} {p.dec_deg:+.6f}\nwindow {window}\nscript {camera} {script}\n"


def _rts2_block(order: Order, filter_: str, exposure_s: float, count: int, binning: int) -> str:
    # A bare number would be a place in the camera's list of binnings, of which the first is 0.
    return f"binning={binning}x{binning} filter={order.own(filter_)} for {count} {{ E {exposure_s:g} }}"


def tarot(order: Order) -> str:
    """Write scenes for TAROT, six exposures a line, each line after the one before it."""
    p = order.pointing
    slots = [f"{exposure_s:g} {TAROT_FILTERS[order.own(name)]}" for name, exposure_s, _ in frames(p)]
    times_s = [exposure_s + TAROT_OVERHEAD_S for _, exposure_s, _ in frames(p)]
    lines, start = [], max(p.planned_start, p.window_start)
    for first in range(0, len(slots), TAROT_SLOTS):
        scene = slots[first : first + TAROT_SLOTS]
        scene += ["0 0"] * (TAROT_SLOTS - len(scene))
        when = start + timedelta(seconds=sum(times_s[:first]))
        place = f"{p.ra_deg:.6f} {p.dec_deg:.6f} {when.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000}"
        end = f"{order.extra['priority']} {order.extra['station']}"
        lines.append(f'"{order.name}" {place} {TAROT_RATES} {" ".join(scene)} {end}')
    return "\n".join(lines) + "\n"


def by_template(text: str, exposure_line: str, order: Order) -> str:
    """Fill in a template of the site's own: `$name` and so on, `$exposures` one line each by a template too."""
    p = order.pointing
    lines = [
        Template(exposure_line).substitute(
            filter=order.own(e.filter), exposure_s=f"{e.exposure_s:g}", count=e.count, binning=e.binning
        )
        for e in p.exposures
    ]
    return Template(text).substitute(
        name=order.name,
        ra_deg=f"{p.ra_deg:.6f}",
        dec_deg=f"{p.dec_deg:+.6f}",
        ra_hms=hms(p.ra_deg),
        dec_dms=dms(p.dec_deg),
        position_angle_deg=f"{p.position_angle_deg:.3f}",
        window_start=_iso(p.window_start),
        window_end=_iso(p.window_end),
        planned_start=_iso(p.planned_start),
        priority=p.priority,
        exposures="\n".join(lines),
    )


def _iso(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True, slots=True)
class Format:
    """One system's file: how it is written, and how its name ends."""

    write: Callable[[Order], str]
    suffix: str


FORMATS = {
    "acp": Format(acp, ".txt"),
    "nina": Format(nina, ".json"),
    "pocs": Format(pocs, ".yaml"),
    "rts2": Format(rts2, ".rts2"),
    "tarot": Format(tarot, ".scene"),
}
