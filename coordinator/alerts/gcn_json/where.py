"""Where a notice of the unified schema says: `core/Localization.schema.json`, wherever it stands in the notice."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from coordinator.alerts.alert import Localization
from coordinator.alerts.embedded_map import localize
from coordinator.alerts.fields import flag, number, web_address
from coordinator.alerts.place import circle, ellipse, polygon

DEFAULT_CONTAINMENT = 0.9
"""What the schema gives where a notice is silent."""


def where(said: Mapping[str, Any], maps: dict[str, bytes]) -> Localization:
    """Return the best that is said: an embedded map, else a shape round a position, else a link to a map.

    A map that cannot be used leaves the position, with a warning. Its bytes go into `maps`, its link is kept whatever
    else there is. Nothing is fetched here.
    """
    shape = _shape(said)
    embedded = localize(said.get("healpix_file"), maps)
    url = web_address(said.get("healpix_url"))
    if embedded.skymap_sha256 is not None:
        return replace(embedded, ra_deg=shape.ra_deg, dec_deg=shape.dec_deg, url=url)
    refused = tuple(why for why in (embedded.refused, shape.refused) if why)
    if shape.kind != "none":
        return replace(shape, url=url, warnings=refused)
    if url is not None:
        return Localization("link", url=url, warnings=refused)
    return Localization("none", refused="; ".join(refused) or None)


def containment_of(said: Mapping[str, Any]) -> float:
    """Return how much of the probability the region holds, 0 to 1; more than 1 are per cent."""
    stated = number(said.get("containment_probability"))
    share = stated / 100.0 if stated is not None and stated > 1 else stated
    return share if share is not None and 0 < share <= 1 else DEFAULT_CONTAINMENT


def _known_first(values: Sequence[Any]) -> list[float]:
    """Return numbers up to the first that is unknown: those behind it must not take its place."""
    known: list[float] = []
    for value in map(number, values):
        if value is None:
            break
        known.append(value)
    return known


def _shape(said: Mapping[str, Any]) -> Localization:
    ra_deg, dec_deg = number(said.get("ra")), number(said.get("dec"))
    error, corners = said.get("ra_dec_error"), _corners(said.get("rectangular_error_corners"))
    containment = containment_of(said)
    if isinstance(error, list) and error:
        found = ellipse(ra_deg, dec_deg, _known_first(error[:3]), containment=containment)
    elif number(error) is None and corners:
        found = polygon(ra_deg, dec_deg, corners, containment=containment)
    elif number(error) is None and number(said.get("src_error_50")) is not None:
        found = circle(ra_deg, dec_deg, number(said.get("src_error_50")), containment=0.5)
    else:
        found = circle(ra_deg, dec_deg, number(error), containment=containment)
    if found.containment is None:
        return found
    return replace(found, systematic_included=flag(said.get("systematic_included")) or False)


def _corners(value: Any) -> tuple[tuple[float, float], ...]:
    if not isinstance(value, list):
        return ()
    pairs = [tuple(map(number, pair)) for pair in value[:16] if isinstance(pair, list) and len(pair) == 2]
    return tuple((pair[0], pair[1]) for pair in pairs if pair[0] is not None and pair[1] is not None)
