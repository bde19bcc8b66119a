"""The sky that a plan covers, as a multi-order coverage map (IVOA MOC 2.0), exact to the pixels of order 12."""

import io
import json
from typing import Any

import numpy as np
from mocpy import MOC

from coordinator.publishing.planned_search import PlannedSearch
from coordinator.sky.nested import MAX_ORDER
from coordinator.sky.ranges import RANGE_ORDER, Ranges


def moc_of(ranges: Ranges) -> MOC:
    """Sky as a MOC of order 12."""
    shift = 2 * (MAX_ORDER - RANGE_ORDER)
    edges = np.stack([ranges.low, ranges.high], axis=-1).astype(np.uint64) << np.uint64(shift)
    return MOC.from_depth29_ranges(RANGE_ORDER, edges)


def as_fits(search: PlannedSearch) -> bytes:
    """Write the union of the fields that are shown; the header names event, map and plan."""
    hdus: Any = moc_of(search.covered).serialize("fits")
    header = hdus[1].header
    for key, value, comment in _cards(search):
        header[key] = (value, comment)
    for line in filter(None, (*search.part, search.why_empty())):
        header.add_comment(_ascii(line))
    out = io.BytesIO()
    hdus.writeto(out)
    return out.getvalue()


def as_json(search: PlannedSearch) -> bytes:
    """Write the union of the fields that are shown: pixels by order; there is no room for anything else."""
    return json.dumps(moc_of(search.covered).serialize("json")).encode() + b"\n"


def _cards(search: PlannedSearch) -> list[tuple[str, Any, str]]:
    return [
        ("OBJECT", _ascii(search.event.key), "event"),
        ("ORIGIN", "Armillary", "who planned"),
        ("DATE-BEG", search.start.strftime("%Y-%m-%dT%H:%M:%S"), "window, UTC"),
        ("DATE-END", search.end.strftime("%Y-%m-%dT%H:%M:%S"), "window, UTC"),
        ("SKYMAP", search.event.skymap_sha256, ""),
        ("NPOINT", len(search.pointings), "pointings"),
        ("PROB", round(search.probability, 7), "probability covered"),
        ("AREADEG2", round(search.covered.area_deg2, 4), "[deg2] area covered"),
    ]


def _ascii(text: str) -> str:
    """Text as a FITS header takes it: one line, without signs of other alphabets."""
    return " ".join(text.split()).encode("ascii", "replace").decode()
