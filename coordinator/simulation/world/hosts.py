"""Host galaxies: how far unrelated ones lie, how bright hosts are, and what catalogues know of them.

Where things happen as often as there is starlight, the light of a host over the characteristic one has the law
``L Schechter(L)``, a gamma law of ``slope + 2`` (B band: `planning.luminosity`). A catalogue that holds all galaxies
down to a magnitude then knows the share of hosts that `planning.completeness` says it knows of starlight.
"""

from dataclasses import dataclass

import numpy as np

from coordinator.lightcurves.cosmology import redshift_at
from coordinator.lightcurves.kilonova import distance_modulus
from coordinator.planning.luminosity import B_BAND

SPECTROSCOPIC_ERR = 3e-4
"""1-sigma error of a redshift from a spectrum, as catalogues of nearby galaxies hold them."""

PHOTOMETRIC_ERR = 0.02
"""1-sigma error over 1 + z of a redshift from colours."""

ARCSEC_PER_RAD = 206264.8
OFFSET_KPC, OFFSET_SCATTER = 6.0, 0.9
"""Median offset of a merger from its host and scatter of its logarithm; rounded from short bursts (assumed)."""


@dataclass(frozen=True, slots=True)
class HostLaw:
    """What catalogues know of galaxies, by B magnitude.

    Attributes
    ----------
    spectra_to_mag, colours_to_mag : float
        Brighter ones have a redshift from a spectrum; of the others, brighter ones have one from colours. Assumed:
        about what the large redshift surveys and the all-sky catalogues have.
    spectra_share : float
        Share of those bright enough that have a spectrum: surveys leave out sky.
    """

    spectra_to_mag: float = 18.0
    colours_to_mag: float = 21.0
    spectra_share: float = 0.9


def unrelated_distance_mpc(rng: np.random.Generator, scale_mpc: float) -> float:
    """Draw the distance of an unrelated transient's host, ``p(D) ~ D^2 exp(-(D / scale)^2)``.

    The median of 50 hosts with spectra in the list of S190814bv is 540 Mpc, for which the scale is 500 Mpc.
    """
    return float(scale_mpc * np.sqrt(rng.gamma(1.5)))


def host_b_mag(rng: np.random.Generator, distance_mpc: float) -> float:
    """Draw the apparent B magnitude (Vega) of a host at a distance, by starlight."""
    relative = max(float(rng.gamma(B_BAND.slope + 2.0)), 1e-9)
    return B_BAND.characteristic_mag - 2.5 * float(np.log10(relative)) + distance_modulus(distance_mpc)


def known_redshift(
    rng: np.random.Generator, distance_mpc: float, share: float, law: HostLaw | None
) -> tuple[float | None, float | None]:
    """Draw what is known of a host's redshift: value and error, or None and None.

    Parameters
    ----------
    share : float
        Of hosts that have a spectrum, where there is no `law`.
    """
    redshift = float(redshift_at(distance_mpc))
    if law is None:
        return (redshift, SPECTROSCOPIC_ERR) if share >= 1.0 or rng.random() < share else (None, None)
    mag = host_b_mag(rng, distance_mpc)
    if mag < law.spectra_to_mag and rng.random() < law.spectra_share:
        return redshift + float(rng.normal(0.0, SPECTROSCOPIC_ERR)), SPECTROSCOPIC_ERR
    if mag < law.colours_to_mag:
        error = PHOTOMETRIC_ERR * (1.0 + redshift)
        return max(redshift + float(rng.normal(0.0, error)), 1e-4), error
    return None, None


def offset_kpc(rng: np.random.Generator) -> float:
    """Draw how far a merger lies from the middle of its host, seen on the sky."""
    return float(OFFSET_KPC * np.exp(rng.normal(0.0, OFFSET_SCATTER)))


def arcsec_of(kpc: float, distance_mpc: float) -> float:
    """Return the angle of a length at a distance; near enough for hosts."""
    return float(kpc / (1000.0 * distance_mpc) * ARCSEC_PER_RAD)
