"""The folder where a simulated camera puts its images: small FITS files, the stars beside each, the newest kept."""

import csv
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import numpy as np

from telescopes.description.messages import Detection
from telescopes.description.telescope import Telescope
from telescopes.description.whole_file import write_whole
from telescopes.drivers.driver import Aim, CameraFault, ExposureSpec, Frame
from telescopes.drivers.exposure_header import aim_cards, exposure_cards
from telescopes.drivers.fits_file import write_fits
from telescopes.drivers.image import Sky, dice, magnitude
from telescopes.drivers.sky_image import Lights, image_shape, lit_radius_deg, paint
from telescopes.drivers.stars import Stars, stars_around

STARS_SUFFIX = ".stars.csv"


@dataclass(frozen=True, slots=True)
class StoredImage:
    """Where an image lies, and what is in it."""

    uri: str
    sha256: str


class ImageFolder:
    """Writes the images of one telescope; other telescopes may use the same folder.

    Parameters
    ----------
    folder : Path
        Made where it is missing.
    kept : int
        So many of the newest images of this telescope stay.
    longer_px : int
        Pixels along the longer side.
    """

    def __init__(self, folder: Path, kept: int, longer_px: int) -> None:
        self._folder = folder.absolute()
        self._kept = kept
        self._longer_px = longer_px

    def write(
        self, telescope: Telescope, sky: Sky, aim: Aim, spec: ExposureSpec, frame: Frame, artefacts: Sequence[Detection]
    ) -> StoredImage:
        """Paint and write one exposure; the same exposure gives the same bytes.

        Raises
        ------
        CameraFault
            The folder cannot be written.
        """
        instrument = telescope.instrument(spec.instrument_id)
        shape = image_shape(instrument, self._longer_px)
        stars = stars_around(sky.world.seed, aim.ra_deg, aim.dec_deg, lit_radius_deg(instrument))
        lights = _lights(sky, aim, spec, frame, stars, artefacts, lit_radius_deg(instrument))
        rng = dice(sky.world, f"{telescope.id}/pixels", spec)
        pixels = paint(instrument, aim, shape, lights, frame.limiting_mag_ab, rng)
        cards = exposure_cards(telescope, spec, start=frame.start, end=frame.end, exposure_s=frame.exposure_s)
        path = self._folder / f"{telescope.id}_{_safe(spec.pointing_id)}_{spec.exposure_index}.fits"
        try:
            sha256 = write_fits(path, pixels, [*cards, *aim_cards(aim, instrument, *shape)])
            _write_stars(path.with_suffix(STARS_SUFFIX), stars)
            self._forget_old(telescope.id)
        except OSError as error:
            mend = "free some space, or give driver.images a folder that can be written"
            raise CameraFault(f"no image can be written ({error})", where=str(self._folder), mend=mend) from error
        return StoredImage(path.as_uri(), sha256)

    def _forget_old(self, telescope_id: str) -> None:
        """Take away all but the newest images of the telescope, with what lies beside them."""
        own = list(self._folder.glob(f"{telescope_id}_*.fits"))
        for old in sorted(own, key=lambda path: path.stat().st_mtime_ns)[: -self._kept]:
            old.unlink(missing_ok=True)
            old.with_suffix(STARS_SUFFIX).unlink(missing_ok=True)


def _lights(
    sky: Sky,
    aim: Aim,
    spec: ExposureSpec,
    frame: Frame,
    stars: Stars,
    artefacts: Sequence[Detection],
    radius_deg: float,
) -> Lights:
    hours = sky.hours(frame.start + (frame.end - frame.start) / 2)
    sources = [
        (ra_deg, dec_deg, mag, False)
        for source, ra_deg, dec_deg in sky.within(aim, radius_deg, hours)
        if (mag := magnitude(source, spec.filter, hours)) is not None
    ]
    odd = [(d.ra_deg, d.dec_deg, d.mag_ab, True) for d in artefacts]
    table = np.array([*sources, *odd], np.float64).reshape(-1, 4)
    return Lights(
        np.concatenate([stars.ra_deg, table[:, 0]]),
        np.concatenate([stars.dec_deg, table[:, 1]]),
        np.concatenate([stars.mag_ab, table[:, 2]]),
        np.concatenate([np.zeros(stars.mag_ab.size, bool), table[:, 3] > 0]),
    )


def _write_stars(path: Path, stars: Stars) -> None:
    """Write the star catalogue of the field: places and AB magnitudes, as a site has it from a survey."""
    text = StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("ra_deg", "dec_deg", "mag_ab"))
    for place in zip(stars.ra_deg, stars.dec_deg, stars.mag_ab, strict=True):
        rows.writerow([f"{value:.7f}" for value in place])
    write_whole(path, text.getvalue().encode())


def _safe(pointing_id: str) -> str:
    """Return a name that is a file's name on every system, whatever the coordinator calls its pointings."""
    if re.fullmatch(r"[A-Za-z0-9-]{1,64}", pointing_id):
        return pointing_id
    return hashlib.sha256(pointing_id.encode()).hexdigest()[:32]
