"""Detections as other programs write them: one JSON object each, read with what is wrong named key by key.

Both what a site's reduction prints and what a file for `armillary agent report` holds are read here.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import msgspec

from telescopes.description.clocks import EARLIEST, LATEST
from telescopes.description.detection_rules import MOST_TEXT, PNG, why_not
from telescopes.description.messages import Detection

NEEDED_NUMBERS = ("ra_deg", "dec_deg", "mag_ab")
NUMBERS = (
    "mag_err",
    "pos_err_arcsec",
    "limiting_mag_ab",
    "real_bogus",
    "snr",
    "host_separation_arcsec",
    "host_redshift",
    "host_redshift_err",
)
TEXTS = {"detection_id": 128, "pointing_id": 128, "filter": 40, "image_uri": 500}
"""Keys of texts, and their characters at most."""
NEEDED_TEXTS = ("pointing_id", "filter")
KEYS = frozenset((*NEEDED_NUMBERS, *NUMBERS, *TEXTS, "mid_exposure", "cutout_png"))


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a detection."""

    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.what}; {self.mend}"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a detection that does not say it itself; None and empty: it must say it.

    `exposure_index`: the exposure in which it was found, None: not known.
    """

    pointing_id: str = ""
    exposure_index: int | None = None
    filter: str = ""
    mid_exposure: datetime | None = None
    limiting_mag_ab: float | None = None
    image_uri: str = ""


def read_detection(line: Mapping[str, object], telescope_id: str, known: Known) -> Detection | list[Fault]:
    """Read one detection; what is wrong with it comes back instead.

    Saying it twice changes nothing: a detection without an id of its own gets one by its content. One that has an id
    keeps it, behind the names of telescope, pointing and exposure: programs count from one in each image.
    """
    faults = [Fault(f"no such key: {key!r:.60}", "take it out") for key in line if key not in KEYS]
    numbers = {key: _number(line, key, faults) for key in (*NEEDED_NUMBERS, *NUMBERS)}
    texts = {key: _text(line, key, faults) for key in TEXTS}
    when = _instant(line, known, faults)
    cutout = _cutout(line, faults)
    texts["pointing_id"] = texts["pointing_id"] or known.pointing_id
    texts["filter"] = texts["filter"] or known.filter
    if len(known.image_uri) <= TEXTS["image_uri"]:  # A longer one stands with the exposure alone.
        texts["image_uri"] = texts["image_uri"] or known.image_uri
    faults += [Fault(f"{key} is missing", "give a number") for key in NEEDED_NUMBERS if line.get(key) is None]
    faults += [Fault(f"{key} is missing", "give a text") for key in NEEDED_TEXTS if not (texts[key] or line.get(key))]
    if faults or when is None:
        return faults
    if numbers["limiting_mag_ab"] is None:
        numbers["limiting_mag_ab"] = known.limiting_mag_ab
    read = Detection(**texts, **numbers, mid_exposure=when, cutout_png=cutout)  # type: ignore[arg-type]
    return _judged(replace(read, detection_id=_identity(read, telescope_id, known)))


def content_id(detection: Detection, telescope_id: str) -> str:
    """Name a detection by what it says; where its image lies and what it looks like are not part of it."""
    said = replace(detection, detection_id="", cutout_png=b"", image_uri="")
    return f"{telescope_id}:{hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:32]}"


def _identity(read: Detection, telescope_id: str, known: Known) -> str:
    """Name a detection so that no other one, of whatever image and telescope, has its name."""
    if not read.detection_id:
        return content_id(read, telescope_id)
    exposure = [] if known.exposure_index is None else [str(known.exposure_index)]
    name = ":".join((telescope_id, read.pointing_id, *exposure, read.detection_id))
    if len(name) <= MOST_TEXT["detection_id"]:
        return name
    return f"{telescope_id}:{hashlib.sha256(name.encode()).hexdigest()[:32]}"


def _judged(read: Detection) -> Detection | list[Fault]:
    wrong = why_not(read)
    return read if wrong is None else [Fault(wrong, "correct it")]


def _number(line: Mapping[str, object], key: str, faults: list[Fault]) -> float | None:
    value = line.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        faults.append(Fault(f"{key}: {value!r:.60} is not a number", "give a number, or leave it out if it is unknown"))
        return None
    try:
        return float(value)
    except OverflowError:
        faults.append(Fault(f"{key} is beyond all numbers", "correct it"))
        return None


def _text(line: Mapping[str, object], key: str, faults: list[Fault]) -> str:
    value = line.get(key)
    if value is None:
        return ""
    if not isinstance(value, str) or not value.isprintable() or len(value) > TEXTS[key]:
        faults.append(Fault(f"{key}: {value!r:.60} is no text of one line", f"give at most {TEXTS[key]} characters"))
        return ""
    return value


def _instant(line: Mapping[str, object], known: Known, faults: list[Fault]) -> datetime | None:
    value = line.get("mid_exposure")
    mend = "give ISO 8601 with a zone, such as 2026-03-20T02:15:30Z"
    if value is None:
        if known.mid_exposure is None:
            faults.append(Fault("mid_exposure is missing", mend))
        return known.mid_exposure
    try:
        when = datetime.fromisoformat(str(value))
    except ValueError:
        faults.append(Fault(f"mid_exposure: {value!r:.60} is not a time", mend))
        return None
    if when.tzinfo is None:
        faults.append(Fault(f"mid_exposure: {value!r:.60} has no zone", mend))
        return None
    try:
        utc = when.astimezone(UTC)
    except OverflowError:
        utc = EARLIEST
    if not EARLIEST < utc < LATEST:
        faults.append(Fault(f"mid_exposure: {value!r:.60} is not of this age", mend))
    return utc


def _cutout(line: Mapping[str, object], faults: list[Fault]) -> bytes:
    value = line.get("cutout_png")
    if value is None:
        return b""
    try:
        cutout = base64.b64decode(str(value), validate=True)
    except (binascii.Error, ValueError):
        cutout = b""
    if not cutout.startswith(PNG):
        faults.append(Fault("cutout_png is no PNG in base64", "encode the file's bytes, or leave it out"))
    return cutout
