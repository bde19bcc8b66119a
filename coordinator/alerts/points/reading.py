"""Which record is whose, and what it tells; a new form is one line here."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from coordinator.alerts.avro import SchemaSource
from coordinator.alerts.opening import open_message
from coordinator.alerts.points import brokers, rubin, ztf
from coordinator.alerts.points.point import SurveyPoint

Reader = Callable[[Mapping[str, Any]], Iterator[SurveyPoint]]

FORMS: tuple[tuple[frozenset[str], Reader], ...] = (
    (frozenset({"diaSource"}), rubin.points),
    (frozenset({"candidate"}), ztf.points),
    (frozenset({"i:objectId", "i:ra", "i:dec"}), brokers.fink_points),
    (frozenset({"diaObject", "diaSourcesList"}), rubin.lasair_points),
    (frozenset({"object", "photometry"}), brokers.ampel_points),
)
MOST_POINTS = 5000
"""So many points of one message are enough for a light curve of years."""


def points_in(raw: bytes, schemas: SchemaSource | None = None) -> tuple[SurveyPoint, ...]:
    """Return what a survey's or broker's message measured; of a point that is told twice the first.

    Parameters
    ----------
    raw : bytes
        The message as it came.
    schemas : optional
        Those that Avro may name by id.

    Raises
    ------
    Refused
        It cannot be opened.
    """
    opened = open_message(raw, schemas)
    if opened.avro is not None:
        records: Any = list(opened.avro.records)
    else:
        records = None if opened.document is None else opened.document.value
        if isinstance(records, Mapping):
            items = records.get("items")
            records = items if isinstance(items, list) else [records]
    found: dict[str, SurveyPoint] = {}
    for record in records if isinstance(records, list) else ():
        for point in _points(record):
            if len(found) < MOST_POINTS:
                found.setdefault(point.id, point)
    return tuple(found.values())


def _points(record: Any) -> Iterator[SurveyPoint]:
    if isinstance(record, Mapping):
        reader = next((reader for keys, reader in FORMS if keys <= record.keys()), None)
        if reader is not None:
            yield from reader(record)
