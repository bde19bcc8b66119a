"""Records of survey brokers (ALeRCE, ANTARES, Fink, Lasair in JSON; AMPEL in Avro): leads, never facts.

A broker tells of an object as it knows it, not of one detection. Each row of the table is one form, known by its keys.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import log10
from typing import Any

from coordinator.alerts.alert import Purpose
from coordinator.alerts.canonical import digest
from coordinator.alerts.detection import first_id
from coordinator.alerts.fields import instant, number, text
from coordinator.alerts.leads import Leads, ReportedMagnitude, ReportedPosition
from coordinator.alerts.message import Message, Rejected, Reports, Understood
from coordinator.alerts.mjd import utc_of_jd, utc_of_mjd
from coordinator.alerts.purpose import markers_of_transport
from coordinator.alerts.reports.brightness import magnitude
from coordinator.alerts.reports.positions import placed

FORMAT = "json broker"
AMPEL = "avro ampel.report"
REASON = "a broker's record of an object: leads only, never facts"
MOST = 1000
ZERO_POINT_NJY = 31.4
"""AB magnitude of a nanojansky, in which Rubin's fluxes are."""

ZTF_BANDS = {1: "g", 2: "r", 3: "i"}


@dataclass(frozen=True, slots=True)
class Told:
    """What a broker says of one object; None: it does not say."""

    broker: str
    key: str | None
    ra_deg: Any
    dec_deg: Any
    seen: datetime | None = None
    mag: ReportedMagnitude | None = None
    redshift: float | None = None
    other: str | None = None


Reader = Callable[[Mapping[str, Any]], Told]


def recognises(message: Message) -> bool:
    """Say whether it is a record of an object with its place, or a list of such."""
    return message.document is not None and bool(_records(message.document.value))


def read(message: Message) -> Understood:
    """Return a lead for each object; of several rows of one object the first, which brokers give as the newest."""
    assert message.document is not None
    records = _records(message.document.value)
    if len(records) > MOST:
        return Rejected(f"a broker's list of {len(records)} objects, more than {MOST}")
    return _reports(message, FORMAT, [(reader(record), record) for reader, record in records])


def recognises_ampel(message: Message) -> bool:
    """Say whether it is a report of AMPEL on Rubin's objects, judged by its keys."""
    records = message.avro.records if message.avro else ()
    return bool(records) and all(_is_ampel(record) for record in records)


def read_ampel(message: Message) -> Understood:
    """Return a lead for each report."""
    assert message.avro is not None
    return _reports(message, AMPEL, [(_ampel(record), record) for record in message.avro.records])


def _records(value: Any) -> list[tuple[Reader, Mapping[str, Any]]]:
    """Pair each record with its reader; none, if one of them is something else."""
    listed = value.get("items") if isinstance(value, Mapping) and isinstance(value.get("items"), list) else value
    rows = listed if isinstance(listed, list) else [listed]
    found = [(reader, row) for row in rows if isinstance(row, Mapping) and (reader := _reader(row)) is not None]
    return found if len(found) == len(rows) else []


def _reader(row: Mapping[str, Any]) -> Reader | None:
    return next((reader for keys, reader in FORMS if keys <= row.keys()), None)


def _reports(message: Message, format_: str, told: Iterable[tuple[Told, Mapping[str, Any]]]) -> Understood:
    leads: dict[str, Leads] = {}
    for one, record in told:
        place = placed(number(one.ra_deg), number(one.dec_deg))
        if one.key is None or place is None:
            return Rejected(f"a record of {one.broker} without an object's id or place")
        leads.setdefault(one.key, _lead(message, format_, one, one.key, ReportedPosition(*place), digest(record)))
    return next(iter(leads.values())) if len(leads) == 1 else Reports(tuple(leads.values()))


def _lead(message: Message, format_: str, told: Told, key: str, place: ReportedPosition, mark: str) -> Leads:
    return Leads(
        source=message.source,
        format=format_,
        stream=told.broker,
        notice_id=f"{told.broker}:{key}:{mark}",
        reason=REASON,
        title=f"{told.broker} knows {key.partition(':')[2]}",
        name=key.partition(":")[2],
        event_key=key,
        raw_sha256=message.raw_sha256,
        t_issued=told.seen,
        names=tuple(filter(None, [told.other])),
        positions=(place,),
        magnitudes=() if told.mag is None else (told.mag,),
        redshift=told.redshift,
        test=Purpose.TEST in markers_of_transport(message),
        file=message.name or None,
    )


def object_key(*ids: Any) -> str | None:
    """Return the key of an object as the surveys' own alerts have it: a number is Rubin's, a name ZTF's."""
    found = first_id(*ids)
    if found is None:
        return None
    return f"rubin.dia_object:{found}" if found.isdigit() else f"ztf.object:{found}"


