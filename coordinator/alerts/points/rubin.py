"""Points of Rubin's packets, and of brokers' records of its objects: sources, forced sources and limits."""

from collections.abc import Iterator, Mapping
from typing import Any

from coordinator.alerts.detection import first_id
from coordinator.alerts.fields import flag, number
from coordinator.alerts.mjd import utc_of_mjd
from coordinator.alerts.points.bodies import body_linked
from coordinator.alerts.points.point import NANOJANSKY_ZERO, SurveyPoint, band_named, of_flux

DEG_ARCSEC = 3600.0


def points(record: Mapping[str, Any]) -> Iterator[SurveyPoint]:
    """Yield what a packet tells of its object."""
    source = record["diaSource"]
    place = _place(source)
    if place is None:
        return
    listed = [source, *_listed(record, "prvDiaSources")]
    yield from _all(listed, _listed(record, "prvDiaForcedSources"), place)
    for one in _listed(record, "prvDiaNondetectionLimits"):
        limit = _limit(one, place)
        if limit is not None:
            yield limit


def lasair_points(record: Mapping[str, Any]) -> Iterator[SurveyPoint]:
    """Yield what Lasair tells of an object."""
    place = _place(record["diaObject"])
    if place is not None:
        yield from _all(_listed(record, "diaSourcesList"), _listed(record, "diaForcedSourcesList"), place)


def _all(
    seen: list[Mapping[str, Any]], forced: list[Mapping[str, Any]], place: tuple[float, float]
) -> Iterator[SurveyPoint]:
    visits: set[Any] = set()
    for one in seen:
        point = _point(one, place, forced=False)
        if point is not None:
            visits.add((one.get("visit"), point.seen))
            yield point
    for one in forced:
        point = _point(one, place, forced=True)
        if point is not None and (one.get("visit"), point.seen) not in visits:
            yield point


def _point(one: Mapping[str, Any], place: tuple[float, float], *, forced: bool) -> SurveyPoint | None:
    seen = utc_of_mjd(one.get("midpointMjdTai", one.get("midPointTai")), tai=True)
    number_of = first_id(one.get("diaForcedSourceId") if forced else None, one.get("diaSourceId"))
    if seen is None or number_of is None or flag(one.get("isNegative")):
        return None
    flux, error = one.get("psfFlux", one.get("psFlux")), one.get("psfFluxErr", one.get("psFluxErr"))
    found = of_flux(flux, error, NANOJANSKY_ZERO, forced=forced)
    if found is None:
        return None
    kind, mag, err, snr = found
    ra, dec = place if forced else _place(one) or place
    errors = [number(one.get(name)) for name in ("raErr", "decErr")]
    known = [e * DEG_ARCSEC for e in errors if e is not None]
    return SurveyPoint(
        f"{'forced' if forced else 'dia_source'}:{number_of}",
        kind,
        ra,
        dec,
        seen,
        band_named(one.get("band", one.get("filterName"))),
        mag,
        err,
        mag if kind == "limit" else None,
        number(one.get("snr")) or snr,
        number(one.get("reliability")),
        max(known) if known and not forced else None,
        None if forced else body_linked(one),
    )


def _limit(one: Mapping[str, Any], place: tuple[float, float]) -> SurveyPoint | None:
    seen = utc_of_mjd(one.get("midpointMjdTai", one.get("midPointTai")), tai=True)
    visit = first_id(one.get("ccdVisitId"), one.get("visit"))
    found = of_flux(0.0, one.get("diaNoise"), NANOJANSKY_ZERO, forced=True)
    if seen is None or visit is None or found is None:
        return None
    band, mag = band_named(one.get("band", one.get("filterName"))), found[1]
    id = f"limit:{visit}:{place[0]:.5f}:{place[1]:.5f}"
    return SurveyPoint(id, "limit", *place, seen, band, mag, limit_mag_ab=mag)


def _place(one: Mapping[str, Any]) -> tuple[float, float] | None:
    ra, dec = number(one.get("ra")), number(one.get("dec", one.get("decl")))
    return None if ra is None or dec is None else (ra, dec)


def _listed(record: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = record.get(key)
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
