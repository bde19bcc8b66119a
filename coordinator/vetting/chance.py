"""How likely a galaxy is near by accident, and how many galaxies a catalogue holds that could be hosts."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

HUBBLE = 0.7
CHARACTERISTIC_MAG = -20.44 + 5 * math.log10(HUBBLE)
"""Of galaxies in r: Blanton et al. 2003 (ApJ 592, 819)."""

RADIUS_ARCSEC = 300.0
"""As far as catalogues are asked, as TROVE looks: galaxies as near as candidates have are seldom larger."""

MOST_BY_ACCIDENT = 0.9
"""Catalogues tell of no galaxy that is more accidental than this: it tells nothing."""


def chance_coincidence(separation_arcsec: float, mag: float) -> float:
    """Chance that a galaxy at least as bright lies at least as near by accident, 0 to 1.

    Parameters
    ----------
    separation_arcsec : float
        How far from the galaxy's middle.
    mag : float
        Apparent magnitude of the galaxy, AB; in r, which others resemble to a magnitude.

    Notes
    -----
    ``1 - exp(-pi r^2 sigma(<= m))`` with ``sigma = 10^(0.33 (m - 24) - 2.44) / (0.33 ln 10)`` galaxies per square
    arcsecond (Bloom et al. 2002, AJ 123, 1111; counts of Hogg et al. 1997).
    """
    per_arcsec2 = 10.0 ** (0.33 * (mag - 24.0) - 2.44) / (0.33 * math.log(10))
    return -math.expm1(-math.pi * separation_arcsec**2 * per_arcsec2)


def share_of_hosts_held(complete_to_mag: ArrayLike, modulus_mag: ArrayLike) -> NDArray[np.float64]:
    """Share of the starlight at a distance that is in galaxies above a catalogue's limit, 0 to 1.

    Parameters
    ----------
    complete_to_mag : float or array
        All galaxies to this apparent magnitude are in the catalogue, AB, r.
    modulus_mag : float or array
        Distance modulus.

    Notes
    -----
    A Schechter function whose slope is rounded from -1.05 to -1: light above L is then ``exp(-L / L*)``.
    """
    faintest = 0.4 * (
        CHARACTERISTIC_MAG + np.asarray(modulus_mag, np.float64) - np.asarray(complete_to_mag, np.float64)
    )
    return np.asarray(np.exp(-(10.0 ** np.minimum(faintest, 3.0))), np.float64)


AT_A_HOST, BY_ACCIDENT = 0.4, 0.6
"""Of unrelated things: those in galaxies that catalogues hold, and those that are in none of them (`checks.galaxy`)."""

HOST_CHANCE, HOST_CHANCE_WIDTH = 1e-3, 2.0
"""Median chance of true hosts, and the scatter of its logarithm.

From what the chance is made of, ``ln P = 2 ln r + 0.76 m`` and a constant: 6 kpc from the middle, with 0.9 for the
scatter of the logarithm (short bursts, Fong et al. 2022, ApJ 940, 56, about), in galaxies that are drawn by their light
from a Schechter function (1.1 mag). At 200 Mpc that is ln P = -6.8 +- 2.0, and -0.35 less for each e-fold of distance.
"""

LEAST_CHANCE = 2e-5
"""Below this the law of hosts would fall again; who is so near is as certain as at this chance."""

NAMED_CHANCE = 1e-3
"""A galaxy that is near by accident more rarely than this counts as a host that somebody named (assumed)."""

_CERTAIN = 0.05

MOST_BY_CHANCE = 65.0
"""Galaxies to 20 mag within `RADIUS_ARCSEC`: as deep as large catalogues reach (assumed)."""


def odds_of_host(chance: float) -> float:
    """Say how many times as often a galaxy of this chance is a true host as one that is there by accident.

    Parameters
    ----------
    chance : float
        Of `chance_coincidence`, 0 to 1.

    Notes
    -----
    True hosts are log-normal in P. Of those by accident there are more than P with a chance below P, since a galaxy may
    be near or bright: with counts ``sigma`` out to r_max they are ``dN = ln(N_max / P) dP``, N_max being all of them.
    """
    p = min(max(chance, LEAST_CHANCE), 1.0)
    off = (math.log(p) - math.log(HOST_CHANCE)) / HOST_CHANCE_WIDTH
    hosts = math.exp(-0.5 * off * off) / (HOST_CHANCE_WIDTH * math.sqrt(2.0 * math.pi) * p)
    return hosts / math.log(MOST_BY_CHANCE / p)


def share_by_accident(chance: float) -> float:
    """Share of the unrelated things with a galaxy so near that are not in it, 0 to 1.

    Parameters
    ----------
    chance : float
        Of `chance_coincidence`; 0: somebody named it as the host.

    Notes
    -----
    Hosts lie beside accidents as `odds_of_host` says: some galaxy has a chance below P by accident more often than in a
    share P of all places, for every galaxy around has its own. From 0.05 on it is taken as an accident.
    """
    if chance < NAMED_CHANCE:
        return 0.0
    if chance >= _CERTAIN:
        return 1.0
    return BY_ACCIDENT / (BY_ACCIDENT + AT_A_HOST * odds_of_host(chance))


def field_scale_mpc(mag: float) -> float:
    """Return how far galaxies of an apparent magnitude lie, r, AB.

    With a Schechter function of slope -1 they are at D with the chance ``p(D) ~ D^2 exp(-(D / scale)^2)``, where the
    scale is the distance of the characteristic galaxy.
    """
    return float(10.0 ** (0.2 * (mag - CHARACTERISTIC_MAG - 25.0)))
