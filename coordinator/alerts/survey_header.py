"""The first fields of a survey's packet, read without its history and its pictures.

Avro is read in order, and every survey puts the detection that its packet is about before the earlier ones and the
cutouts: so the front of the schema reads the front of the packet, some twenty times as fast as the whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Any

from coordinator.alerts.avro import (
    FRAME,
    SchemaSource,
    decode,
    decode_one,
    known,
    looks_framed,
    open_container,
    schema_id_of,
)
from coordinator.alerts.avro_schema import Schema, schema_of
from coordinator.alerts.avro_walk import check_values, refused
from coordinator.alerts.fields import flag, number
from coordinator.alerts.mjd import JD_OF_MJD_ZERO, TAI_MINUS_UTC_S

DETECTIONS = ("diaSource", "candidate")
"""Fields that hold what a packet is about: Rubin's, and that of the pattern that ZTF set."""

MOVING_ARCSEC = 5.0
"""So near to where a known solar-system object should be, a detection of ZTF is taken for it."""


@dataclass(frozen=True, slots=True)
class DetectionHeader:
    """What decides whether a detection is worth reading; None: the packet does not say.

    Attributes
    ----------
    ra_deg, dec_deg : float or None
        ICRS degrees.
    mjd_utc : float or None
        When it was seen.
    real_bogus : float or None
        0 bogus to 1 real, by the survey's newest classifier.
    moving : bool or None
        It is a known solar-system object.
    negative : bool or None
        The difference is negative: something became fainter.
    earlier : int or None
        Detections of the same object before.
    """

    ra_deg: float | None
    dec_deg: float | None
    mjd_utc: float | None
    real_bogus: float | None = None
    moving: bool | None = None
    negative: bool | None = None
    earlier: int | None = None


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet of a survey, not decoded yet: bytes and the schema that they are written by."""

    schema: Schema
    data: bytes

    def header(self) -> DetectionHeader:
        """Read its front.

        Raises
        ------
        Refused
            It is not by its schema, or is no packet of a survey.
        """
        front = front_of(self.schema)
        if front is None:
            raise refused(f"{self.schema.name} is no packet of a survey")
        check_values(front, self.data)
        return header_of(decode_one(front, BytesIO(self.data)))

    def record(self) -> Mapping[str, Any]:
        """Decode the whole."""
        found = decode(self.schema, self.data)[0]
        if not isinstance(found, Mapping):
            raise refused(f"{self.schema.name} is no packet of a survey")
        return found


def packet_of(raw: bytes, schemas: SchemaSource | None) -> Packet:
    """Find the packet in a message.

    Raises
    ------
    Refused
        It is not Avro, its schema is not known, or it holds more than one packet.
    """
    if looks_framed(raw):
        schema = known(schema_id_of(raw), schemas)
        if schema is None:
            raise refused(f"schema {schema_id_of(raw)} is not known here; the message can be read once it is")
        return Packet(schema, raw[FRAME:])
    schema, blocks = open_container(raw)
    held = [block for block in blocks if block.records]
    if len(held) != 1 or held[0].records != 1:
        raise refused(f"a container of {sum(block.records for block in held)} packets; a survey sends one at a time")
    return Packet(schema, held[0].data)


@lru_cache(maxsize=16)
def front_of(schema: Schema) -> Schema | None:
    """Return the schema up to the detection; None: it has none."""
    definition = schema.definition
    fields = definition.get("fields", []) if isinstance(definition, dict) else []
    ends = [place for place, field in enumerate(fields) if field["name"] in DETECTIONS]
    return schema_of(definition | {"fields": fields[: ends[0] + 1]}) if ends else None


def header_of(record: Any) -> DetectionHeader:
    """Take the header from a packet, whole or only its front.

    Raises
    ------
    Refused
        It is no packet of a survey.
    """
    for key, read in (("diaSource", _of_rubin), ("candidate", _of_candidate)):
        if isinstance(record, Mapping) and isinstance(record.get(key), Mapping):
            return read(record, record[key])
    raise refused("no packet of a survey")


def _of_rubin(record: Mapping[str, Any], source: Mapping[str, Any]) -> DetectionHeader:
    midpoint = number(source.get("midpointMjdTai", source.get("midPointTai")))
    return DetectionHeader(
        ra_deg=number(source.get("ra")),
        dec_deg=number(source.get("dec", source.get("decl"))),
        mjd_utc=None if midpoint is None else midpoint - TAI_MINUS_UTC_S / 86_400.0,
        real_bogus=number(source.get("reliability")),
        moving=bool(source["ssObjectId"]) if "ssObjectId" in source else None,
        negative=flag(source.get("isNegative")),
        earlier=_earlier_of_rubin(record),
    )


def _earlier_of_rubin(record: Mapping[str, Any]) -> int | None:
    """Count earlier detections: by the object's own count, else those that the packet holds."""
    dia_object, previous = record.get("diaObject"), record.get("prvDiaSources")
    counted = _whole(dia_object.get("nDiaSources")) if isinstance(dia_object, Mapping) else None
    if counted is not None:
        return max(0, counted - 1)
    if isinstance(previous, list):
        return len(previous)
    return 0 if "prvDiaSources" in record else None


def _of_candidate(_: Mapping[str, Any], candidate: Mapping[str, Any]) -> DetectionHeader:
    jd = number(candidate.get("jd"))
    scores = (number(candidate.get(name)) for name in ("drb", "reliability", "rb"))
    positive = candidate.get("isdiffpos")
    counted = _whole(candidate.get("ndethist"))
    return DetectionHeader(
        ra_deg=number(candidate.get("ra", candidate.get("RA"))),
        dec_deg=number(candidate.get("dec", candidate.get("Dec"))),
        mjd_utc=number(candidate.get("mjd")) if jd is None else jd - JD_OF_MJD_ZERO,
        real_bogus=next((score for score in scores if score is not None), None),
        moving=_near_known(number(candidate.get("ssdistnr"))),
        negative=None if positive is None else positive in ("f", "0", False),
        earlier=None if counted is None else max(0, counted - 1),
    )


def _near_known(distance_arcsec: float | None) -> bool | None:
    """Below 0 means that no known object is near."""
    return None if distance_arcsec is None else 0.0 <= distance_arcsec < MOVING_ARCSEC


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
