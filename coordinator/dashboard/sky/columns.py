"""Pointings as columns: many of them weigh little, and the browser works out their corners from one camera each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import pi, sqrt
from typing import Any

from coordinator.dashboard.pointings import PLANNED, STATES
from coordinator.dispatch.assignment import Assignment
from coordinator.sky.ranges import Ranges
from telescopes.description.footprint import Circle, Footprint
from telescopes.description.geometry import plane_polygons
from telescopes.description.telescope import Telescope

Row = tuple[Any, ...]
COLUMNS = (
    "id", "camera", "state", "ra_deg", "dec_deg", "position_angle_deg", "start_s", "end_s", "filter", "visit",
    "limit_mag_ab", "new_probability", "late", "asked_ra_deg", "asked_dec_deg", "offered",
)  # fmt: skip
"""`camera`, `state`, `filter` and `visit` are places in the lists `cameras`, `states` and `words`."""


@dataclass
class Columns:
    """Collects pointings; times are whole seconds after `epoch`.

    Attributes
    ----------
    telescopes : mapping
        What is described here; the field of any other telescope is a circle as wide as the sky that it covers.
    """

    telescopes: Mapping[str, Telescope]
    epoch: datetime
    rows: list[Row] = field(default_factory=list)
    _cameras: dict[tuple[str, str, float | None], int] = field(default_factory=dict)
    _shapes: list[dict[str, Any]] = field(default_factory=list)
    _words: dict[str, int] = field(default_factory=dict)

    def add_offered(self, one: Assignment) -> None:
        """Add a pointing from its offer on: where the telescope looked if that is known, else where it was asked to."""
        asked = one.offered.pointing
        ra, dec = one.actual_ra_deg, one.actual_dec_deg
        looked = ra is not None and dec is not None
        angle = asked.position_angle_deg if one.actual_position_angle_deg is None else one.actual_position_angle_deg
        self.rows.append(
            (
                one.id,
                self._camera(one.telescope, asked.instrument_id, one.ranges),
                STATES.index(one.state),
                _degrees(ra if looked else asked.ra_deg),
                _degrees(dec if looked else asked.dec_deg),
                _degrees(angle),
                self._seconds(one.began),
                self._seconds(one.actual_end or one.offered.planned_end),
                self._word(asked.exposures[0].filter if asked.exposures else None),
                self._word(asked.visit),
                one.depth_mag_ab if one.depth_mag_ab is None else round(one.depth_mag_ab, 2),
                _probability(one.offered.new_probability),
                int(one.late),
                _degrees(asked.ra_deg) if looked else None,
                _degrees(asked.dec_deg) if looked else None,
                1,
            )
        )

    def add_planned(self, row: Mapping[str, Any]) -> None:
        """Add a row of a plan."""
        self.rows.append(
            (
                row["id"],
                self._camera(row["telescope"], row["instrument"], None),
                STATES.index(PLANNED),
                _degrees(row["ra_deg"]),
                _degrees(row["dec_deg"]),
                _degrees(row["position_angle_deg"]),
                self._seconds(datetime.fromisoformat(row["start"])),
                self._seconds(datetime.fromisoformat(row["end"])),
                self._word(row["filter"]),
                self._word(row["visit"]),
                None if row["limit_mag_ab"] is None else round(row["limit_mag_ab"], 2),
                _probability(row["new_probability"]),
                0,
                None,
                None,
                0,
            )
        )

    def document(self) -> dict[str, Any]:
        """Return all of them by column, with what the columns point at."""
        by_name = zip(COLUMNS, zip(*self.rows, strict=True), strict=True) if self.rows else ((n, ()) for n in COLUMNS)
        return {
            "cameras": self._shapes,
            "states": list(STATES),
            "words": list(self._words),
            "fields": {name: list(values) for name, values in by_name},
        }

    def _camera(self, telescope: str, instrument: str, ranges: str | None) -> int:
        known = self.telescopes.get(telescope)
        its = next((i.footprint for i in known.instruments if i.id == instrument), None) if known else None
        radius = None if its is not None or ranges is None else round(sqrt(Ranges.decode(ranges).area_deg2 / pi), 3)
        name = (telescope, instrument, radius)
        if name not in self._cameras:
            self._cameras[name] = len(self._shapes)
            shape = its if its is not None else None if radius is None else Circle(radius)
            self._shapes.append(_shape(telescope, instrument, shape, exact=its is not None))
        return self._cameras[name]

    def _seconds(self, at: datetime) -> int:
        return round((at - self.epoch).total_seconds())

    def _word(self, word: str | None) -> int | None:
        return None if word is None else self._words.setdefault(word, len(self._words))


def _shape(telescope: str, instrument: str, footprint: Footprint | None, *, exact: bool) -> dict[str, Any]:
    """Return a camera: corners in its tangent plane, degrees, x east and y north at position angle 0."""
    polygons = [] if footprint is None else [list(map(_corner, corners)) for corners in plane_polygons(footprint)]
    return {"telescope": telescope, "instrument": instrument, "exact": exact, "polygons": polygons}


def _corner(corner: Iterable[float]) -> list[float]:
    return [round(one, 5) for one in corner]


def _degrees(angle: float | None) -> float | None:
    return None if angle is None else round(angle, 4)


def _probability(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.3g}")
