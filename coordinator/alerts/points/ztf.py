"""Points of packets of the pattern that ZTF set: candidate, earlier ones and limits, and forced photometry."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from coordinator.alerts.detection import first_id
from coordinator.alerts.fields import number, text
from coordinator.alerts.mjd import utc_of_jd, utc_of_mjd
from coordinator.alerts.points.bodies import bodies_of
from coordinator.alerts.points.point import SurveyPoint, band_named, of_flux

BANDS = {1: "g", 2: "r", 3: "i"}
NEGATIVE = ("f", "0", False)


def points(record: Mapping[str, Any]) -> Iterator[SurveyPoint]:
    """Yield what a packet tells of its object; negative differences are none of a new light."""
    candidate = record["candidate"]
    ra, dec = number(candidate.get("ra", candidate.get("RA"))), number(candidate.get("dec", candidate.get("Dec")))
    if ra is None or dec is None:
        return
    name = text(record.get("objectId", record.get("objectid")), 64) or "object"
    earlier = record.get("prv_candidates")
    listed = [candidate, *(one for one in earlier or () if isinstance(one, Mapping))]
    nights: set[Any] = set()
    for one in listed:
        found = _point(one, name, ra, dec, first_id(record.get("candid")) if one is candidate else None)
        if found is not None:
            nights.add(one.get("pid"))
            yield found
    for one in record.get("fp_hists") or ():
        if isinstance(one, Mapping) and one.get("pid") not in nights:
            forced = _forced(one, name, ra, dec)
            if forced is not None:
                yield forced


def _point(one: Mapping[str, Any], name: str, ra: float, dec: float, known: str | None) -> SurveyPoint | None:
    seen, band = _seen(one), _band(one)
    if seen is None or one.get("isdiffpos") in NEGATIVE:
        return None
    limit, mag = number(one.get("diffmaglim")), number(one.get("magpsf", one.get("Mag")))
    if mag is None:
        pid = first_id(one.get("pid"))
        if limit is None or pid is None:
            return None
        return SurveyPoint(f"limit:{name}:{pid}", "limit", ra, dec, seen, band, limit, limit_mag_ab=limit)
    its_ra, its_dec = number(one.get("ra", one.get("RA"))), number(one.get("dec", one.get("Dec")))
    candid = first_id(one.get("candid"), known)
    if its_ra is None or its_dec is None or candid is None:
        return None
    scores = (number(one.get(key)) for key in ("drb", "reliability", "rb"))
    return SurveyPoint(
        f"candid:{candid}",
        "detection",
        its_ra,
        its_dec,
        seen,
        band,
        mag,
        number(one.get("sigmapsf", one.get("Dmag"))),
        limit,
        number(one.get("snr")),
        next((score for score in scores if score is not None), None),
        bodies=bodies_of(one),
    )


def _forced(one: Mapping[str, Any], name: str, ra: float, dec: float) -> SurveyPoint | None:
    seen, pid, zero = _seen(one), first_id(one.get("pid")), number(one.get("magzpsci"))
    if seen is None or pid is None or zero is None:
        return None
    found = of_flux(one.get("forcediffimflux"), one.get("forcediffimfluxunc"), zero, forced=True)
    if found is None:
        return None
    kind, mag, err, snr = found
    limit = mag if kind == "limit" else number(one.get("diffmaglim"))
    return SurveyPoint(f"forced:{name}:{pid}", kind, ra, dec, seen, _band(one), mag, err, limit, snr)


def _seen(one: Mapping[str, Any]) -> datetime | None:
    return utc_of_jd(one.get("jd")) if "jd" in one else utc_of_mjd(one.get("mjd"))


def _band(one: Mapping[str, Any]) -> str:
    fid = number(one.get("fid"))
    return band_named(one.get("band")) if fid is None else BANDS.get(int(fid), "")
