"""What detectors measure of a merger: a loudness and a time of arrival each.

A binary that is seen face on at its zenith has a signal-to-noise ratio of 8 at 2.26 times a detector's range, so
``SNR_k = 8 (2.26 range_k / d) sqrt((F+ (1 + c^2) / 2)^2 + (Fx c)^2)``, c the cosine of the inclination (Finn and
Chernoff 1993, Phys. Rev. D 47, 2198). A time is good to ``sigma_k = 1 / (2 pi sigma_f SNR_k)`` (Fairhurst 2009, New J.
Phys. 11, 123006). Both are measured with noise; which merger is heard depends on what was measured, as it is with
real ones, so nothing of a selection has to be undone when a map is made of it. A loudness has an error of 1 beside that
of the calibration, 10 % (assumed: about twice what detectors state, for the waveforms are not known better). Phases are
left out.
"""

from dataclasses import dataclass

import erfa
import numpy as np
from numpy.typing import NDArray

from coordinator.simulation.world.binaries import Binary
from coordinator.simulation.world.detectors import Network, antennas
from telescopes.description.ephemeris import UNIX_EPOCH_JD, directions, unix_s

Array = NDArray[np.float64]

HORIZON_OVER_RANGE = 2.26
SNR_AT_HORIZON = 8.0
LOUD_SNR = 4.0
TOGETHER_SNR = 12.0
TIMED_SNR = 1.0
"""A detector that hears less gives no time; what it does not hear is used."""

BANDWIDTH_HZ = 100.0
CALIBRATION = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """What was measured.

    Attributes
    ----------
    network : Network
        Detectors that were up.
    snr : float64 array, shape (detectors,)
        Measured, with noise: may be below 0.
    arrival_s : float64 array, shape (detectors,)
        After the wave passed the Earth's centre, with noise.
    timing_s : float64 array, shape (detectors,)
        1-sigma error of each arrival; inf: no time.
    loudness : float
        Of the masses, which are taken as known.
    sidereal_rad : float
        By which the Earth was turned.
    """

    network: Network
    snr: Array
    arrival_s: Array
    timing_s: Array
    loudness: float
    sidereal_rad: float

    @property
    def is_found(self) -> bool:
        """Whether this is an alert: two detectors above 4, or the only one that is up; all together above 12."""
        heard = np.maximum(self.snr, 0.0)
        enough = min(2, heard.size)
        return bool((heard > LOUD_SNR).sum() >= enough and np.sqrt((heard**2).sum()) > TOGETHER_SNR)

    @property
    def range_snr_mpc(self) -> Array:
        """SNR times Mpc of each detector for a source that it hears best, shape (detectors,)."""
        return SNR_AT_HORIZON * HORIZON_OVER_RANGE * self.network.ranges_mpc * self.loudness

    def blurred(self, rng: np.random.Generator, times: float) -> "Heard":
        """The same as it is known earlier, with times so many times less sure."""
        more = self.timing_s * np.sqrt(times**2 - 1.0)
        off = np.where(np.isfinite(more), more, 0.0) * rng.normal(size=more.size)
        return Heard(
            self.network, self.snr, self.arrival_s + off, self.timing_s * times, self.loudness, self.sidereal_rad
        )


def hear(rng: np.random.Generator, network: Network, binary: Binary, bandwidth_hz: float = BANDWIDTH_HZ) -> Heard:
    """Measure a merger, loud or not."""
    turned = sidereal_rad(unix_s(binary.merged))
    towards = directions([binary.ra_deg - np.degrees(turned)], [binary.dec_deg])
    plus, cross = antennas(network, towards)
    twice = 2.0 * np.radians(binary.polarisation_deg)
    f_plus = plus[:, 0] * np.cos(twice) + cross[:, 0] * np.sin(twice)
    f_cross = cross[:, 0] * np.cos(twice) - plus[:, 0] * np.sin(twice)
    c = np.cos(np.radians(binary.inclination_deg))
    best = SNR_AT_HORIZON * HORIZON_OVER_RANGE * network.ranges_mpc * binary.loudness / binary.distance_mpc
    true = best * np.hypot(f_plus * (1.0 + c * c) / 2.0, f_cross * c)
    snr = true + snr_errors(true) * rng.normal(size=best.size)
    timing = timing_errors_s(snr, bandwidth_hz)
    off = np.where(np.isfinite(timing), timing, 0.0) * rng.normal(size=best.size)
    return Heard(network, snr, off - network.light_s @ towards[0], timing, binary.loudness, turned)


def snr_errors(snr: Array) -> Array:
    """1-sigma error of loudnesses."""
    return np.hypot(1.0, CALIBRATION * np.maximum(snr, 0.0))


def timing_errors_s(snr: Array, bandwidth_hz: float = BANDWIDTH_HZ) -> Array:
    """1-sigma error of arrivals; inf where next to nothing was heard."""
    error = 1.0 / (2.0 * np.pi * bandwidth_hz * np.maximum(snr, TIMED_SNR))
    return np.where(snr < TIMED_SNR, np.inf, error)


def sidereal_rad(seconds: float) -> float:
    """Sidereal angle of Greenwich at seconds since 1970; UT1 is taken as UTC (a second of time is 15 arcseconds)."""
    day = seconds / 86400.0
    return float(erfa.gmst06(UNIX_EPOCH_JD, day, UNIX_EPOCH_JD, day))
