"""Whether it lies in the middle of a galaxy, where nuclei flare, stars are torn apart and subtraction fails.

No veto: mergers happen there too. What lies at a known active nucleus is another check's.
"""

import math
from collections.abc import Mapping

from coordinator.vetting.case import Case
from coordinator.vetting.checks.check import Check, Finding, unknown
from coordinator.vetting.checks.galaxy import SHARE_AT_A_GALAXY
from coordinator.vetting.hosts import CERTAIN_CHANCE, galaxies_near
from coordinator.vetting.how_far import how_far
from coordinator.vetting.kinds import SHARES, UNRELATED, Unrelated, leans_of
from coordinator.vetting.tidal import STAYS_HOT, like_a_tidal_disruption

MIDDLE_KPC = 1.0
BEST_ARCSEC = 1.0
"""Middles of galaxies in catalogues are no better known than this."""

COUNTERPARTS_THERE = 0.1
"""Share of mergers within 1 kpc of the middle: short bursts, Fong et al. 2022 (ApJ 940, 56), figure 6, about."""

UNRELATED_THERE: Mapping[Unrelated, float] = {
    "supernova": 0.1,
    "agn": 0.95,
    "variable": 0.02,
    "asteroid": 0.02,
    "artefact": 0.5,
    "other": 0.5,
}
"""Of each kind that is seen at a galaxy, the share in its middle (assumed); tidal disruptions are of the other."""

_AT_GALAXIES = {kind: SHARES[kind] * at for kind, at in SHARE_AT_A_GALAXY.items()}
ALL_THERE = math.fsum(_AT_GALAXIES[k] * UNRELATED_THERE[k] for k in UNRELATED) / math.fsum(_AT_GALAXIES.values())
NUCLEAR = math.log(COUNTERPARTS_THERE / ALL_THERE)
APART = math.log((1 - COUNTERPARTS_THERE) / (1 - ALL_THERE))
IN_THE_MIDDLE, OFF_THE_MIDDLE = leans_of(UNRELATED_THERE), leans_of({k: 1 - p for k, p in UNRELATED_THERE.items()})

STEADY_IN_THE_MIDDLE = leans_of({kind: share * STAYS_HOT[kind] for kind, share in UNRELATED_THERE.items()})
"""Of what stays hot and slow there, too: it leans to the nuclei, and to the other, which tidal disruptions are of."""


def evaluate(case: Case) -> Finding:
    """Compare its offset from the best host's middle with 1 kpc, where both places are known well enough for that."""
    near = galaxies_near(case)
    if not near or near[0].chance >= CERTAIN_CHANCE or near[0].separation_arcsec is None:
        return unknown("at no galaxy whose middle is known")
    best, far = near[0], how_far(case)
    if far is None:
        return unknown("nobody knows how far the galaxy is", best.source)
    blurred = math.hypot(case.candidate.pos_err_arcsec, BEST_ARCSEC)
    kpc_per_arcsec = far.mpc * 1e3 * math.radians(1 / 3600)
    apart, err = near[0].separation_arcsec * kpc_per_arcsec, blurred * kpc_per_arcsec
    given = f"{near[0].separation_arcsec:.1f} arcsec"
    said = f"{apart:.1f} +- {err:.1f} kpc from the middle of {best.name}, at {far.said}"
    if apart > MIDDLE_KPC + 2 * err:
        return Finding(APART, True, given, best.source, said, as_of=best.as_of, leans=OFF_THE_MIDDLE)
    if err > MIDDLE_KPC:
        return Finding(0.0, None, given, best.source, f"{said}: too far to tell the middle from the rest")
    if apart > MIDDLE_KPC:
        return Finding(0.0, None, given, best.source, f"{said}: may be its middle")
    tidal = like_a_tidal_disruption(case)
    if tidal is None:
        return Finding(NUCLEAR, False, given, best.source, said, as_of=best.as_of, leans=IN_THE_MIDDLE)
    leans = STEADY_IN_THE_MIDDLE if tidal.steady else IN_THE_MIDDLE
    return Finding(NUCLEAR, False, given, best.source, f"{said}; {tidal.said}", as_of=best.as_of, leans=leans)


CHECK = Check("nuclear", evaluate)
