"""The pointings as rows of the IVOA's table of planned observations, `ivoa.obsplan`.

Notes
-----
Columns, units, UCDs and utypes are those of ObsLocTAP 1.0 (IVOA Recommendation 2021-07-24). What is not known here
is null. A pointing has its time, so its status is ``Scheduled``; the plan reserves nothing by that. Times are MJD, UTC.
"""

import io
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from astropy.io.votable import writeto
from astropy.io.votable.tree import Info, VOTableFile
from astropy.table import MaskedColumn, Table

from coordinator.planning.document import iso
from coordinator.planning.plan import PlannedPointing
from coordinator.publishing.passbands import edges_m
from coordinator.publishing.planned_search import PlannedSearch
from telescopes.description.footprint import Circle
from telescopes.description.geometry import circumradius_deg, outline, unit_vectors

TABLE_UTYPE = "ivo://ivoa.net/std/ObsLocTAP#table-1.0"
URGENT, EASY = 90, 50
"""Priorities of a plan (0 to 100) from which on a row has 2 (hard to move) and 1; below it is 0."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Col:
    """A column of the standard; `kind` is str, float or int."""

    name: str
    kind: type
    unit: str | None = None
    ucd: str = ""
    utype: str = ""


_SPACE, _TIME, _LIGHT = "Char.SpatialAxis", "Char.TimeAxis", "Char.SpectralAxis"
COLUMNS = (
    Col("t_planning", float, "d"),
    Col("target_name", str, None, "meta.id;src", "Target.name"),
    Col("obs_id", str, None, "meta.id", "DataID.observationID"),
    Col("obs_collection", str, None, "meta.id", "DataID.collection"),
    Col("s_ra", float, "deg", "pos.eq.ra", f"{_SPACE}.Coverage.Location.Coord.Position2D.Value2.C1"),
    Col("s_dec", float, "deg", "pos.eq.dec", f"{_SPACE}.Coverage.Location.Coord.Position2D.Value2.C2"),
    Col("s_fov", float, "deg", "phys.angSize;instr.fov", f"{_SPACE}.Coverage.Bounds.Extent.diameter"),
    Col("s_region", str, None, "pos.outline;obs.field", f"{_SPACE}.Coverage.Support.Area"),
    Col("s_resolution", float, "arcsec", "pos.angResolution", f"{_SPACE}.Resolution.Refval.value"),
    Col("t_min", float, "d", "time.start;obs.exposure", f"{_TIME}.Coverage.Bounds.Limits.StartTime"),
    Col("t_max", float, "d", "time.end;obs.exposure", f"{_TIME}.Coverage.Bounds.Limits.StopTime"),
    Col("t_exptime", float, "s", "time.duration;obs.exposure", f"{_TIME}.Coverage.Support.Extent"),
    Col("t_resolution", float, "s", "time.resolution", f"{_TIME}.Resolution.Refval.value"),
    Col("em_min", float, "m", "em.wl;stat.min", f"{_LIGHT}.Coverage.Bounds.Limits.LoLimit"),
    Col("em_max", float, "m", "em.wl;stat.max", f"{_LIGHT}.Coverage.Bounds.Limits.HiLimit"),
    Col("em_res_power", float, None, "spect.resolution", f"{_LIGHT}.Resolution.ResolPower.refVal"),
    Col("o_ucd", str, None, "meta.ucd", "Char.ObservableAxis.ucd"),
    Col("pol_states", str, None, "meta.code;phys.polarization", "Char.PolarizationAxis.stateList"),
    Col("pol_xel", int, None, "meta.number", "Char.PolarizationAxis.numBins"),
    Col("facility_name", str, None, "meta.id;instr.tel", "Provenance.ObsConfig.Facility.name"),
    Col("instrument_name", str, None, "meta.id;instr", "Provenance.ObsConfig.Instrument.name"),
    Col("t_plan_exptime", float, "s", "time.duration;obs.exposure", f"{_TIME}.Coverage.Support.Extent"),
    Col("category", str),
    Col("priority", int),
    Col("execution_status", str),
    Col("tracking_type", str),
)


def rows(search: PlannedSearch) -> list[Row]:
    """Return one row for each pointing that is shown; None is null."""
    return [_row(search, p) for p in search.pointings]


def as_ecsv(search: PlannedSearch) -> bytes:
    """Write the rows as ECSV."""
    out = io.StringIO()
    table(search).write(out, format="ascii.ecsv")
    return out.getvalue().encode()


def as_votable(search: PlannedSearch) -> bytes:
    """Write the rows as a VOTable."""
    file = VOTableFile.from_table(table(search), table_id="obsplan")
    (resource,) = file.resources
    (only,) = resource.tables
    only.name, only.utype = "ivoa.obsplan", TABLE_UTYPE
    for name, value in _said(search).items():
        resource.infos.append(Info(name=name, value=value))
    out = io.BytesIO()
    writeto(file, out, tabledata_format="tabledata")
    return out.getvalue()


def as_json(search: PlannedSearch) -> bytes:
    """Write the rows as a JSON list of objects."""
    return json.dumps(rows(search), indent=1).encode() + b"\n"


def table(search: PlannedSearch) -> Table:
    """Return the rows with unit, UCD and utype of each column; nulls are masked."""
    made = rows(search)
    shown = Table([_column(col, [row[col.name] for row in made]) for col in COLUMNS])
    shown.meta.update(_said(search))
    return shown


def mjd(when: datetime) -> float:
    """Modified Julian date of an instant, UTC."""
    return round(when.timestamp() / 86400.0 + 40587.0, 9)


def region(search: PlannedSearch, pointing: PlannedPointing) -> str:
    """Return the field as the STC string that TAP 1.0 section 6 asks for; a mosaic is a union of polygons.

    Corners go counter-clockwise as the sky is seen, east to the left (IVOA DALI 1.1, polygons): the other way round
    a reader may take the rest of the sky for the field.
    """
    footprint = search.footprint(pointing)
    if isinstance(footprint, Circle):
        return f"CIRCLE ICRS {pointing.ra_deg:.6f} {pointing.dec_deg:.6f} {footprint.radius_deg:.6f}"
    polygons = outline(footprint, pointing.ra_deg, pointing.dec_deg, pointing.position_angle_deg)
    corners = [" ".join(f"{ra:.6f} {dec:.6f}" for ra, dec in _as_seen(polygon)) for polygon in polygons]
    if len(corners) == 1:
        return f"POLYGON ICRS {corners[0]}"
    return f"UNION ICRS ({' '.join(f'POLYGON {c}' for c in corners)})"


def _as_seen(polygon: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Turn corners counter-clockwise, as seen from inside the sphere."""
    corners = unit_vectors(*zip(*polygon, strict=True))
    turn = np.cross(corners, np.roll(corners, -1, axis=0)).sum(axis=0) @ corners.mean(axis=0)
    return polygon if turn < 0 else polygon[::-1]  # a turn above 0 is counter-clockwise from outside


