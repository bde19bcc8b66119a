"""Rows of xephem's database: elliptic (e), hyperbolic (h) and parabolic (p) orbits of equinox 2000.

Format: https://xephem.github.io/XEphem/Site/help/xephem.html, "File formats".
"""

from datetime import date

import numpy as np

from coordinator.catalogues.minor_planets.elements import Elements, motion_of, perihelion
from coordinator.catalogues.minor_planets.observer import JD_OF_MJD_0

_MJD_OF_ORDINAL_0 = -678576
_KINDS = (b"e", b"h", b"p")
_LENGTH = {"e": 11, "h": 9, "p": 8}
_FROM_JD = 1_000_000.0
"""A date without slashes is a year with a fraction, or beyond this a Julian date."""


def is_body(line: bytes) -> bool:
    """Say whether a line is an orbit about the Sun."""
    fields = line.split(b",")
    return len(fields) > 7 and fields[1].strip() in _KINDS


def read(lines: list[bytes]) -> tuple[Elements, dict[int, str]]:
    """Read rows; return those that are good, and of the others what is wrong by their places."""
    names: list[str] = []
    rows: list[dict[str, float]] = []
    wrong: dict[int, str] = {}
    for i, line in enumerate(lines):
        name, *fields = (field.strip() for field in line.decode(errors="replace").split(","))
        try:
            rows.append(_body(fields))
        except (ValueError, OverflowError, ZeroDivisionError) as error:
            wrong[i] = str(error)
            continue
        names.append(name.split("|")[0])
    keys = rows[0] if rows else Elements.joined([]).records.dtype.names or ()
    columns = {key: np.array([row[key] for row in rows], np.float64) for key in keys if key != "name"}
    return Elements.of(names, **columns), wrong


def _body(fields: list[str]) -> dict[str, float]:
    kind, numbers = fields[0][:1], fields[1:]
    if kind not in _LENGTH:
        raise ValueError(f"{fields[0][:8]!r} is no orbit about the Sun (e, h or p)")
    if len(numbers) < _LENGTH[kind] - 1:
        raise ValueError(f"{len(fields)} fields behind its name are too few for an orbit of kind {kind}")
    return {"e": _ellipse, "h": _hyperbola, "p": _parabola}[kind](numbers)


def _ellipse(f: list[str]) -> dict[str, float]:
    incl, node, peri, a, _, e, anomaly = map(float, f[:7])
    epoch = _mjd(f[7])
    tp = float(perihelion(epoch, anomaly, float(motion_of(a))))
    return _row(epoch, a * (1.0 - e), e, (incl, node, peri), tp, f[8:])


def _hyperbola(f: list[str]) -> dict[str, float]:
    tp, (incl, node, peri, e, q) = _mjd(f[0]), map(float, f[1:6])
    return _row(tp, q, e, (incl, node, peri), tp, f[6:])


def _parabola(f: list[str]) -> dict[str, float]:
    tp, (incl, peri, q, node) = _mjd(f[0]), map(float, f[1:5])
    return _row(tp, q, 1.0, (incl, node, peri), tp, f[5:])


def _row(
    epoch: float, q: float, e: float, angles: tuple[float, float, float], tp: float, rest: list[str]
) -> dict[str, float]:
    """Put a row together; `rest` is equinox, H and G, the latter of another system where a letter says so."""
    if _mjd(rest[0]) != _mjd("2000"):
        raise ValueError(f"its equinox is {rest[0]}, not 2000")
    h, g = ([*rest[1:3], "", ""])[:2]
    own_system = h[:1].isalpha() and h[0] != "H"
    return {
        "epoch_mjd": epoch,
        "q_au": q,
        "e": e,
        "incl_deg": angles[0],
        "node_deg": angles[1],
        "peri_deg": angles[2],
        "tp_mjd": tp,
        "h_mag": float("nan") if own_system or not h else float(h.lstrip("H")),
        "slope": float("nan") if own_system or not g else float(g),
    }


def _mjd(text: str) -> float:
    """Read month/day/year with a fraction of a day, a year with a fraction, or a Julian date."""
    if "/" in text:
        month, day, year = text.split("/")
        whole, fraction = divmod(float(day), 1.0)
        return date(int(year), int(month), int(whole)).toordinal() + _MJD_OF_ORDINAL_0 + fraction
    value = float(text)
    if value > _FROM_JD:
        return value - JD_OF_MJD_0
    year_ = int(value)
    start = date(year_, 1, 1).toordinal()
    days = (value - year_) * (date(year_ + 1, 1, 1).toordinal() - start)
    return round(start + _MJD_OF_ORDINAL_0 + days, 5)  # a year has no more digits than that
