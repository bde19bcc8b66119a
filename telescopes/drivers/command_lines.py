"""What the `command` driver and a program say to each other: a pointing in JSON, lines of JSON back."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from telescopes.description.bounds import LONGEST_EXPOSURE_S
from telescopes.description.clocks import EARLIEST, LATEST
from telescopes.description.detection_lines import Known, read_detection
from telescopes.description.json_line import NoJson, read_json_line
from telescopes.description.messages import Detection, Pointing
from telescopes.description.states import Reason
from telescopes.description.telescope import Instrument
from telescopes.drivers.driver import Aim, Frame
from telescopes.drivers.whole_pointing import Asked, Taken

SCHEMA = "armillary.pointing/1"
LONGEST_TEXT = 2000
CLOCKS_APART = timedelta(seconds=2)

RaDeg = Annotated[float, Meta(ge=0, le=360)]
DecDeg = Annotated[float, Meta(ge=-90, le=90)]
Magnitude = Annotated[float, Meta(ge=-5, le=40)]
Arcsec = Annotated[float, Meta(ge=0, le=3600)]
Fraction = Annotated[float, Meta(ge=0, le=1)]
Utc = Annotated[datetime, Meta(tz=True)]
Text = Annotated[str, Meta(max_length=LONGEST_TEXT)]
Seconds = Annotated[float, Meta(gt=0, le=LONGEST_EXPOSURE_S)]


class Place(Struct, frozen=True):
    """Where the telescope really looks."""

    ra_deg: RaDeg
    dec_deg: DecDeg
    position_angle_deg: float | None = None

    @property
    def aim(self) -> Aim:
        """The place as the agent knows it."""
        return Aim(self.ra_deg % 360, self.dec_deg, self.position_angle_deg)


class Slewing(Struct, frozen=True, tag_field="state", tag="SLEWING"):
    """It is on its way."""

    fraction: Fraction | None = None
    expected_end: Utc | None = None
    at: Place | None = None


class ExposingLine(Struct, frozen=True, tag_field="state", tag="EXPOSING"):
    """The shutter is open, or the pointing goes on; `fraction` of the whole."""

    fraction: Fraction | None = None
    expected_end: Utc | None = None
    at: Place | None = None


class Exposed(Struct, frozen=True, tag_field="state", tag="EXPOSED"):
    """One exposure was taken; `detections` are read one by one, so that a bad one costs neither it nor another."""

    start: Utc
    end: Utc
    exposure_s: Seconds
    filter: Annotated[str, Meta(max_length=128)] | None = None
    limiting_mag_ab: Magnitude | None = None
    fwhm_arcsec: Arcsec | None = None
    image: Text = ""
    image_sha256: Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")] = ""
    at: Place | None = None
    detections: msgspec.Raw = msgspec.Raw(b"[]")


class Ending(Struct, frozen=True, tag_field="state", tag="ENDING"):
    """Why it ends as it does; the status of the program says how."""

    reason: Reason | None = None
    detail: Text = ""
    retry_after_s: Annotated[float, Meta(ge=0, le=86_400)] | None = None


Said = Slewing | ExposingLine | Exposed | Ending


class BadLine(ValueError):
    """A line that means nothing here; says why."""


def read_line(line: bytes, asked: Asked, now: datetime) -> Said:
    """Understand one line of a program that came `now`.

    Raises
    ------
    BadLine
        It is no JSON, has no known state, or a value in it makes no sense.
    """
    try:
        said: Said = read_json_line(line, Said)
    except NoJson as error:
        raise BadLine(str(error)) from error
    if isinstance(said, Exposed):
        _check_filter(said, asked.pointing)
        _check_times(said, asked.begun, now)
    return said


def unknown_keys(line: bytes, said: Said) -> list[str]:
    """Return the keys of a line that mean nothing: slips of the pen, mostly.

    Raises
    ------
    BadLine
        A key is none: only the keys that mean something were read until now.
    """
    try:
        keys: dict[str, msgspec.Raw] = read_json_line(line, dict[str, msgspec.Raw])
    except NoJson as error:
        raise BadLine(str(error)) from error
    return sorted(set(keys) - {"state", *said.__struct_fields__})


def _check_filter(said: Exposed, pointing: Pointing) -> None:
    asked = {exposure.filter for exposure in pointing.exposures}
    if said.filter is None and len(asked) != 1:
        raise BadLine(f"filter is missing; give one of {', '.join(sorted(asked))}")
    if said.filter is not None and said.filter not in asked:
        raise BadLine(f"filter {said.filter!r} is none of those that are asked for: {', '.join(sorted(asked))}")


def _check_times(said: Exposed, begun: datetime, now: datetime) -> None:
    """Believe no exposure from before it was asked for, and none from the future."""
    if said.end <= said.start:
        raise BadLine("it ends before it starts")
    if (said.end - said.start) < timedelta(seconds=0.5 * said.exposure_s):
        raise BadLine(f"{said.exposure_s:g} s do not fit between start and end")
    if said.start < begun - CLOCKS_APART:
        raise BadLine(f"it began before it was asked for, at {begun:%Y-%m-%dT%H:%M:%SZ}")
    if said.end > now + CLOCKS_APART:
        raise BadLine("it ends in the future")


def _uri(image: str) -> str:
    """Return the address of an image that is named by its path, or the address that it is named by."""
    if not image or "://" in image:
        return image
    return Path(image).absolute().as_uri()


def taken_of(said: Exposed, pointing: Pointing, index: int) -> tuple[Taken, list[str]]:
    """Return what a program says it exposed as what the agent keeps, and what is wrong with its detections."""
    filter_ = said.filter or pointing.exposures[0].filter
    known = Known(
        pointing_id=pointing.pointing_id,
        exposure_index=index,
        filter=filter_,
        mid_exposure=said.start + (said.end - said.start) / 2,
        limiting_mag_ab=said.limiting_mag_ab,
        image_uri=_uri(said.image),
    )
    detections, faults = _detections(said.detections, pointing.telescope_id, known)
    frame = Frame(
        start=said.start,
        end=said.end,
        exposure_s=said.exposure_s,
        limiting_mag_ab=said.limiting_mag_ab,
        fwhm_arcsec=said.fwhm_arcsec,
        image_uri=_uri(said.image),
        image_sha256=said.image_sha256,
        detections=tuple(detections),
    )
    return Taken(filter_, frame), faults


def _detections(listed: msgspec.Raw, telescope_id: str, known: Known) -> tuple[list[Detection], list[str]]:
    """Read detections by the rules that hold for all of them, wherever they come from."""
    found: list[Detection] = []
    faults: list[str] = []
    try:
        each: list[msgspec.Raw] = read_json_line(bytes(listed), list[msgspec.Raw] | None) or []
    except NoJson as error:
        return [], [f"detections are no list of objects ({error})"]
    for n, one in enumerate(each, 1):
        try:
            read = read_detection(read_json_line(bytes(one), dict[str, object]), telescope_id, known)
        except NoJson as error:
            faults.append(f"detection {n} is no JSON object ({error}); give an object for each")
            continue
        if isinstance(read, Detection):
            found.append(read)
        else:
            faults += [f"detection {n}: {fault}" for fault in read]
    return found, faults


def end_of_work(fraction: float | None, expected: datetime | None, began: datetime, now: datetime) -> datetime | None:
    """Return when it should end: as said, or else by how much was done in the time that it took; None: unknown."""
    if expected is not None or not fraction:
        return expected
    try:
        return began + (now - began) / fraction
    except OverflowError:  # So little was done that the end lies beyond the calendar.
        return None


def pointing_json(pointing: Pointing, instrument: Instrument, first_exposure: int, now: datetime) -> bytes:
    """Write a pointing as a program reads it: one line of JSON."""
    plain: dict[str, object] = msgspec.to_builtins(pointing)
    for key in ("accept_within_s", "traceparent", "require_human_approval", "may_interrupt"):
        plain.pop(key)
    said = {
        "schema": SCHEMA,
        "sent": now,
        "first_exposure": first_exposure,
        "instrument": {"id": instrument.id, "filters": list(instrument.filters)},
    }
    return msgspec.json.encode({**said, **plain}) + b"\n"


class SafetyLine(Struct, frozen=True):
    """What a safety program prints; None: unknown."""

    safe: bool
    blocking: list[Reason] = []
    unavailable_until: Utc | None = None
    temperature_c: float | None = None
    humidity_pct: float | None = None
    wind_mps: float | None = None
    rain_mm_per_h: float | None = None
    cloud_cover_pct: float | None = None
    sky_quality_mag_arcsec2: float | None = None
    seeing_arcsec: float | None = None


def read_safety(line: bytes) -> SafetyLine:
    """Understand the line of a safety program.

    Raises
    ------
    BadLine
        It says no safety.
    """
    try:
        said: SafetyLine = read_json_line(line, SafetyLine)
    except NoJson as error:
        raise BadLine(str(error)) from error
    if said.unavailable_until is not None and not EARLIEST < said.unavailable_until < LATEST:
        raise BadLine(f"unavailable_until is not of this age: {said.unavailable_until.isoformat()}")
    return said


DONE, PARTIAL, REJECTED, FAILED, RETRY = 0, 10, 20, 30, 75
"""How a program ends."""
