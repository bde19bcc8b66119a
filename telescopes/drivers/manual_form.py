"""What a person typed into the report: read with all mistakes in one go, in plain words."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from telescopes.description.bounds import LONGEST_EXPOSURE_S, MOST_EXPOSURES
from telescopes.description.messages import Exposure
from telescopes.drivers.driver import Aim, Frame
from telescopes.drivers.fits_exposure import sexagesimal
from telescopes.drivers.whole_pointing import Asked, Taken, Took

CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?$")
Form = Mapping[str, str]


def read_report(form: Form, asked: Asked, now: datetime) -> tuple[Took | None, list[str]]:
    """Read a report: one row for each block of exposures that was asked for.

    The exposures of a row are spread evenly between its begin and end: the page asks for no more.

    Returns
    -------
    Took or None
        What was exposed; None where there are mistakes.
    list of str
        The mistakes, each with what to type instead.
    """
    wrong: list[str] = []
    taken: list[Taken] = []
    for n, block in enumerate(asked.pointing.exposures):
        taken += _row(form, n, block, asked, now, wrong)
    aim = _aim(form, wrong)
    if not taken and not wrong:
        wrong.append('Nothing was exposed by this report: give a number of exposures, or say "I cannot" above.')
    return (None, wrong) if wrong else (Took(tuple(taken), aim), [])


def _row(form: Form, n: int, block: Exposure, asked: Asked, now: datetime, wrong: list[str]) -> list[Taken]:
    name = f"Filter {block.filter}"
    count = _number(form, f"count{n}", f"{name}: number of exposures", 0, MOST_EXPOSURES, wrong)
    if not count:
        return []
    exposure_s = _number(form, f"exposure{n}", f"{name}: seconds", 0, LONGEST_EXPOSURE_S, wrong) or block.exposure_s
    limit = _number(form, f"limit{n}", f"{name}: limiting magnitude", 5, 35, wrong)
    opens = asked.pointing.window_start
    start = _instant(form, f"start{n}", f"{name}: begin", opens, wrong)
    end = _instant(form, f"end{n}", f"{name}: end", start or opens, wrong)
    if start is None or end is None:
        return []
    count = int(count)
    if (end - start).total_seconds() < count * exposure_s - 1:
        wrong.append(f"{name}: {count} x {exposure_s:g} s do not fit between {start:%H:%M:%S} and {end:%H:%M:%S}.")
        return []
    if start < asked.begun - timedelta(minutes=1):
        wrong.append(f"{name}: the begin, {start:%H:%M:%S} UTC, is before you were asked, {asked.begun:%H:%M:%S}.")
        return []
    if end > now + timedelta(minutes=1):
        wrong.append(f"{name}: the end, {end:%H:%M:%S} UTC, is in the future.")
        return []
    length = timedelta(seconds=exposure_s)
    step = (end - start - length) / (count - 1) if count > 1 else timedelta(0)
    begins = [start + i * step for i in range(count)]
    return [Taken(block.filter, Frame(b, max(b + length, b), exposure_s, limit)) for b in begins]


def _aim(form: Form, wrong: list[str]) -> Aim | None:
    """Read where the telescope looked; both fields empty: not known."""
    ra, dec = form.get("ra", "").strip(), form.get("dec", "").strip()
    if not ra and not dec:
        return None
    ra_deg, dec_deg = _angle(ra, 15.0), _angle(dec, 1.0)
    if ra_deg is None or dec_deg is None or not 0 <= ra_deg < 360 or abs(dec_deg) > 90:
        wrong.append(
            "Where it looked: give degrees, or hours as 12:34:56 and degrees as -12:34:56; or leave both empty."
        )
        return None
    return Aim(ra_deg, dec_deg, None)


def _angle(text: str, per_unit: float) -> float | None:
    """Read degrees, or with colons hours or degrees."""
    parts = sexagesimal(text)
    if parts is not None:
        return parts * per_unit
    return _float(text)


def _number(form: Form, key: str, name: str, low: float, high: float, wrong: list[str]) -> float | None:
    """Read a number; None: the field is empty."""
    text = form.get(key, "").strip().replace(",", ".")
    if not text:
        return None
    value = _float(text)
    if value is None or not low <= value <= high:
        wrong.append(f"{name}: {text[:30]!r} is no number between {low:g} and {high:g}.")
        return None
    return value


def _float(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[+-]?\d{1,9}(\.\d{0,12})?", text) else None


def _instant(form: Form, key: str, name: str, not_before: datetime, wrong: list[str]) -> datetime | None:
    """Read UTC as 21:04:30, the first such time from `not_before` less half a day on, or a whole ISO time."""
    text = form.get(key, "").strip()
    found = CLOCK.match(text)
    if found is not None:
        hours, minutes, seconds = int(found[1]), int(found[2]), float(found[3] or 0)
        if hours < 24 and minutes < 60 and seconds < 60:
            earliest = not_before - timedelta(minutes=10)
            day = earliest.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
            when = day + timedelta(hours=hours, minutes=minutes, seconds=seconds)
            return when if when >= earliest else when + timedelta(days=1)
    try:
        when = datetime.fromisoformat(text)
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError):
        what = f"{text[:30]!r} is no time" if text else "is missing"
        wrong.append(f"{name}: {what}; give UTC as 21:04:30.")
        return None
