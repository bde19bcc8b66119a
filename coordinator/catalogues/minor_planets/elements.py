"""Orbital elements of many bodies, as arrays; one set of numbers for ellipses, parabolas and hyperbolas."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from telescopes.description.ephemeris import Array

GAUSS = 0.01720209895
"""Gaussian gravitational constant: square root of the Sun's mass, in au^1.5 per day."""

NAME_BYTES = 32
NUMBERS = ("epoch_mjd", "q_au", "e", "incl_deg", "node_deg", "peri_deg", "tp_mjd", "h_mag", "slope")
RECORD = np.dtype([("name", f"S{NAME_BYTES}"), *((name, "<f8") for name in NUMBERS)])


@dataclass(frozen=True, slots=True, eq=False)
class Elements:
    """Heliocentric elements, ecliptic and equinox J2000.

    Attributes
    ----------
    records : structured array of `RECORD`, shape (n,)
        `epoch_mjd` (osculation) and `tp_mjd` (perihelion) in TT; `q_au` perihelion distance; angles in degrees;
        `h_mag` absolute magnitude and `slope` of the HG system, NaN where unknown.
    """

    records: NDArray[np.void]

    def __len__(self) -> int:
        return int(self.records.size)

    def __getitem__(self, rows: NDArray[np.int64] | slice) -> "Elements":
        return Elements(self.records[rows])

    @classmethod
    def of(cls, names: Sequence[str] | NDArray[np.bytes_], **numbers: Array | float) -> "Elements":
        """Put columns together; names longer than 32 bytes are cut."""
        records = np.zeros(len(names), RECORD)
        records["name"] = names if isinstance(names, np.ndarray) else [n.encode()[:NAME_BYTES] for n in names]
        for name in NUMBERS:
            records[name] = numbers[name]
        return cls(records)

    @classmethod
    def joined(cls, parts: Sequence["Elements"]) -> "Elements":
        """Put parts behind one another."""
        return cls(np.concatenate([part.records for part in parts]) if parts else np.zeros(0, RECORD))

    @property
    def names(self) -> list[str]:
        """Names, for people."""
        return [name.decode(errors="replace") for name in self.records["name"]]

    @property
    def are_possible(self) -> NDArray[np.bool_]:
        """Say which describe an orbit about the Sun."""
        r = self.records
        known = np.all([np.isfinite(r[name]) for name in NUMBERS[:7]], axis=0)
        with np.errstate(invalid="ignore"):
            return np.asarray(known & (r["q_au"] > 0) & (r["e"] >= 0))


def perihelion(epoch_mjd: Array | float, mean_anomaly_deg: Array | float, motion_deg_d: Array | float) -> Array:
    """Return the time of the perihelion that is nearest to the epoch, MJD."""
    turned = np.mod(np.asarray(mean_anomaly_deg, np.float64) + 180.0, 360.0) - 180.0
    return np.asarray(epoch_mjd - turned / motion_deg_d)


def motion_of(a_au: Array | float) -> Array:
    """Return the mean motion of a semi-major axis, degrees per day (Kepler's third law, no mass but the Sun's)."""
    return np.degrees(GAUSS / np.asarray(a_au, np.float64) ** 1.5)
