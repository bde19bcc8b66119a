"""Names that people give to events, found in their words; with the key of the alerts, where the name tells it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MAX_NAMES = 16


@dataclass(frozen=True, slots=True)
class Named:
    """An event as people call it, spelt in one way; `key` is None where only its trigger could tell."""

    name: str
    key: str | None = None


def _keyed(namespace: str) -> Callable[[re.Match[str]], Named]:
    return lambda found: Named(found[1], f"{namespace}:{found[1]}")


def _spaced(prefix: str) -> Callable[[re.Match[str]], Named]:
    return lambda found: Named(f"{prefix} {found[1].upper()}")


def _burst(found: re.Match[str]) -> Named:
    letter = found[2] or ""
    return Named(f"{found[0][:3].upper()} {found[1]}{letter.upper()}")


def _supernova(found: re.Match[str]) -> Named:
    year, letters = found[2], found[3]
    lettered = letters.upper() if len(letters) == 1 else letters.lower()
    return Named(f"{found[1].upper()} {year}{lettered}", f"tns:{year}{lettered}")


def _as_it_is(found: re.Match[str]) -> Named:
    return Named(found[0])


PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Named]], ...] = tuple(
    (re.compile(rf"(?<![A-Za-z0-9]){pattern}(?![A-Za-z0-9])", flags), named)
    for pattern, flags, named in (
        (r"([MT]?S\d{6}[a-z]{1,8})", 0, _keyed("lvk")),
        (r"(sb\d{8})", 0, _keyed("svom")),
        (r"GRB[ _-]?(\d{6})([A-Za-z]?)", re.IGNORECASE, _burst),
        (r"FRB[ _-]?(\d{6}|\d{8})([A-Za-z]{0,3})", re.IGNORECASE, _burst),
        (r"IceCube[ -]?(\d{6}[A-Z])", re.IGNORECASE, lambda found: Named(f"IceCube-{found[1].upper()}")),
        (r"NuEm[ -]?(\d{6}[A-Z])", re.IGNORECASE, lambda found: Named(f"NuEm-{found[1].upper()}")),
        (r"KM3[ -]?(\d{6}[A-Z])", 0, lambda found: Named(f"KM3-{found[1]}")),
        (r"(GW\d{6}(?:_\d{6})?)", 0, lambda found: Named(found[1])),
        (r"EP ?(\d{6}[a-z])", 0, lambda found: Named(f"EP{found[1]}")),
        (r"EP ?J\d{4,6}(?:\.\d)?[+-]\d{4,6}", 0, _as_it_is),
        (r"(AT|SN) ?((?:19|20)\d\d)([A-Za-z]{1,5})", 0, _supernova),
        (r"SGR ?(?:J)?\d{4}(?:\.\d)?[+-]\d{2,5}", 0, _as_it_is),
        (r"(?:Swift|MAXI|XTE|IGR) J\d{4}(?:\.\d)?[+-]\d{2,4}", 0, _as_it_is),
        (r"ZTF\d\d[a-z]{7}", 0, lambda found: Named(found[0], f"ztf.object:{found[0]}")),
    )
)
"""Those that say most first: a gravitational wave is named before the burst that it goes with."""


def events_named(words: str) -> tuple[Named, ...]:
    """Return all events named in some words, each once, what says most first."""
    return tuple(dict.fromkeys(_found(words)))[:MAX_NAMES]


def event_named(words: str) -> Named | None:
    """Return the event that some words are about; None: they name none."""
    return next(_found(words), None)


def _found(words: str) -> Iterator[Named]:
    for pattern, named in PATTERNS:
        yield from (named(found) for found in pattern.finditer(words))
