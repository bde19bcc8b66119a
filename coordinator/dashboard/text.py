"""Numbers and times as people read them; unknown is said, never zero."""

from datetime import UTC, datetime

UNKNOWN = "—"
UNIX_EPOCH_MJD = 40587.0
Time = datetime | str | None


def number(value: float | None, digits: int = 2, unit: str = "") -> str:
    """Write a number with its unit."""
    return UNKNOWN if value is None else f"{value:.{digits}f}{unit and ' ' + unit}"


def probability(value: float | None) -> str:
    """Write a probability so that a small one is not shown as nothing."""
    if value is None:
        return UNKNOWN
    return f"{value:.3f}" if value == 0 or value >= 0.0005 else f"{value:.1e}"


def place(ra_deg: float | None, dec_deg: float | None) -> str:
    """Write ICRS degrees."""
    return UNKNOWN if ra_deg is None or dec_deg is None else f"{ra_deg:.3f} {dec_deg:+.3f}"


def word(value: object) -> str:
    """Write a word of a closed set, or say that it is unknown."""
    return UNKNOWN if value in (None, "") else str(value).replace("_", " ")


def clock(value: Time) -> str:
    """Write UTC to the second, with the date."""
    at = _instant(value)
    return UNKNOWN if at is None else f"{at:%Y-%m-%d %H:%M:%S}"


def mjd(value: Time) -> str:
    """Write the modified Julian date (UTC)."""
    at = _instant(value)
    return UNKNOWN if at is None else f"{at.timestamp() / 86400.0 + UNIX_EPOCH_MJD:.5f}"


def age(value: Time, now: datetime) -> str:
    """Say how long ago something was, or how soon it will be; both by the same clock."""
    at = _instant(value)
    if at is None:
        return "time unknown"
    seconds = (now - at).total_seconds()
    return f"{_span(seconds)} ago" if seconds >= 0 else f"in {_span(-seconds)}"


def since(value: Time, t0: Time) -> str:
    """Write when something was, counted from T0 in days, hours, minutes and seconds."""
    at, start = _instant(value), _instant(t0)
    if at is None or start is None:
        return UNKNOWN
    seconds = round((at - start).total_seconds())
    days, rest = divmod(abs(seconds), 86400)
    clock_time = f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
    return f"T0{'-' if seconds < 0 else '+'}{f'{days} d ' if days else ''}{clock_time}"


def _span(seconds: float) -> str:
    for size, name in ((86400.0, "d"), (3600.0, "h"), (60.0, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {name}" if seconds >= 10 * size else f"{seconds / size:.1f} {name}"
    return f"{seconds:.0f} s"


def _instant(value: Time) -> datetime | None:
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return None if at is None else at.astimezone(UTC)
