"""Angles as observatories write them."""


def hms(ra_deg: float, between: str = ":", digits: int = 2) -> str:
    """Right ascension in hours, minutes and seconds."""
    hours, minutes, seconds = _parts(ra_deg % 360 / 15, digits)
    return f"{hours % 24:02d}{between}{minutes:02d}{between}{seconds}"


def dms(dec_deg: float, between: str = ":", digits: int = 1) -> str:
    """Declination in degrees, minutes and seconds, with its sign."""
    degrees, minutes, seconds = _parts(abs(dec_deg), digits)
    return f"{'-' if dec_deg < 0 else '+'}{degrees:02d}{between}{minutes:02d}{between}{seconds}"


def split(value: float, digits: int = 2) -> tuple[int, int, float]:
    """Cut a number of hours or degrees, zero or more, into whole ones, minutes and seconds."""
    whole, minutes, seconds = _parts(value, digits)
    return whole, minutes, float(seconds)


def _parts(value: float, digits: int) -> tuple[int, int, str]:
    """Round first, so that no part becomes 60."""
    unit = 10**digits
    total = round(value * 3600 * unit)
    rest, fraction = divmod(total, unit)
    minutes, seconds = divmod(rest, 60)
    whole, minutes = divmod(minutes, 60)
    return whole, minutes, f"{seconds:02d}.{fraction:0{digits}d}"
