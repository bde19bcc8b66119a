"""Rows of MPCORB.DAT: fixed width, packed dates and designations.

Format: https://www.minorplanetcenter.net/iau/info/MPOrbitFormat.html.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from coordinator.catalogues.minor_planets.designations import mjd_of_packed, unpacked
from coordinator.catalogues.minor_planets.elements import NAME_BYTES, Elements, motion_of, perihelion
from telescopes.description.ephemeris import Array

RULE = b"-" * 40
"""The header ends with a line of these."""

_FIELDS = {
    "absolute magnitude": (8, 13),
    "slope": (14, 19),
    "mean anomaly": (26, 35),
    "argument of perihelion": (37, 46),
    "node": (48, 57),
    "inclination": (59, 68),
    "eccentricity": (70, 79),
    "semi-major axis": (92, 103),
}
_OPTIONAL = ("absolute magnitude", "slope")
_EPOCH = slice(20, 25)
_READABLE = slice(166, 194)
_PACKED = slice(0, 7)
_WIDTH = 194
_NEEDED = 103
"""Columns to the end of the last number that is needed."""


def is_body(line: bytes) -> bool:
    """Say whether a line is a row of MPCORB, as a file without its header begins with."""
    if len(line) < _NEEDED:
        return False
    try:
        mjd_of_packed(line[_EPOCH].decode())
        float(line[92:103])
    except ValueError:
        return False
    return True


def read(lines: list[bytes]) -> tuple[Elements, dict[int, str]]:
    """Read rows; return those that are good, and of the others what is wrong by their places."""
    text = np.array([line[:_WIDTH].ljust(_WIDTH) for line in lines], f"S{_WIDTH}")
    signs = text.view("S1").reshape(len(lines), _WIDTH)
    wrong: dict[int, str] = {i: "is too short for a row" for i, line in enumerate(lines) if len(line) < _NEEDED}
    number = {what: _numbers(signs, start, end, what, wrong) for what, (start, end) in _FIELDS.items()}
    epoch = _epochs(lines, wrong)
    good = np.ones(len(lines), bool)
    good[list(wrong)] = False
    number = {what: values[good] for what, values in number.items()}
    return _elements(_names(lines, good), epoch[good], number), wrong


def _elements(names: NDArray[np.bytes_], epoch: Array, number: dict[str, Array]) -> Elements:
    """Make elements; the motion comes of the axis, which has more digits."""
    a, e = number["semi-major axis"], number["eccentricity"]
    with np.errstate(invalid="ignore", divide="ignore"):
        tp = perihelion(epoch, number["mean anomaly"], motion_of(a))
    return Elements.of(
        names,
        epoch_mjd=epoch,
        q_au=a * (1.0 - e),
        e=e,
        incl_deg=number["inclination"],
        node_deg=number["node"],
        peri_deg=number["argument of perihelion"],
        tp_mjd=tp,
        h_mag=number["absolute magnitude"],
        slope=number["slope"],
    )


def _numbers(signs: NDArray[np.bytes_], start: int, end: int, what: str, wrong: dict[int, str]) -> Array:
    """Read one column of all rows at once; where that fails, each row for itself."""
    column = np.ascontiguousarray(signs[:, start:end]).view(f"S{end - start}").ravel()
    column = np.char.strip(column)
    if what in _OPTIONAL:
        column = np.where(column == b"", b"nan", column)
    try:
        return column.astype(np.float64)
    except ValueError:
        return np.array([_number(text, i, what, wrong) for i, text in enumerate(column)], np.float64)


def _number(text: bytes, row: int, what: str, wrong: dict[int, str]) -> float:
    try:
        return float(text)
    except ValueError:
        wrong.setdefault(row, f"{what} is {text.decode(errors='replace')!r}, no number")
        return float("nan")


def _epochs(lines: list[bytes], wrong: dict[int, str]) -> Array:
    found = np.full(len(lines), np.nan)
    for i, line in enumerate(lines):
        try:
            found[i] = _mjd(line[_EPOCH])
        except ValueError as error:
            wrong.setdefault(i, f"epoch {error}")
    return found


@lru_cache(maxsize=4096)
def _mjd(packed: bytes) -> float:
    return mjd_of_packed(packed.decode(errors="replace"))


def _names(lines: list[bytes], good: NDArray[np.bool_]) -> NDArray[np.bytes_]:
    """Take the readable designation, else the packed one unpacked."""
    kept = (line for line, is_good in zip(lines, good, strict=True) if is_good)
    return np.array(
        [line[_READABLE].strip() or unpacked(line[_PACKED].decode(errors="replace")).encode() for line in kept],
        f"S{NAME_BYTES}",
    )
