"""What `armillary plan` is told besides the map: visits by name, and sky that is looked at already."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from coordinator.planning.document import SCHEMA
from coordinator.planning.request import Look, VisitSpec
from coordinator.sky.coverage import Frames
from coordinator.sky.field_ranges import ranges_of_many
from telescopes.description.errors import Refused
from telescopes.description.telescope import Telescope

GAP_S = {"2": 1800.0, "3": 64800.0}
"""After the same sky's first look: movers and colours half an hour later, fading ones the next night."""


def visits_of(text: str) -> tuple[VisitSpec, ...]:
    """Read the names of visits; 2 and 3 keep their distance from the first look."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names or len(set(names)) < len(names):
        raise Refused(f"{text!r} names no visits, or one twice", where="--visits", mend="give names such as 1,2")
    return tuple(VisitSpec(name, min_gap_s=GAP_S.get(name, 0.0) if i else 0.0) for i, name in enumerate(names))


def looks_of(file: Path, event: str, telescopes: Sequence[Telescope]) -> tuple[Look, ...]:
    """Read the pointings of a plan as looks at the sky; visit and depth are kept.

    Raises
    ------
    Refused
        The file is of another kind, or names a telescope that is not in the network.
    """
    document = _document(file)
    known = {t.id: t for t in telescopes}
    return tuple(_look(row, i, file, event, known) for i, row in enumerate(document["pointings"]))


def _document(file: Path) -> dict[str, Any]:
    try:
        document: Any = json.loads(file.read_bytes())
    except OSError as error:
        raise Refused(f"cannot be read ({error.strerror})", where=str(file), mend="give a readable file") from error
    except ValueError as error:
        raise Refused("is no JSON", where=str(file), mend=f"give a plan ({SCHEMA}); others are not read yet") from error
    known = isinstance(document, dict) and document.get("schema") == SCHEMA
    if not known or not isinstance(document.get("pointings"), list):
        raise Refused(f"is no {SCHEMA}", where=str(file), mend="give a plan written by --json; others are not read yet")
    plan: dict[str, Any] = document
    return plan


def _look(row: dict[str, Any], number: int, file: Path, event: str, known: dict[str, Telescope]) -> Look:
    where = f"{file}: pointings[{number}]"
    try:
        telescope = known[row["telescope"]]
        footprint = telescope.instrument(row["instrument"]).footprint
        angle = float(row.get("position_angle_deg") or 0.0)
        ranges = ranges_of_many(footprint, Frames.at([float(row["ra_deg"])], [float(row["dec_deg"])], angle))[0]
        start = datetime.fromisoformat(row["start"]).astimezone(UTC)
        return Look(event, str(row.get("visit") or "1"), ranges, start, row.get("limit_mag_ab"))
    except StopIteration as error:
        raise Refused(f"unknown instrument {row['instrument']!r}", where=where, mend="use the same --sites") from error
    except KeyError as error:
        raise Refused(
            f"unknown or missing: {error}", where=where, mend="use the same --sites as for that plan"
        ) from error
    except (TypeError, ValueError) as error:
        raise Refused(
            f"is not as a plan has it ({error})", where=where, mend="give a plan written by --json"
        ) from error