def _alerce(row: Mapping[str, Any]) -> Told:
    return Told("alerce", object_key(row["oid"]), row["meanra"], row["meandec"], utc_of_mjd(row.get("lastmjd")))


def _antares(row: Mapping[str, Any]) -> Told:
    properties = row.get("properties")
    held: Mapping[str, Any] = properties if isinstance(properties, Mapping) else {}
    survey = held.get("survey")
    rubin = survey.get("lsst") if isinstance(survey, Mapping) else None
    numbers = rubin.get("dia_object_id") if isinstance(rubin, Mapping) else None
    listed = numbers if isinstance(numbers, list) else [numbers]
    locus = text(row.get("locus_id"), 64)
    key = object_key(*listed[:4], held.get("ztf_object_id")) or (f"antares.locus:{locus}" if locus else None)
    alerts = row.get("alerts")
    newest = alerts[-1] if isinstance(alerts, list) and alerts and isinstance(alerts[-1], Mapping) else {}
    seen = utc_of_mjd(newest.get("lsst_diaSource_midpointMjdTai"), tai=True)
    mag = _of_flux(newest.get("lsst_diaSource_psfFlux"), newest.get("lsst_diaSource_band"))
    return Told("antares", key, row["ra"], row["dec"], seen, mag, other=locus)


def _fink(row: Mapping[str, Any]) -> Told:
    band = ZTF_BANDS.get(int(number(row.get("i:fid")) or 0))
    mag = number(row.get("i:magpsf"))
    made = None if mag is None else magnitude(mag, error=number(row.get("i:sigmapsf")), band=band, upper_limit=False)
    named = text(row.get("d:tns"), 32)
    return Told(
        "fink", object_key(row["i:objectId"]), row["i:ra"], row["i:dec"], utc_of_jd(row.get("i:jd")), made, other=named
    )


def _fink_rubin(row: Mapping[str, Any]) -> Told:
    return Told("fink", object_key(row["r:diaObjectId"]), row["r:ra"], row["r:dec"])


def _lasair(row: Mapping[str, Any]) -> Told:
    inner = row.get("diaObject")
    said: Mapping[str, Any] = inner if isinstance(inner, Mapping) else row
    ra_deg = next((said[key] for key in ("ra", "ramean") if key in said), None)
    dec_deg = next((said[key] for key in ("decl", "dec", "decmean") if key in said), None)
    seen = utc_of_mjd(said.get("lastDiaSourceMjdTai"), tai=True) or instant(said.get("UTC"))
    key = object_key(said.get("diaObjectId"), said.get("objectId"))
    return Told("lasair", key, ra_deg, dec_deg, seen, redshift=number(said.get("z")))


def _ampel(record: Mapping[str, Any]) -> Told:
    said, hosts = record["object"], record.get("host")
    host = hosts[0] if isinstance(hosts, list) and hosts and isinstance(hosts[0], Mapping) else {}
    points = [one for one in record["photometry"] if isinstance(one, Mapping) and number(one.get("time")) is not None]
    last: Mapping[str, Any] = max(points, key=lambda one: float(one["time"]), default={})
    mag = _of_flux(last.get("flux"), last.get("band"), number(last.get("zp")))
    seen = utc_of_jd(last.get("time"))
    return Told(
        "ampel", object_key(said.get("id")), said.get("ra"), said.get("dec"), seen, mag, number(host.get("redshift"))
    )


def _is_ampel(record: Any) -> bool:
    if not isinstance(record, Mapping) or not isinstance(record.get("photometry"), list):
        return False
    return isinstance(record.get("object"), Mapping) and {"id", "ra", "dec"} <= record["object"].keys()


def _of_flux(flux: Any, band: Any, zero_point: float | None = None) -> ReportedMagnitude | None:
    """Turn a flux into an AB magnitude; one that is not positive is none."""
    value = number(flux)
    if value is None or value <= 0:
        return None
    mag = (ZERO_POINT_NJY if zero_point is None else zero_point) - 2.5 * log10(value)
    named = (text(band, 16) or "").removeprefix("lsst") or None
    return magnitude(round(mag, 3), error=None, band=named, upper_limit=False, system="AB")


FORMS: tuple[tuple[frozenset[str], Reader], ...] = (
    (frozenset({"oid", "meanra", "meandec"}), _alerce),
    (frozenset({"locus_id", "ra", "dec"}), _antares),
    (frozenset({"i:objectId", "i:ra", "i:dec"}), _fink),
    (frozenset({"r:diaObjectId", "r:ra", "r:dec"}), _fink_rubin),
    (frozenset({"diaObjectId", "ra", "decl"}), _lasair),
    (frozenset({"objectId", "ramean", "decmean"}), _lasair),
    (frozenset({"diaObject", "diaSourcesList"}), _lasair),
)
"""Which keys tell whose record it is, and who reads it; without a place a record is none of an object."""
