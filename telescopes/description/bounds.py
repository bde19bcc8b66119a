"""How much a telescope may be and do: said when a site file is checked, held by the gateway and by the agent."""

LONGEST_ID = 64
LONGEST_NAME = 128
"""Characters of an instrument's id or a filter's name."""
MOST_INSTRUMENTS = 16
MOST_FILTERS = 64
MOST_POLYGONS = 256
MOST_VERTICES = 64
LONGEST_STEP_S = 86_400.0
"""Of anything that a telescope does: settle, read out, change the filter."""
LONGEST_EXPOSURE_S = 7200.0
MOST_EXPOSURES = 1000
"""Exposures in one pointing."""
LONGEST_POINTING_S = 86_400.0
"""Of open shutter in one pointing."""

MOST_URGENT = 100
"""The highest priority that a telescope is told; who waits before whom at the coordinator may go beyond it."""

INTERRUPTING_PRIORITY = 90
"""From here on a pointing goes before everything that is due, and interrupts what runs where the site allows it."""
