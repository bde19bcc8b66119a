"""How near a known body has to be to be what was seen."""

BASE_ARCSEC = 10.0
SINGLE_VISIT_ARCSEC = 25.0


def reach_arcsec(error_arcsec: float | None, single_visit: bool) -> float:
    """Return the radius: 10 arcsec and twice the error of the body's place (unknown is 0); 25 for a single visit."""
    reach = BASE_ARCSEC + 2.0 * (error_arcsec or 0.0)
    return max(reach, SINGLE_VISIT_ARCSEC) if single_visit else reach
