"""Pointings as columns: many of them weigh little, and the browser works out their corners from one camera each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import pi, sqrt
from typing import Any

from coordinator.dashboard.pointings import PLANNED, STATES
from coordinator.dashboard.sky.packing import as_written, how_packed, packed
from coordinator.dispatch.assignment import Assignment
from coordinator.sky.ranges import Ranges
from telescopes.description.footprint import Circle, Footprint
from telescopes.description.geometry import plane_polygons
from telescopes.description.telescope import Telescope

Row = tuple[Any, ...]
COLUMNS = (
    "id", "camera", "command_seq", "plan_row", "state", "ra_deg", "dec_deg", "position_angle_deg", "start_s",
    "length_s", "filter", "visit", "limit_mag_ab", "new_probability", "late", "asked_ra_deg", "asked_dec_deg",
)  # fmt: skip
"""`camera`, `state`, `filter` and `visit` are places in the lists `cameras`, `states` and `words`.

What was offered is known by its number in its telescope's command log, what is planned by its row in the plan: names
are hashes, and would be half of all that is sent.
"""

NAMES = ("id", "camera", "command_seq", "plan_row")


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

    def add_offered(self, one: Assignment, plan_row: int | None = None) -> None:
        """Add a pointing from its offer on: where the telescope looked if that is known, else where it was asked to.

        `plan_row`: where it stood in the plan before its offer.
        """
        asked = one.offered.pointing
        ra, dec = one.actual_ra_deg, one.actual_dec_deg
        looked = ra is not None and dec is not None
        angle = asked.position_angle_deg if one.actual_position_angle_deg is None else one.actual_position_angle_deg
        self.rows.append(
            (
                one.id,
                self._camera(one.telescope, asked.instrument_id, one.ranges),
                one.offered.command_seq,
                plan_row,
                STATES.index(one.state),
                ra if looked else asked.ra_deg,
                dec if looked else asked.dec_deg,
                angle,
                self._seconds(one.began),
                self._seconds(one.actual_end or one.offered.planned_end) - self._seconds(one.began),
                self._word(asked.exposures[0].filter if asked.exposures else None),
                self._word(asked.visit),
                one.depth_mag_ab,
                as_written(one.offered.new_probability),
                int(one.late),
                asked.ra_deg if looked else None,
                asked.dec_deg if looked else None,
            )
        )

    def add_planned(self, row: Mapping[str, Any], plan_row: int) -> None:
        """Add a row of a plan; `plan_row`: which one of the plan's rows it is, counted from 0."""
        start = self._seconds(datetime.fromisoformat(row["start"]))
        self.rows.append(
            (
                row["id"],
                self._camera(row["telescope"], row["instrument"], None),
                None,
                plan_row,
                STATES.index(PLANNED),
                row["ra_deg"],
                row["dec_deg"],
                row["position_angle_deg"],
                start,
                self._seconds(datetime.fromisoformat(row["end"])) - start,
                self._word(row["filter"]),
                self._word(row["visit"]),
                row["limit_mag_ab"],
                as_written(row["new_probability"]),
                0,
                None,
                None,
            )
        )

    def document(self, *, named: bool) -> dict[str, Any]:
        """Return all of them by column, packed, with what the columns point at; `named`: also their ids."""
        return {
            "cameras": self._shapes,
            "states": list(STATES),
            "words": list(self._words),
            "packed": how_packed(),
            "fields": packed({name: values for name, values in self._by_name().items() if named or name != "id"}),
        }

    def names(self) -> dict[str, Any]:
        """Return the id of each, and what it is known by in a document without ids; nothing of it is packed."""
        columns = self._by_name()
        return {
            "cameras": [{"telescope": shape["telescope"]} for shape in self._shapes],
            "names": {name: list(columns[name]) for name in NAMES},
        }

    def _by_name(self) -> dict[str, tuple[Any, ...]]:
        every = zip(*self.rows, strict=True) if self.rows else ((),) * len(COLUMNS)
        return dict(zip(COLUMNS, every, strict=True))

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
