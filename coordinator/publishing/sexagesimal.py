"""Angles as observers read them."""


def ra_hms(ra_deg: float) -> str:
    """Write a right ascension in hours, minutes and seconds, to a hundredth; what rounds to 24 hours is 0.

    >>> ra_hms(197.45), ra_hms(359.999999)
    ('13:09:48.00', '00:00:00.00')
    """
    hundredths = round(ra_deg / 15.0 * 360_000) % (24 * 360_000)
    minutes, rest = divmod(hundredths, 6000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest / 100:05.2f}"


def dec_dms(dec_deg: float) -> str:
    """Write a declination in degrees, minutes and seconds, to a tenth; the sign stands also before 0 degrees.

    >>> dec_dms(-0.5), dec_dms(89.9999999)
    ('-00:30:00.0', '+90:00:00.0')
    """
    tenths = round(abs(dec_deg) * 36_000)
    minutes, rest = divmod(tenths, 600)
    sign = "-" if dec_deg < 0 and tenths else "+"
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}:{rest / 10:04.1f}"
