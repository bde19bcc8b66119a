"""Where surveys look from, for the parallax of what they see; one with several sites is not here."""

from collections.abc import Mapping
from types import MappingProxyType

from telescopes.description.telescope import Site

_PALOMAR = Site(33.3573, -116.8598, 1696.0)

SURVEY_SITES: Mapping[str, Site] = MappingProxyType(
    {"ztf": _PALOMAR, "winter": _PALOMAR, "rubin": Site(-30.2446, -70.7494, 2663.0)}
)
"""By the names that alerts have (`coordinator.alerts.candidates`): Palomar (MPC I41), Rubin Observatory (X05)."""
