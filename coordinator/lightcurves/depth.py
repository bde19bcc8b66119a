"""How faint an exposure may see on a dark night, from the site's own table; unknown is None.

This is what a pointing claims. The Moon is not in it: it is in how long a telescope exposes where a visit wants a depth
(`planning.wanted_depth`), because a claim is checked against the table.
"""

from math import log10

from telescopes.description.telescope import Instrument

EXTINCTION_MAG = 0.15
"""Loss of depth per airmass beyond the zenith; reference: between the r and the g band."""


def limit_mag_ab(instrument: Instrument, filter_name: str, open_s: float, airmass: float) -> float | None:
    """5-sigma AB limit of exposures of this total length; None where the site's table does not say.

    ``m0 + 1.25 log10(open / t0) - 0.15 (airmass - 1)`` from the row of the filter, or from the shallowest
    result of the instrument's other rows.
    """
    rows = instrument.depth_rows(filter_name)
    if not rows:
        return None
    zenith = min(row.limit_mag_ab + 1.25 * log10(open_s / row.exposure_s) for row in rows)
    return round(zenith - EXTINCTION_MAG * (airmass - 1.0), 3)
