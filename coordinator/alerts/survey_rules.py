"""Which detections of a survey are worth an alert, by what they are; where and when is another question."""

from dataclasses import dataclass
from enum import StrEnum

from coordinator.alerts.survey_header import DetectionHeader


class Dropped(StrEnum):
    """Why a detection goes no further."""

    SKY = "outside the sky of every event"
    TIME = "outside the time of every event there"
    BOGUS = "more bogus than real"
    MOVING = "a known solar-system object"
    NEGATIVE = "a negative difference"
    NEW = "too few earlier detections"
    OLD = "too many earlier detections"


@dataclass(frozen=True, slots=True)
class ContentRules:
    """What a detection must be.

    What a packet does not say drops nothing.

    Attributes
    ----------
    min_real_bogus : float or None
        Least score, 0 to 1; None: any.
    moving, negative : bool
        Keep known solar-system objects, and negative differences.
    min_earlier, max_earlier : int or None
        How often the object was seen before; None: any number.
    """

    min_real_bogus: float | None = 0.5
    moving: bool = False
    negative: bool = False
    min_earlier: int | None = None
    max_earlier: int | None = None


def dropped_for(header: DetectionHeader, rules: ContentRules) -> Dropped | None:
    """Say why a detection goes no further; None: it does. The first rule that it breaks is named."""
    real, least = header.real_bogus, rules.min_real_bogus
    if real is not None and least is not None and real < least:
        return Dropped.BOGUS
    if header.moving and not rules.moving:
        return Dropped.MOVING
    if header.negative and not rules.negative:
        return Dropped.NEGATIVE
    return _dropped_for_history(header.earlier, rules)


def _dropped_for_history(earlier: int | None, rules: ContentRules) -> Dropped | None:
    if earlier is None:
        return None
    if rules.min_earlier is not None and earlier < rules.min_earlier:
        return Dropped.NEW
    return Dropped.OLD if rules.max_earlier is not None and earlier > rules.max_earlier else None
