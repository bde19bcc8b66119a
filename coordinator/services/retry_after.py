"""How long a host wants to be left alone, from the headers of its refusal (pure)."""

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

LONGEST_S = 600.0
SPENT = frozenset({"0", "exceeded"})


def whole(stated: str | None) -> int | None:
    """Return a header's whole number; foreign digits and numbers of absurd length are none."""
    return int(stated) if stated is not None and re.fullmatch(r"[0-9]{1,18}", stated.strip()) else None


def wish_s(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a host asks for, 600 at most; None: it names none.

    Parameters
    ----------
    headers : mapping
        Of the answer; names in small letters.

    Notes
    -----
    ``Retry-After`` is seconds or a date (RFC 9110 §10.2.3), which counts from the answer's own ``Date``. The name
    server says it as ``x-rate-limit-remaining`` and ``x-cone-rate-limit-remaining`` with a ``-reset`` in seconds.
    """
    said = headers.get("retry-after")
    seconds = whole(said)
    if seconds is not None:
        return min(float(seconds), LONGEST_S)
    return _until(said, headers.get("date")) if said else _reset_s(headers)


def _until(date: str, now: str | None) -> float | None:
    try:
        span_s = (parsedate_to_datetime(date) - parsedate_to_datetime(now or "")).total_seconds()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return min(max(span_s, 0.0), LONGEST_S)


def _reset_s(headers: Mapping[str, str]) -> float | None:
    spent = [name for name, left in headers.items() if name.endswith("-remaining") and left.strip().lower() in SPENT]
    resets = [whole(headers.get(name.removesuffix("remaining") + "reset")) for name in spent]
    named = [float(seconds) for seconds in resets if seconds is not None]
    return min(max(named), LONGEST_S) if named else None
