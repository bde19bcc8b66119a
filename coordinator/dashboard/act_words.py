"""What people say with an act, value by value: read, and written as the journal has it (pure)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite

from telescopes.description.errors import Refused

LONGEST_WORD = 200
MOST_NOTE = 4000


@dataclass(frozen=True, slots=True)
class Word:
    """One thing that an act asks for, or takes.

    Attributes
    ----------
    label : str
        What the page calls it.
    read : callable
        Writes what was said as the journal has it; raises `Refused`.
    kind : str
        The type of its field on a page: text, datetime-local, number, checkbox, or area: text with lines.
    mend : str
        What to do where it is left out.
    """

    label: str
    read: Callable[[str, str], str]
    kind: str = "text"
    mend: str = "say it"


def _text(name: str, text: str) -> str:
    if len(text) > LONGEST_WORD:
        raise Refused("is too long", where=name, mend=f"say it in {LONGEST_WORD} characters")
    return text


def _instant(name: str, text: str) -> str:
    try:
        at = datetime.fromisoformat(text)
        return (at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)).isoformat()
    except (ValueError, OverflowError):  # the second: before the year 1, or after 9999, in UTC
        mend = "write it like 2026-11-29T23:30Z"
        raise Refused(f"{text[:40]!r} is no instant", where=name, mend=mend) from None


def _number(name: str, text: str) -> str:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise Refused(f"{text[:40]!r} is no number", where=name, mend="give a number")
    return repr(number)


def _whole(name: str, text: str) -> str:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise Refused(f"{text[:40]!r} is no whole number", where=name, mend="give a whole number")
    return str(int(text))


def _yes(name: str, text: str) -> str:
    said = text.lower()
    if said in ("yes", "true", "on"):
        return "yes"
    if said in ("no", "false"):
        return "no"
    raise Refused(f"{text[:40]!r} is neither yes nor no", where=name, mend="say yes or no")


def _listed(name: str, text: str) -> str:
    return _text(name, ",".join(sorted({part.strip() for part in text.split(",") if part.strip()})))


def _in_order(name: str, text: str) -> str:
    return _text(name, ",".join(part.strip() for part in text.split(",") if part.strip()))


def _note(name: str, text: str) -> str:
    if len(text) > MOST_NOTE:
        raise Refused("is too long", where=name, mend=f"say it in {MOST_NOTE} characters")
    return "".join(c for c in text.replace("\r\n", "\n") if c == "\n" or c.isprintable())


WORDS: dict[str, Word] = {
    "event": Word("Event", _text, mend="name the event by its key"),
    "start": Word("From (UTC)", _instant, "datetime-local", "give an instant in UTC"),
    "end": Word("Until (UTC)", _instant, "datetime-local", "give an instant in UTC"),
    "candidate": Word("Candidate", _text),
    "ra_deg": Word("RA (degrees, ICRS)", _number, "number"),
    "dec_deg": Word("Dec (degrees, ICRS)", _number, "number"),
    "filter": Word("Filter", _text),
    "exposure_s": Word("One exposure (s)", _number, "number"),
    "count": Word("Exposures", _whole, "number"),
    "anyway": Word("Also where its sky is somebody's already", _yes, "checkbox"),
    "pointing": Word("Name of the pointing", _text, mend="name what was asked for: hand-…"),
    "without": Word("Without these telescopes (with commas)", _listed),
    "until": Word("Until (UTC)", _instant, "datetime-local"),
    "visits": Word("Visits (with commas)", _in_order),
    "objective": Word("Objective", _text),
    "to": Word("To (who comes next, by name)", _text, mend="name who comes next"),
    "note": Word("Note (besides what the journal says)", _note, "area"),
    "coverage": Word("Name of the coverage", _text, mend="name it: see the plans of the event"),
}
"""By their names in forms and in JSON."""
