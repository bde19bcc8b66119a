"""Alert packets of the pattern that ZTF set: an object, a candidate, its history and cutouts.

ZTF itself (schemas 3 and 4, also enriched by Fink or written anew by BOOM for Babamul), ATLAS, WINTER, and whoever
else writes packets like these.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from coordinator.alerts import rubin
from coordinator.alerts.alert import Purpose
from coordinator.alerts.detection import Detection, Unreadable, alerts_of, chosen_numbers, first_id, native_id
from coordinator.alerts.fields import text
from coordinator.alerts.message import Message, Understood
from coordinator.alerts.mjd import utc_of_jd, utc_of_mjd
from coordinator.alerts.purpose import markers_of_transport, strictest

FORMAT = "avro candidate.alert"
SURVEYS = {"ztf": re.compile(r"ZTF\d{2}[a-z]{7}"), "winter": re.compile(r"WNTR\d{2}[a-z]{5,}")}
"""By the names that surveys give to objects; brokers write packets anew, under schema names of their own."""

PUBLISHERS = ("ztf", "atlas", "winter")
"""Surveys whose packets hold what the sky showed, and nothing else."""

TIMES = ("jd", "mjd", "midpointMjdTai")
PROPERTIES = (
    "magpsf",
    "sigmapsf",
    "Mag",
    "Dmag",
    "diffmaglim",
    "rb",
    "drb",
    "reliability",
    "snr",
    "scorr",
    "ndethist",
    "ssdistnr",
    "sgscore1",
    "distpsnr1",
)
BROKER_SCORES = 32


def recognises(message: Message) -> bool:
    """Say whether the message holds such packets, judged by their keys."""
    return message.avro is not None and bool(message.avro.records) and _is_packet(message.avro.records[0])


def read(message: Message) -> Understood:
    """Turn packets into alerts."""
    assert message.avro is not None
    schema = message.avro.schema_name
    return alerts_of(message, FORMAT, (_detection(message, record, schema) for record in message.avro.records))


def survey_of(record: Mapping[str, Any], schema_name: str) -> str:
    """Name the survey: by the name of its object, else by its publisher, else by the namespace of its schema."""
    name = text(record.get("objectId", record.get("objectid"))) or ""
    of_name = next((survey for survey, pattern in SURVEYS.items() if pattern.fullmatch(name)), None)
    if of_name is not None:
        return of_name
    if "diaObjectId" in record["candidate"] or "diaSourceId" in record["candidate"]:
        return rubin.STREAM
    said = f"{text(record.get('publisher')) or ''} {schema_name}".lower()
    return next((one for one in PUBLISHERS if re.search(rf"\b{one}", said)), _namespace(schema_name))


def _is_packet(record: Any) -> bool:
    if not isinstance(record, Mapping) or not isinstance(record.get("candidate"), Mapping):
        return False
    return any(key in record["candidate"] for key in TIMES)


def _detection(message: Message, record: Any, schema_name: str) -> Detection | Unreadable:
    if not _is_packet(record):
        return Unreadable("an alert packet without a candidate")
    candidate: Mapping[str, Any] = record["candidate"]
    survey = survey_of(record, schema_name)
    candid = first_id(record.get("candid"), candidate.get("candid"), candidate.get("diaSourceId"))
    if candid is None:
        return Unreadable(f"a packet of {survey} without candid")
    seen = _time(candidate)
    key = f"{survey}.dia_source:{candid}" if survey == rubin.STREAM else f"{survey}.candid:{candid}"
    keys = _object_keys(survey, record, candidate)
    return Detection(
        stream=survey,
        detection_key=key,
        object_key=keys[0] if keys else key,
        t0=seen,
        ra_deg=candidate.get("ra", candidate.get("RA")),
        dec_deg=candidate.get("dec", candidate.get("Dec")),
        purpose=strictest([_purpose(survey, candidate, seen), *markers_of_transport(message)]),
        properties=chosen_numbers(candidate, PROPERTIES) | _scores(record),
        other_ids=keys[1:],
    )


def _object_keys(survey: str, record: Mapping[str, Any], candidate: Mapping[str, Any]) -> tuple[str, ...]:
    if survey == rubin.STREAM:
        return rubin.object_keys(candidate, {"diaObjectId": record.get("objectId")})
    name = native_id(record.get("objectId", record.get("objectid")))
    return (f"{survey}.object:{name}",) if name else ()


def _purpose(survey: str, candidate: Mapping[str, Any], seen: datetime | None) -> Purpose | None:
    if survey == rubin.STREAM:
        return rubin.purpose_of_source(candidate, seen)
    return Purpose.OBSERVATION if survey in PUBLISHERS else None


def _time(candidate: Mapping[str, Any]) -> datetime | None:
    """Return when it was seen; the count of days from Rubin is TAI, the others are UTC."""
    if "midpointMjdTai" in candidate:
        return rubin.midpoint(candidate)
    return utc_of_jd(candidate.get("jd")) if "jd" in candidate else utc_of_mjd(candidate.get("mjd"))


def _scores(record: Mapping[str, Any]) -> dict[str, float]:
    """Return what a broker adds beside the candidate: its numbers that are fractions, for ids are whole."""
    added = [name for name, value in record.items() if isinstance(value, float) and len(name) <= 64]
    return chosen_numbers(record, added[:BROKER_SCORES])


def _namespace(schema_name: str) -> str:
    """Return the first part of a schema's name, in the letters that an event key may have."""
    first = re.sub(r"[^a-z0-9_-]", "", schema_name.partition(".")[0].lower())[:24]
    return first if "." in schema_name and re.match(r"[a-z0-9]", first) else "survey"
