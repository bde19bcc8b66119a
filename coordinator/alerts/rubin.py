"""Rubin alert packets (`lsst.vX_Y.alert`, also as Fink and ALeRCE pass them on) and the ELAsTiCC simulation of them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from coordinator.alerts.alert import Purpose
from coordinator.alerts.detection import Detection, Unreadable, alerts_of, chosen_numbers, first_id
from coordinator.alerts.fields import number
from coordinator.alerts.message import Ignored, Message, Understood
from coordinator.alerts.mjd import utc_of_mjd
from coordinator.alerts.purpose import markers_of_transport, strictest

FORMAT = "avro lsst.alert"
STREAM = "rubin"
SIMULATION = "elasticc"
"""A word in the name of the schema."""

VISITS_A_DAY = 100_000
"""A visit is numbered by the day on which its night began, and a count within it."""

INJECTED = (
    "pixelFlags_injected",
    "pixelFlags_injectedCenter",
    "pixelFlags_injected_template",
    "pixelFlags_injected_templateCenter",
)
PROPERTIES = (
    "snr",
    "reliability",
    "psfFlux",
    "psfFluxErr",
    "scienceFlux",
    "scienceFluxErr",
    "psFlux",
    "psFluxErr",
    "extendedness",
    "isNegative",
    "isDipole",
)


def recognises(message: Message) -> bool:
    """Say whether the message holds such packets, judged by their keys."""
    return message.avro is not None and bool(message.avro.records) and _is_packet(message.avro.records[0])


def read(message: Message) -> Understood:
    """Turn packets into alerts."""
    assert message.avro is not None
    simulated = SIMULATION in message.avro.schema_name.lower()
    return alerts_of(message, FORMAT, (_detection(message, record, simulated) for record in message.avro.records))


def recognises_json(message: Message) -> bool:
    """Say whether the message is a packet written as JSON."""
    return message.document is not None and _is_packet(message.document.value)


def read_json(_: Message) -> Understood:
    """Say that such a text is no message of the stream."""
    return Ignored("a Rubin packet written as JSON: an example, for the stream sends Avro")


def object_keys(source: Mapping[str, Any], dia_object: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the keys of what was seen: the object of difference imaging, else the solar-system object."""
    dia = first_id(source.get("diaObjectId"), dia_object.get("diaObjectId"))
    moving = first_id(source.get("ssObjectId"))
    named = (f"{STREAM}.dia_object:{dia}" if dia else None, f"{STREAM}.ss_object:{moving}" if moving else None)
    return tuple(key for key in named if key is not None)


def purpose_of_source(source: Mapping[str, Any], seen: datetime | None) -> Purpose | None:
    """Say what for: injected sources mark themselves, and a visit of the survey names the night it was made in.

    A packet says nothing else of its purpose. The samples that its authors publish have visits such as 1, and so are
    of unknown purpose.
    """
    if any(source.get(name) is True for name in INJECTED):
        return Purpose.INJECTION
    return Purpose.OBSERVATION if seen and _made_in_night_of(source.get("visit"), seen) else None


def midpoint(source: Mapping[str, Any]) -> datetime | None:
    """Return the middle of the exposure; every name that this field has had counts in TAI."""
    stated = next((source[key] for key in ("midpointMjdTai", "midPointTai") if key in source), None)
    return utc_of_mjd(stated, tai=True)


def _is_packet(record: Any) -> bool:
    return isinstance(record, Mapping) and isinstance(record.get("diaSource"), Mapping)


def _detection(message: Message, record: Any, simulated: bool) -> Detection | Unreadable:
    source = record.get("diaSource") if isinstance(record, Mapping) else None
    if not isinstance(source, Mapping):
        return Unreadable("a Rubin packet without diaSource")
    number_of = first_id(source.get("diaSourceId"), record.get("diaSourceId"))
    if number_of is None:
        return Unreadable("a Rubin packet without diaSourceId")
    dia_object = record.get("diaObject")
    seen = midpoint(source)
    # A simulation counts from one, as the survey may: its detections must not be taken for those of the survey.
    key = f"{SIMULATION if simulated else STREAM}.dia_source:{number_of}"
    keys = object_keys(source, dia_object if isinstance(dia_object, Mapping) else {})
    stated = Purpose.MOCK if simulated else purpose_of_source(source, seen)
    return Detection(
        stream=STREAM,
        detection_key=key,
        object_key=keys[0] if keys else key,
        t0=seen,
        ra_deg=source.get("ra"),
        dec_deg=source.get("dec", source.get("decl")),
        purpose=strictest([stated, *markers_of_transport(message)]),
        properties=chosen_numbers(source, PROPERTIES),
        other_ids=keys[1:],
    )


def _made_in_night_of(visit: Any, seen: datetime) -> bool:
    count = number(visit)
    if count is None or count < 0:
        return False
    day = int(count) // VISITS_A_DAY
    try:
        night = date(day // 10_000, day // 100 % 100, day % 100)
    except (ValueError, OverflowError):
        return False
    return abs((seen.date() - night).days) <= 1
