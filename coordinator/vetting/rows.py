"""Rows of a table of detections, in anybody's spelling, as sightings; what is not understood is said, not guessed."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from coordinator.alerts.fields import instant
from coordinator.alerts.points.bodies import bodies_of
from coordinator.alerts.points.point import BodyNear
from coordinator.vetting.cells import Cells
from coordinator.vetting.sighting import Sighting
from coordinator.vetting.tangent import whole_turn
from telescopes.description.errors import Refused

SPELLINGS: dict[str, tuple[str, ...]] = {
    "id": ("name", "objectid", "object_id", "candidate", "object", "source", "source_name"),
    "ra_deg": ("ra", "raj2000", "ra_j2000", "right_ascension", "meanra"),
    "dec_deg": ("dec", "decj2000", "dej2000", "dec_j2000", "declination", "meandec"),
    "time": ("date", "datetime", "obs_time", "date-obs", "date_obs", "isot", "utc", "discovery_date", "discoverydate"),
    "mjd": ("mjd_obs", "mjdobs"),
    "jd": (),
    "mag_ab": ("mag", "magnitude", "magpsf", "mag_psf", "discoverymag"),
    "mag_err": ("magerr", "e_mag", "sigmapsf", "mag_error", "sigma_mag"),
    "limiting_mag_ab": ("limiting_mag", "limmag", "diffmaglim", "maglim", "upper_limit_mag", "limit_mag_ab"),
    "filter": ("band", "filt", "passband", "filter_name"),
    "snr": ("s/n", "sn", "signal_to_noise"),
    "real_bogus": ("rb", "drb", "realbogus"),
    "redshift": ("z", "host_redshift", "host_z", "redshift_host"),
    "redshift_err": ("z_err", "host_redshift_err", "e_z", "redshift_error"),
    "pos_err_arcsec": ("pos_err", "poserr", "position_error_arcsec"),
    "upper_limit": (
        "is_limit",
        "isupperlimit",
        "is_upper_limit",
        "upperlimit",
        "nondetection",
        "non_detection",
    ),
    "telescope": ("tel", "instrument", "observatory"),
    "body_arcsec": ("ssdistnr",),
    "body_name": ("ssnamenr",),
    "body_mag": ("ssmagnr",),
}
"""Known columns and how else people call them, in lower case."""

MJD_EPOCH = datetime(1858, 11, 17, tzinfo=UTC)
_JD_OF_MJD_EPOCH = 2400000.5

BODY_COLUMNS = {"body_arcsec": "ssdistnr", "body_mag": "ssmagnr"}
"""Columns of bodies as ZTF calls them."""

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TableRead:
    """What a table held: sightings by candidate (None: no ids, to be joined by place), and what was noticed."""

    by_id: dict[str, list[Sighting]] | None
    sightings: tuple[Sighting, ...]
    notes: tuple[str, ...]


def read_rows(rows: Sequence[Row], mapping: Mapping[str, str], where: str) -> TableRead:
    """Understand a table.

    Parameters
    ----------
    rows : sequence of mappings
        A row a detection; rows with the same `id` are one candidate.
    mapping : mapping of known column to the table's own
        What the asker says; it wins over every spelling known here.
    where : str
        The file, for errors.

    Raises
    ------
    Refused
        There are no rows, no places, or a value that is none.
    """
    if not rows:
        raise Refused("has no rows", where=where, mend="give a table with a row for each detection")
    columns, notes = _columns(list(rows[0]), mapping, where)
    for needed in ("ra_deg", "dec_deg"):
        if needed not in columns:
            raise Refused(
                f"has no column {needed}", where=where, mend=f"name it: --columns {needed}=THE_COLUMN; degrees, ICRS"
            )
    places = _places(rows, columns)
    read = [(n, row, _sighting(Cells(row, columns, f"{where}: row {n}"), places)) for n, row in enumerate(rows, 1)]
    kept = [(n, row, sighting) for n, row, sighting in read if sighting is not None]
    sightings = tuple(sighting for _, _, sighting in kept)
    notes = (*notes, *_said_of_limits(sightings, len(read) - len(kept)))
    if "id" not in columns:
        return TableRead(None, sightings, (*notes, "no column id: detections are joined by place"))
    by_id: dict[str, list[Sighting]] = {}
    for n, row, sighting in kept:
        name = row[columns["id"]].strip()
        if not name:
            raise Refused(f"{columns['id']} is empty", where=f"{where}: row {n}", mend="give every row its object's id")
        by_id.setdefault(name, []).append(sighting)
    return TableRead(by_id, sightings, notes)


def _columns(names: Sequence[str], mapping: Mapping[str, str], where: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Say which of the table's columns is which; and what was noticed."""
    for known, own in mapping.items():
        if known not in SPELLINGS:
            raise Refused(f"--columns: {known} is not known", where=where, mend=f"use {', '.join(SPELLINGS)}")
        if own not in names:
            raise Refused(f"--columns: there is no column {own}", where=where, mend=f"it has {', '.join(names)}")
    found = dict(mapping)
    lower = {name.lower().strip(): name for name in reversed(names)}
    for known, others in SPELLINGS.items():
        if known not in found:
            match = next((lower[o] for o in (known, *others) if o in lower and lower[o] not in found.values()), None)
            if match is not None:
                found[known] = match
    spelt = [f"{own} as {known}" for known, own in found.items() if known != own]
    ignored = [name for name in names if name not in found.values()]
    notes = [f"taken: {', '.join(spelt)}"] if spelt else []
    return found, (*notes, *([f"ignored: {', '.join(ignored)}"] if ignored else []))


