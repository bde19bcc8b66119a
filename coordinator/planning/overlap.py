"""How much fields of a plan may overlap: little where time is short, more where it closes gaps."""

import numpy as np

from coordinator.planning.search_state import Search
from telescopes.description.ephemeris import Array
from telescopes.description.footprint import Circle

ROUND_REDUNDANCY = 0.35
"""Circles cannot cover the sky with less than 0.21; nor do fields fit together that turn about a pole."""

NEAR_POLE_DEG = 80.0
MANY_FIELDS = 20
PLENTY = 12.0
"""A region of many fields has few edges for its size: overlap there costs more than it closes, unless time abounds.
With 10 GW150914 and three telescopes (11 times the region) came to .0525 where 5.7 % of what is in reach stays
unplanned."""


def region_deg2(area_deg2: Array, holds: Array) -> float:
    """Area of the densest cells that hold nine tenths; both of shape (cells,)."""
    by = np.argsort(-(holds / area_deg2), kind="stable")
    region = int(np.searchsorted(np.cumsum(holds[by]), 0.9 * holds.sum())) + 1
    return float(area_deg2[by[:region]].sum())


def most_redundancy(state: Search) -> float:
    """Full slots mean that overlap costs sky; otherwise a little of it closes gaps."""
    if state.task.by_depth or all(b.guide is not None for b in state.benches):
        return np.inf
    within_reach = sum(b.desk.capacity_deg2 for b in state.benches)
    area = region_deg2(state.cells.area_deg2, state.cells.probability)
    if within_reach < 4 * area:
        return state.settings.redundancy_when_full
    round_ones = any(isinstance(b.desk.footprint, Circle) for b in state.benches)
    polar = bool(np.average(np.abs(state.cells.dec_deg), weights=state.cells.probability) > NEAR_POLE_DEG)
    if round_ones or polar:
        return ROUND_REDUNDANCY
    widest = max((b.desk.field_area_deg2 for b in state.benches), default=0.0)
    many = area > MANY_FIELDS * widest and within_reach < PLENTY * area
    return state.settings.redundancy_when_full if many else state.settings.redundancy_else