def _row(search: PlannedSearch, pointing: PlannedPointing) -> Row:
    open_s = pointing.exposure_s * pointing.count
    edges = edges_m(pointing.filter)
    known: Row = {
        "t_planning": mjd(search.planned_at),
        "target_name": pointing.event,
        "obs_id": pointing.id,
        "obs_collection": f"{pointing.event} visit {pointing.visit}",
        "s_ra": pointing.ra_deg,
        "s_dec": pointing.dec_deg,
        "s_fov": round(2.0 * circumradius_deg(search.footprint(pointing)), 6),
        "s_region": region(search, pointing),
        "t_min": mjd(pointing.start),
        "t_max": mjd(pointing.end),
        "t_exptime": open_s,
        "t_resolution": pointing.exposure_s,
        "em_min": None if edges is None else edges[0],
        "em_max": None if edges is None else edges[1],
        "o_ucd": "phot.flux.density",
        "facility_name": search.telescopes[pointing.telescope].name,
        "instrument_name": f"{pointing.telescope} {pointing.instrument}",
        "t_plan_exptime": open_s,
        "category": "Coordinated",
        "priority": (pointing.priority >= EASY) + (pointing.priority >= URGENT),
        "execution_status": "Scheduled",
        "tracking_type": "Sidereal",
    }
    return {col.name: known.get(col.name) for col in COLUMNS}


def _column(col: Col, values: list[Any]) -> MaskedColumn:
    missing = [v is None for v in values]
    filled: Any = np.array([col.kind() if v is None else v for v in values], dtype=col.kind)
    meta = {key: value for key, value in (("ucd", col.ucd), ("utype", col.utype)) if value}
    if col.name == "s_region":
        meta["xtype"] = "adql:REGION"
    return MaskedColumn(filled, name=col.name, mask=missing, unit=col.unit, meta=meta)


def _said(search: PlannedSearch) -> dict[str, str]:
    event = search.event
    said = {
        "event": search.title,
        "skymap_sha256": event.skymap_sha256,
        "objective": event.objective,
        "window": f"{iso(search.start)}/{iso(search.end)}",
    }
    why = search.why_empty()
    return said if why is None else said | {"empty_because": why}
