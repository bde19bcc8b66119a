"""What a reduction is told about a frame, and what its lines say: pure translation, both ways."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import msgspec

from telescopes.agent.held import Depth, Held
from telescopes.description.detection_lines import Fault, Known, read_detection
from telescopes.description.json_line import NoJson, read_json_line
from telescopes.description.messages import Detection, ExposureResult

DEEPEST_MAG = 40.0
WIDEST_ARCSEC = 3600.0


@dataclass(frozen=True, slots=True)
class Reduced:
    """What a reduction found; `faults` are lines that cannot be used, with their numbers."""

    depth: Depth
    detections: tuple[Detection, ...]
    faults: tuple[str, ...]


def told(held: Held, exposure: ExposureResult) -> bytes:
    """Write what the program reads: the image's path, the pointing and where the mount really looked, the exposure."""
    aim = held.aim
    pointing = msgspec.to_builtins(held.pointing) | {
        "actual_ra_deg": aim.ra_deg if aim else None,
        "actual_dec_deg": aim.dec_deg if aim else None,
        "actual_position_angle_deg": aim.position_angle_deg if aim else None,
    }
    said = {"image": local_path(exposure.image_uri), "pointing": pointing, "exposure": msgspec.to_builtins(exposure)}
    return msgspec.json.encode(said) + b"\n"


def local_path(uri: str) -> str:
    """Return the path of a local file's URI; of anything else the URI itself."""
    try:
        parts = urlsplit(uri)
    except ValueError:  # A driver's program may call its image anything.
        return uri
    if parts.scheme != "file":
        return uri
    return str(Path(url2pathname(parts.path)))


def understood(lines: Sequence[bytes], held: Held, exposure: ExposureResult) -> Reduced:
    """Read what the program printed; a line that is wrong costs no other.

    A line with a place is a detection, one without says how deep the image is. What a detection leaves out is
    taken from the exposure.
    """
    faults: list[str] = []
    said = [(n, _object(n, line, faults)) for n, line in enumerate(lines, 1) if line.strip()]
    depth, detections = Depth(exposure.limiting_mag_ab, exposure.fwhm_arcsec), []
    for n, facts in said:
        if facts and "ra_deg" not in facts:
            depth = _depth(n, facts, depth, faults)
    known = Known(
        pointing_id=held.pointing.pointing_id,
        exposure_index=exposure.exposure_index,
        filter=exposure.filter,
        mid_exposure=exposure.start + (exposure.end - exposure.start) / 2,
        limiting_mag_ab=depth.limiting_mag_ab,
        image_uri=exposure.image_uri,
    )
    for n, facts in said:
        if facts and "ra_deg" in facts:
            read = read_detection(facts, held.pointing.telescope_id, known)
            if isinstance(read, Detection):
                detections.append(read)
            else:
                faults += [f"line {n}: {fault}" for fault in read]
    return Reduced(depth, tuple(detections), tuple(faults))


def _object(n: int, line: bytes, faults: list[str]) -> dict[str, object]:
    try:
        facts: dict[str, object] = read_json_line(line, dict[str, object])
    except NoJson as error:
        faults.append(f"line {n}: is no JSON object ({error}); print one object a line")
        return {}
    return facts


def _depth(n: int, facts: dict[str, object], known: Depth, faults: list[str]) -> Depth:
    odd = [Fault(f"no such key: {key!r:.60}", "take it out") for key in facts if key not in Depth.__slots__]
    limit = _within(facts, "limiting_mag_ab", -DEEPEST_MAG, DEEPEST_MAG, odd)
    fwhm = _within(facts, "fwhm_arcsec", 0.0, WIDEST_ARCSEC, odd)
    faults += [f"line {n}: {fault}" for fault in odd]
    return Depth(known.limiting_mag_ab if limit is None else limit, known.fwhm_arcsec if fwhm is None else fwhm)


def _within(facts: dict[str, object], key: str, low: float, high: float, faults: list[Fault]) -> float | None:
    value = facts.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        faults.append(Fault(f"{key}: {value!r:.60} is no sensible number", f"give one between {low:g} and {high:g}"))
        return None
    return float(value)
