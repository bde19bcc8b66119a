"""What rules may ask of an event: one function for each condition; None or empty: unknown (pure)."""

import math
from collections.abc import Callable, Mapping
from datetime import datetime

from coordinator.alerts.alert import Localization
from coordinator.events.event import Event

WHOLE_SKY_DEG2 = 360.0**2 / math.pi
ONE_SIGMA = 1.0 - math.exp(-0.5)
"""What one standard deviation holds of a round Gaussian: 39 %."""

GENUINE = ("p_astro", "pastro", "signalness")


def age_from(event: Event) -> datetime | None:
    """Return since when an event is old."""
    return event.t0 or event.t_issued


def age_h(event: Event, now: datetime) -> float | None:
    """Return hours of sky time since T0; below 0: T0 is to come."""
    since = age_from(event)
    return None if since is None else (now - since).total_seconds() / 3600.0


def area90_deg2(where: Localization) -> float | None:
    """Return the area that holds 90 %, also of a cone or an ellipse taken for a Gaussian.

    A radius whose containment nobody states is taken for one standard deviation, the largest area that anybody means.
    """
    if where.area90_deg2 is not None:
        return where.area90_deg2
    if where.kind == "allsky":
        return 0.9 * WHOLE_SKY_DEG2
    axes = where.half_axes_deg or (None if where.radius_deg is None else (where.radius_deg, where.radius_deg))
    if axes is None or where.refused is not None:
        return None
    held = ONE_SIGMA if where.containment is None else where.containment
    if not 0.0 < held < 1.0:
        return None
    scale = math.log(1.0 - 0.9) / math.log(1.0 - held)
    return min(0.9 * WHOLE_SKY_DEG2, math.pi * axes[0] * axes[1] * scale)


def _among(said: Mapping[str, float], *names: str) -> float | None:
    found = {key.lower(): value for key, value in said.items()}
    return next((found[name.lower()] for name in names if name.lower() in found), None)


def p_astro(event: Event) -> float | None:
    """Return the probability that the source is real: as stated, else one less that it is terrestrial."""
    stated = _among(event.classification, *GENUINE)
    if stated is None:
        stated = _among(event.properties, *GENUINE)
    terrestrial = _among(event.classification, "Terrestrial")
    return stated if stated is not None or terrestrial is None else 1.0 - terrestrial


def p_bns_or_nsbh(event: Event) -> float | None:
    """Return the probability of a binary with a neutron star."""
    found = [p for p in (_among(event.classification, name) for name in ("BNS", "NSBH")) if p is not None]
    return min(1.0, sum(found)) if found else None


def flags_of(event: Event, name: str) -> bool | None:
    """Return a yes or no of an event."""
    match name:
        case "significant":
            return event.significant
        case "coincident":
            return event.external_coincidence is not None or event.coincidence is not None
        case _:
            raise AssertionError(f"{name} is no flag")


def _class(name: str) -> Callable[[Event, datetime], float | None]:
    return lambda event, _: _among(event.classification, name)


def _property(name: str) -> Callable[[Event, datetime], float | None]:
    return lambda event, _: _among(event.properties, name)


NUMBERS: dict[str, Callable[[Event, datetime], float | None]] = {
    "far_hz": lambda event, _: event.far_hz,
    "p_astro": lambda event, _: p_astro(event),
    "p_bns": _class("BNS"),
    "p_nsbh": _class("NSBH"),
    "p_bns_or_nsbh": lambda event, _: p_bns_or_nsbh(event),
    "p_bbh": _class("BBH"),
    "p_terrestrial": _class("Terrestrial"),
    "has_ns": _property("HasNS"),
    "has_remnant": _property("HasRemnant"),
    "has_mass_gap": _property("HasMassGap"),
    "area90_deg2": lambda event, _: area90_deg2(event.localization),
    "distance_mpc": lambda event, _: event.localization.distance_mpc,
    "age_h": age_h,
}

WORDS: dict[str, Callable[[Event], tuple[str, ...]]] = {
    "messenger": lambda event: (event.messenger,) if event.messenger else (),
    "stream": lambda event: event.streams,
    "phase": lambda event: (event.phase.value,) if event.phase else (),
    "stage": lambda event: (event.stage,) if event.stage else (),
    "purpose": lambda event: (event.purpose.value,) if event.purpose else (),
}
