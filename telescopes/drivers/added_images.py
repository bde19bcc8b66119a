"""What the images of one pointing show together that none of them shows alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from telescopes.description.depths import together_mag_ab
from telescopes.description.messages import Detection
from telescopes.description.telescope import Instrument
from telescopes.drivers.driver import Aim, ExposureSpec, Frame
from telescopes.drivers.image import Found, Sky, found_in_all


@dataclass(slots=True)
class AddedImages:
    """The images of the pointing that is being observed, added up as they come, as a site's pipeline does.

    A source is found in the sum by the same law as in one image, by the limit of all together. Each is told once: where
    an image alone has shown it, the sum tells nothing new. What is in one image only, as artefacts are, an addition
    leaves out. An agent that is killed forgets the sum, and begins a new one.
    """

    pointing_id: str = ""
    filter: str = ""
    limits_mag_ab: list[float] = field(default_factory=list)
    start: datetime | None = None
    shown: set[str] = field(default_factory=set)

    def add(self, spec: ExposureSpec, frame: Frame, found: Sequence[Found]) -> None:
        """Add an image, and note what it shows by itself."""
        if (spec.pointing_id, spec.filter) != (self.pointing_id, self.filter):
            self.pointing_id, self.filter, self.start = spec.pointing_id, spec.filter, frame.start
            self.limits_mag_ab, self.shown = [], set()
        if frame.limiting_mag_ab is not None:
            self.limits_mag_ab.append(frame.limiting_mag_ab)
        self.shown |= {one.source_id for one in found}

    def besides(
        self, sky: Sky, telescope_id: str, instrument: Instrument, aim: Aim, spec: ExposureSpec, end: datetime
    ) -> list[Detection]:
        """Return what only the sum up to now shows."""
        limit = together_mag_ab(self.limits_mag_ab)
        if limit is None or self.start is None or len(self.limits_mag_ab) < 2:
            return []
        middle = self.start + (end - self.start) / 2
        new = found_in_all(sky, telescope_id, instrument, aim, spec, middle, limit, self.shown)
        self.shown |= {one.source_id for one in new}
        return [one.detection for one in new]
