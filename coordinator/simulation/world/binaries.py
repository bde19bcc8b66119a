"""Merging stars: where they are, how far, and how they are turned; drawn from a full universe or from a table.

In a universe that is full of them out to a distance that no detector reaches, ``d ~ U^(1/3)``, directions and
orientations are even. The tables are those of the observing scenarios (Kiendrebeogo et al. 2023, arXiv:2306.09234):
angles in radians, masses as the detectors see them, (1 + z) times the true ones.
"""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from telescopes.description.errors import Refused

REFERENCE_CHIRP_MSUN = 1.4 / 2.0**0.2
"""Of 1.4 and 1.4 solar masses, for which ranges are given."""

GPS_EPOCH = datetime(1980, 1, 6, tzinfo=UTC)
GPS_LEAP_S = 18
"""GPS less UTC since 2017."""


@dataclass(frozen=True, slots=True)
class Binary:
    """One merger; masses are as the detectors see them, `spin1` is the heavier one's along the orbit."""

    ra_deg: float
    dec_deg: float
    distance_mpc: float
    inclination_deg: float
    polarisation_deg: float
    merged: datetime
    mass1_detector_msun: float = 1.4
    mass2_detector_msun: float = 1.4
    spin1: float = 0.0

    @property
    def loudness(self) -> float:
        """How much louder it is than two stars of 1.4: as the chirp mass to 5/6."""
        product = self.mass1_detector_msun * self.mass2_detector_msun
        chirp = product**0.6 / (self.mass1_detector_msun + self.mass2_detector_msun) ** 0.2
        return float((chirp / REFERENCE_CHIRP_MSUN) ** (5.0 / 6.0))


def drawn_binary(rng: np.random.Generator, within_mpc: float, merged: datetime) -> Binary:
    """Draw two neutron stars of 1.4 solar masses anywhere within a distance."""
    return Binary(
        ra_deg=float(rng.uniform(0.0, 360.0)),
        dec_deg=float(np.degrees(np.arcsin(rng.uniform(-1.0, 1.0)))),
        distance_mpc=float(within_mpc * rng.random() ** (1.0 / 3.0)),
        inclination_deg=float(np.degrees(np.arccos(rng.uniform(-1.0, 1.0)))),
        polarisation_deg=float(rng.uniform(0.0, 180.0)),
        merged=merged,
    )


def drawn_from(rng: np.random.Generator, table: Sequence[Binary]) -> Binary:
    """Draw one of a table, with all its figures; only the polarisation, which tables lack, is made up."""
    return replace(table[int(rng.integers(len(table)))], polarisation_deg=float(rng.uniform(0.0, 180.0)))


def read_binaries(path: Path) -> tuple[Binary, ...]:
    """Read a table of injections.

    Raises
    ------
    Refused
        A column is missing, a row is no row of numbers, or the table is empty.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            found = tuple(_binary(path, n, row) for n, row in enumerate(csv.DictReader(file), start=2))
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"cannot be read: {error}", where=str(path), mend="give a CSV table of injections") from error
    if not found:
        raise Refused("holds no merger", where=str(path), mend="give a CSV table with rows below its header")
    return found


def _binary(path: Path, line: int, row: dict[str, str]) -> Binary:
    try:
        degrees = [math.degrees(float(row[name])) for name in ("ra_rad", "dec_rad", "inclination_rad")]
        distance, mass1, mass2, spin, gps = (
            float(row[name])
            for name in ("distance_mpc", "mass1_detector_msun", "mass2_detector_msun", "spin1z", "gps_time_s")
        )
        merged = GPS_EPOCH + timedelta(seconds=gps - GPS_LEAP_S)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise Refused(f"not a merger: {error!r}", where=f"{path}:{line}", mend="give angles in radians") from error
    if not (all(map(math.isfinite, (*degrees, distance, mass1, mass2, spin))) and min(distance, mass1, mass2) > 0):
        raise Refused("not a merger: a figure is not positive", where=f"{path}:{line}", mend="mend or drop the row")
    return Binary(degrees[0], degrees[1], distance, degrees[2], 0.0, merged, mass1, mass2, spin)
