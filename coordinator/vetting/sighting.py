"""A sighting: one detection as vetting sees it, where anything but the place may be unknown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from coordinator.alerts.points.point import BodyNear
from coordinator.vetting.facts import StoredDetection
from coordinator.vetting.tangent import whole_turn

DETECTED_SNR = 5.0
FORCED_SNR = 4.0
"""Forced photometry often overstates its signal to noise; ZTFReST (arXiv:2104.06352) asks for this."""

EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sighting:
    """One point of light in one image; None: unknown.

    `upper_limit`: nothing was seen there, down to `limiting_mag_ab`. `forced`: measured at a place given beforehand.
    Both tell how bright something is, not where or whether it is. `bodies`: which known bodies its survey saw there;
    none: it looked and found none.
    """

    id: str
    ra_deg: float
    dec_deg: float
    time: datetime | None = None
    filter: str | None = None
    mag_ab: float | None = None
    mag_err: float | None = None
    limiting_mag_ab: float | None = None
    snr: float | None = None
    real_bogus: float | None = None
    pos_err_arcsec: float | None = None
    telescope: str | None = None
    host_redshift: float | None = None
    host_redshift_err: float | None = None
    host_separation_arcsec: float | None = None
    upper_limit: bool = False
    forced: bool = False
    bodies: tuple[BodyNear, ...] | None = None

    @property
    def places(self) -> bool:
        """Whether it says by itself that something is there, and where."""
        return not (self.upper_limit or self.forced)

    @property
    def order(self) -> tuple[datetime, str]:
        """What sightings are sorted by: time (unknown first), then id."""
        return (self.time or EARLIEST, self.id)

    @property
    def significance(self) -> float:
        """Signal to noise; a detection that does not say is taken as one at the usual threshold, a limit has none."""
        if self.upper_limit:
            return 0.0
        if self.snr is not None:
            return self.snr
        if self.mag_err is not None and self.mag_err > 0:
            return 1.0857 / self.mag_err
        return DETECTED_SNR


def detections(sightings: Iterable[Sighting]) -> tuple[Sighting, ...]:
    """Return those in which something was seen, in their order; forced photometry must be certain to count."""
    return tuple(s for s in sightings if s.places or (s.forced and s.significance >= FORCED_SNR))


def sighting_of(stored: StoredDetection) -> Sighting:
    """See a stored detection as vetting does."""
    d = stored.detection
    return Sighting(
        id=stored.key,
        ra_deg=whole_turn(d.ra_deg),
        dec_deg=d.dec_deg,
        time=d.mid_exposure,
        filter=d.filter or None,
        mag_ab=None if stored.upper_limit else d.mag_ab,
        mag_err=d.mag_err,
        limiting_mag_ab=d.limiting_mag_ab,
        snr=d.snr,
        real_bogus=d.real_bogus,
        pos_err_arcsec=d.pos_err_arcsec,
        telescope=stored.telescope,
        host_redshift=d.host_redshift,
        host_redshift_err=d.host_redshift_err,
        host_separation_arcsec=d.host_separation_arcsec,
        upper_limit=stored.upper_limit,
        forced=stored.forced,
        bodies=stored.bodies,
    )
