"""The sky that a simulated telescope sees: sources that shine, move and fade, and clouds over each site.

The truth of a simulation: the coordinator never reads it.
"""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SkySource:
    """One point of light that an image subtraction would find.

    `light_curve` maps a filter to ``(hours since the world's t_ref, AB magnitude)`` in order of time, linear in
    between; outside its span the source is not there. A filter that is not listed is taken as "r".
    Rates are on the sky (cos dec included), arcseconds per hour, about the position at `t_ref`.
    """

    id: str
    kind: str
    ra_deg: float
    dec_deg: float
    light_curve: dict[str, tuple[tuple[float, float], ...]]
    ra_rate_arcsec_h: float = 0.0
    dec_rate_arcsec_h: float = 0.0
    real_bogus: float = 0.9
    host_separation_arcsec: float | None = None
    host_redshift: float | None = None
    host_redshift_err: float | None = None


@dataclass(frozen=True, slots=True)
class World:
    """Everything that simulated telescopes share; `clouds` are closed sky per telescope id, sky time.

    `bogus_per_image` is the mean number of artefacts in one image.
    """

    seed: int
    t_ref: datetime
    sources: tuple[SkySource, ...]
    clouds: dict[str, tuple[tuple[datetime, datetime], ...]] = field(default_factory=dict)
    bogus_per_image: float = 0.3