def _said_of_limits(sightings: Sequence[Sighting], without_place: int) -> list[str]:
    limits = sum(s.upper_limit for s in sightings)
    notes = [f"upper limits: {limits} of {len(sightings) + without_place} rows"] if limits else []
    return [*notes, f"set aside: {without_place} limits of objects that have no place"] if without_place else notes


def _places(rows: Sequence[Row], columns: Mapping[str, str]) -> dict[str, Row]:
    """Return the first place that is given for each id, in lower case: surveys write none beside their limits."""
    found: dict[str, Row] = {}
    for row in rows if "id" in columns else ():
        cells = Cells(row, columns, "")
        if cells.is_given("ra_deg") and cells.is_given("dec_deg"):
            ra, dec = columns["ra_deg"], columns["dec_deg"]
            found.setdefault(cells.raw("id"), {ra: row[ra], dec: row[dec]})
    return found


def _sighting(cells: Cells, places: Mapping[str, Row]) -> Sighting | None:
    """Read one row; None: a limit of an object that has no place."""
    limit = cells.is_limit()
    if limit and cells.raw("id") in places:  # a limit lies where its object was seen
        cells = replace(cells, row={**cells.row, **places[cells.raw("id")]})
    ra, dec = cells.number("ra_deg", -360.0, 360.0), cells.number("dec_deg", -90.0, 90.0)
    if ra is None or dec is None:
        if limit and "id" in cells.columns:
            return None
        raise Refused("has no place", where=cells.where, mend="give ra_deg and dec_deg in degrees")
    unnamed = Sighting(
        id="",
        ra_deg=whole_turn(ra),
        dec_deg=dec,
        time=_time(cells.text("time"), cells.number("mjd"), cells.number("jd"), cells.where),
        filter=cells.text("filter"),
        mag_ab=None if limit else cells.number("mag_ab"),
        mag_err=None if limit else cells.number("mag_err", 0.0),
        limiting_mag_ab=cells.depth_mag_ab() if limit else cells.number("limiting_mag_ab"),
        snr=cells.number("snr"),
        real_bogus=cells.number("real_bogus", 0.0, 1.0),
        pos_err_arcsec=cells.number("pos_err_arcsec", 0.0),
        telescope=cells.text("telescope"),
        host_redshift=cells.number("redshift"),
        host_redshift_err=cells.number("redshift_err", 0.0),
        upper_limit=limit,
        bodies=None if limit else _bodies(cells),
    )
    # The name follows from what is said, so that a row given twice is one detection.
    return replace(unnamed, id=hashlib.sha256(repr(unnamed).encode()).hexdigest()[:12])


def _bodies(cells: Cells) -> tuple[BodyNear, ...] | None:
    """Read which known body the survey saw there; a filler of a number below 0 says none."""
    said = {own: cells.raw(known) for known, own in BODY_COLUMNS.items()}
    return bodies_of({**said, "ssnamenr": cells.text("body_name")})


def _time(text: str | None, mjd: float | None, jd: float | None, where: str) -> datetime | None:
    if text is not None:
        return parse_time(text, where)
    days = mjd if mjd is not None else (None if jd is None else jd - _JD_OF_MJD_EPOCH)
    try:
        return None if days is None else MJD_EPOCH + timedelta(days=days)
    except OverflowError:
        raise Refused(f"time {days:g} is no date", where=where, mend="give mjd in days") from None


def parse_time(text: str, where: str) -> datetime:
    """Read an ISO time; without a zone it is UTC."""
    time = instant(text)
    if time is None:
        raise Refused(f"{text!r} is no ISO time", where=where, mend="write it as 2019-08-14T21:10:39")
    return time
