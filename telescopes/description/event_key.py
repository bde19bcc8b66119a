"""What names an event everywhere: ``namespace:id``, as in ``lvk:S190814bv`` (pure)."""

import re

from telescopes.description.errors import Refused

LONGEST_EVENT_KEY = 256
EVENT_KEY = re.compile(r"[a-z0-9][a-z0-9_.-]{0,31}:[!-~]{1,223}")
"""Printable and without a blank, so that a line, a log or a web address can hold it; 256 characters at most."""
MEND = "give namespace:id, as in lvk:S190814bv"
MOST_QUOTED = 60


def require_event_key(text: str, where: str) -> str:
    """Return what a person named, if it can name an event.

    Raises
    ------
    Refused
        It is no key of any event.
    """
    if EVENT_KEY.fullmatch(text):
        return text
    quoted = f"{text[:MOST_QUOTED]!r}{'…' if len(text) > MOST_QUOTED else ''}"
    raise Refused(f"{quoted} is no event key", where=where, mend=MEND)
