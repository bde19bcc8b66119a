"""What the programs of a site share: a shutter that others can look at, and the image that comes of it."""

import os
from datetime import datetime
from pathlib import Path

import numpy as np
from astropy.io import fits

SIDE_PX = 16


def shutter(folder: Path, is_open: bool) -> None:
    """Say in a file whose the shutter is, and whether it is open."""
    (folder / "shutter").write_text(f"{os.getpid()} {'open' if is_open else 'closed'}")


def save(path: Path, start: datetime, exposure_s: float, filter_: str, place: tuple[float, float]) -> None:
    """Write an image as an observatory does, by another name first; `place` in degrees."""
    unit = fits.PrimaryHDU(np.zeros((SIDE_PX, SIDE_PX), np.uint16))
    unit.header["IMAGETYP"] = "Light Frame"
    unit.header["DATE-OBS"] = start.replace(tzinfo=None).isoformat(timespec="milliseconds")
    unit.header["EXPTIME"] = exposure_s
    unit.header["FILTER"] = filter_
    unit.header["RA"], unit.header["DEC"] = place
    beside = path.with_suffix(".part")
    unit.writeto(beside, overwrite=True)
    beside.replace(path)
