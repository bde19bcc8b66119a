"""What of a plan is not as it was wanted, in sentences."""

from collections.abc import Mapping, Sequence

import numpy as np

from coordinator.planning.plan import Note
from coordinator.planning.request import VisitSpec
from coordinator.sky.dust_map import DustMap


def notes(
    visits: Sequence[VisitSpec], short: Sequence[Mapping[str, str]], dust: DustMap | None = None
) -> tuple[Note, ...]:
    """Name telescopes that do not look as deep as is wanted, a note each, and say what was left out.

    Parameters
    ----------
    short : for each visit, why a telescope's exposure is not what the visit wants, by telescope
    """
    by_telescope: dict[str, list[str]] = {}
    for said in short:
        for name, because in said.items():
            by_telescope.setdefault(name, []).append(because)
    of_dust = _of_dust(dust) if any(v.source is not None for v in visits) else []
    return (*of_dust, *(Note("; ".join(reasons), name) for name, reasons in sorted(by_telescope.items())))


def _of_dust(dust: DustMap | None) -> list[Note]:
    """Say where extinction is not known: there it is not counted."""
    if dust is None:
        return [Note("extinction by the Galaxy's dust is not known and not counted: no dust map is given")]
    if np.isnan(dust.reddening_mag).any():
        return [Note(f"extinction is not known where {dust.name} has nothing, and not counted there")]
    return []
