"""How faint a pointing may see, from the site's own table; unknown is None."""

from math import ceil, log10

from telescopes.description.telescope import Instrument

EXTINCTION_MAG = 0.15
"""Per airmass; reference: between the r and the g band."""

MOST_LENGTHENING = 12
"""A pointing is not made longer than this many times the site's own for a depth that a visit asks for."""


def limit_mag_ab(instrument: Instrument, filter_name: str, open_s: float, airmass: float) -> float | None:
    """5-sigma AB limit of a pointing with this total exposure; None where the site's table does not say.

    ``m0 + 1.25 log10(open / t0) - 0.15 (airmass - 1)`` from the row of the filter, or from the shallowest
    result of the instrument's other rows.
    """
    rows = instrument.depth_rows(filter_name)
    if not rows:
        return None
    zenith = min(row.limit_mag_ab + 1.25 * log10(open_s / row.exposure_s) for row in rows)
    return round(zenith - EXTINCTION_MAG * (airmass - 1.0), 3)


def count_for(instrument: Instrument, filter_name: str, exposure_s: float, count: int, depth: float | None) -> int:
    """Exposures that reach a depth at zenith: never fewer than the site's own, nor very many more."""
    reached = limit_mag_ab(instrument, filter_name, exposure_s * count, 1.0)
    if depth is None or reached is None or reached >= depth:
        return count
    return min(ceil(count * 10 ** ((depth - reached) / 1.25) - 1e-9), MOST_LENGTHENING * count)
