"""The image as Alpaca sends it: ImageBytes, or the older JSON."""

import json
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

HEADER = struct.Struct("<11i")
TYPES = {1: "<i2", 2: "<i4", 3: "<f8", 4: "<f4", 5: "<u8", 6: "u1", 7: "<i8", 8: "<u2", 9: "<u4"}
LARGEST_SIDE = 30_000


class NoImage(ValueError):
    """The bytes hold no image that we can write, and why."""


def read_image(media_type: str, body: bytes) -> NDArray[Any]:
    """Return rows and columns, the first row at the bottom.

    Raises
    ------
    NoImage
        The device says an error, or sends something else.

    Notes
    -----
    Both forms hold ``[x][y]`` with the first row at the top.
    """
    columns = _from_bytes(body) if "imagebytes" in media_type else _from_json(body)
    return np.ascontiguousarray(columns.T[::-1])


def _from_bytes(body: bytes) -> NDArray[Any]:
    if len(body) < HEADER.size:
        raise NoImage(f"{len(body)} bytes are no image")
    version, error, _, _, start, _, sent_as, rank, width, height, _ = HEADER.unpack_from(body)
    if version != 1:
        raise NoImage(f"ImageBytes version {version} is not known")
    if error:
        raise NoImage(f"{body[max(start, 0) :][:200].decode('utf-8', 'replace')} (0x{error:X})")
    if rank != 2 or sent_as not in TYPES:
        raise NoImage(f"an image of rank {rank} and type {sent_as} is no single plane")
    kind = np.dtype(TYPES[sent_as])
    if not (0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE) or start < HEADER.size:
        raise NoImage(f"an image of {width} by {height} from byte {start} makes no sense")
    if len(body) - start < width * height * kind.itemsize:
        raise NoImage(f"{len(body)} bytes are too few for {width} by {height} pixels")
    return np.frombuffer(body, kind, width * height, start).reshape(width, height)


def _from_json(body: bytes) -> NDArray[Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NoImage("neither ImageBytes nor JSON") from error
    if not isinstance(answer, dict) or answer.get("ErrorNumber", 0):
        said = answer.get("ErrorMessage") if isinstance(answer, dict) else answer
        raise NoImage(str(said)[:200])
    try:
        columns = np.asarray(answer.get("Value"))
    except ValueError as error:
        raise NoImage("columns of unlike length") from error
    if columns.ndim != 2 or columns.dtype.kind not in "iuf" or not columns.size:
        raise NoImage(f"an image of shape {columns.shape} is no single plane")
    return columns
