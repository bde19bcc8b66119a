"""How far away a candidate would be if it were the counterpart."""

import math
from dataclasses import dataclass

from coordinator.vetting.case import Case, Place
from coordinator.vetting.hosts import Host, distance_of, hosts_of

MOST_SHARE = 0.5
"""A host that has more than this of the belief gives the distance."""

MOST_RELATIVE_ERR = 0.5
"""A distance that is no better known than this tells no brightness."""

MAG_PER_RELATIVE_ERR = 5.0 / math.log(10.0)


@dataclass(frozen=True, slots=True)
class HowFar:
    """A distance, its error, and whose it is; `by_host`: a galaxy's, not the map's; `host`: which."""

    mpc: float
    err_mpc: float
    by_host: bool
    source: str
    said: str
    host: Host | None = None

    @property
    def modulus_mag(self) -> float:
        """Magnitudes that the distance costs."""
        return 5.0 * math.log10(self.mpc) + 25.0

    @property
    def modulus_err_mag(self) -> float:
        """Error of the modulus."""
        return MAG_PER_RELATIVE_ERR * self.err_mpc / self.mpc


def how_far(case: Case) -> HowFar | None:
    """Return the distance of its host if one is likely, else that of the map here; None: nobody knows."""
    for host in hosts_of(case):
        if host.share <= MOST_SHARE or host.redshift is None:
            continue
        mpc, err = distance_of(host)
        if err <= MOST_RELATIVE_ERR * mpc:
            return HowFar(mpc, err, True, host.source, f"its host at {mpc:.0f} Mpc", host)
    return how_far_by_map(case.place, case.map_source)


def how_far_by_map(place: Place | None, source: str) -> HowFar | None:
    """Return the mean and spread of the map's distance at a place; None: it says nothing there."""
    if place is None or place.dist_mean_mpc is None or place.dist_spread_mpc is None:
        return None
    said = f"the map's {place.dist_mean_mpc:.0f} Mpc here"
    return HowFar(place.dist_mean_mpc, place.dist_spread_mpc, False, source, said)
