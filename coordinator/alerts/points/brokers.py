"""Points of brokers' records: Fink's rows, AMPEL's reports. What tells no brightness, as ALeRCE's objects, has none."""

from collections.abc import Iterator, Mapping
from typing import Any

from coordinator.alerts.detection import first_id
from coordinator.alerts.fields import number, text
from coordinator.alerts.mjd import utc_of_jd
from coordinator.alerts.points import ztf
from coordinator.alerts.points.point import NANOJANSKY_ZERO, SurveyPoint, band_named, of_flux

FINK = "i:"


def fink_points(row: Mapping[str, Any]) -> Iterator[SurveyPoint]:
    """Yield the detection of a row of Fink, whose columns `i:` are those of ZTF's candidate."""
    candidate = {key.removeprefix(FINK): value for key, value in row.items() if key.startswith(FINK)}
    candid = first_id(candidate.get("candid"), f"{candidate.get('objectId')}.{candidate.get('jd')}")
    yield from ztf.points({"objectId": candidate.get("objectId"), "candid": candid, "candidate": candidate})


def ampel_points(record: Mapping[str, Any]) -> Iterator[SurveyPoint]:
    """Yield the photometry of an AMPEL report; the place is the object's."""
    said = record["object"]
    ra, dec, name = number(said.get("ra")), number(said.get("dec")), text(str(said.get("id")), 64)
    for one in record["photometry"]:
        seen = utc_of_jd(one.get("time")) if isinstance(one, Mapping) else None
        if seen is None or ra is None or dec is None:
            continue
        zero = number(one.get("zp"))
        error = one.get("fluxerr", one.get("flux_err"))
        found = of_flux(one.get("flux"), error, NANOJANSKY_ZERO if zero is None else zero, forced=False)
        if found is not None:
            kind, mag, err, snr = found
            id = f"ampel:{name}:{seen.isoformat()}:{one.get('band')}"
            yield SurveyPoint(id, kind, ra, dec, seen, band_named(one.get("band")), mag, err, None, snr)
