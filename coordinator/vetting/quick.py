"""Checks as columns, where that spares much: each says of many candidates what its check says of one.

The check in `checks/` is the one that counts; `tests/property/test_terms_laws.py` holds each of these against it. One
that cannot answer for a candidate says so, and the check is asked.
"""

from collections.abc import Callable, Mapping

from coordinator.vetting.batch import Batch
from coordinator.vetting.columns.absolute import absolute_column
from coordinator.vetting.columns.column import Column
from coordinator.vetting.columns.first_light import real_bogus_column, repeat_column, time_column
from coordinator.vetting.columns.galaxy import galaxy_column
from coordinator.vetting.columns.looked_up import earlier_column, minor_planet_column
from coordinator.vetting.columns.point_sources import nucleus_column, star_column, variable_column
from coordinator.vetting.columns.sky import sky_column

QUICK: Mapping[str, Callable[[Batch], Column]] = {
    "sky": sky_column,
    "time": time_column,
    "galaxy": galaxy_column,
    "absolute magnitude": absolute_column,
    "minor planet": minor_planet_column,
    "repeat detection": repeat_column,
    "real/bogus": real_bogus_column,
    "earlier activity": earlier_column,
    "star": star_column,
    "active nucleus": nucleus_column,
    "known variable": variable_column,
}
