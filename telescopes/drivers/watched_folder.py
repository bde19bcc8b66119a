"""A folder in which images appear: which are new, whole, and of the pointing that was asked for."""

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from telescopes.description.durations import separation_deg
from telescopes.description.messages import Pointing
from telescopes.drivers.driver import Aim, Frame
from telescopes.drivers.fits_exposure import FitsExposure, exposure_of
from telescopes.drivers.fits_header import NotFits, read_header
from telescopes.drivers.whole_pointing import Asked, Taken, filters_of

log = logging.getLogger(__name__)

SUFFIXES = frozenset({".fits", ".fit", ".fts"})
LIGHT = ("", "LIGHT", "LIGHT FRAME", "OBJECT", "SCIENCE")
"""Kinds of image (IMAGETYP) that count; empty: not said."""
CLOCKS_APART = timedelta(seconds=2)
LEAST_SHARE = 0.5
"""Of the exposure time that was asked for; a shorter one focuses or acquires."""
CLOCKS_OF_FILES_APART = timedelta(days=1)
"""What a file's time may be wrong by: some disks keep local time, and some machines do not know theirs."""
CHUNK = 1024 * 1024

Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Match:
    """What makes an image one of a pointing's: its filter by the site's name, and how near it must look."""

    filters: Mapping[str, str]
    within_deg: float
    limiting_mag_key: str | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """One image that was taken for the pointing."""

    taken: Taken
    aim: Aim | None


class WatchedFolder:
    """Looks at a folder and all below it; every file is judged once for as long as it does not change.

    Read is what may have been written since the first exposure could begin: the images of other nights lie there too.
    """

    def __init__(self, folder: Path, match: Match, asked: Asked) -> None:
        self._folder = folder
        self._match = match
        self._asked = asked
        self._judged: dict[Path, Stamp] = {}
        self._growing: dict[Path, Stamp] = {}
        self._known = {result.image_uri for result in asked.taken}
        self._earliest = max(asked.begun, asked.pointing.window_start) - CLOCKS_APART
        self._oldest_ns = int((self._earliest - CLOCKS_OF_FILES_APART).timestamp()) * 10**9

    def look(self, final: bool = False) -> list[Image]:
        """Return what is new, in order of exposure; `final`: do not wait for a file to stay the same between two looks.

        Raises
        ------
        OSError
            The folder cannot be read.
        """
        found = [image for path, stamp in self._candidates() if (image := self._judge(path, stamp, final))]
        return sorted(found, key=lambda image: image.taken.frame.start)

    def _candidates(self) -> list[tuple[Path, Stamp]]:
        paths = [path for path in self._folder.rglob("*") if path.suffix.lower() in SUFFIXES]
        if not paths and not self._folder.is_dir():
            raise FileNotFoundError(f"there is no folder {self._folder}")
        stamps = [(path, stamp) for path in sorted(paths) if (stamp := _stamp(path)) is not None]
        return [(p, stamp) for p, stamp in stamps if stamp[1] >= self._oldest_ns and self._judged.get(p) != stamp]

    def _judge(self, path: Path, stamp: Stamp, final: bool) -> Image | None:
        """Return an image if it is whole and of this pointing; one that still grows is looked at again."""
        if self._growing.get(path) != stamp and not final:
            self._growing[path] = stamp
            return None
        try:
            header = read_header(path)
            kind = str(header.get("IMAGETYP") or "").strip().upper()
            exposure = exposure_of(header, self._match.limiting_mag_key)
        except (NotFits, OSError) as error:
            log.warning("%s is no image, or not whole: %s", path, error)
            self._judged[path] = stamp
            return None
        self._judged[path] = stamp
        why_not = "it is no image of the sky" if kind not in LIGHT else self._why_not(exposure)
        if why_not is not None:
            log.info("%s is not of %s: %s", path, self._asked.pointing.pointing_id, why_not)
            return None
        return self._image(path, exposure)

    def _image(self, path: Path, exposure: FitsExposure) -> Image | None:
        uri = path.resolve().as_uri()
        if uri in self._known:
            return None
        self._known.add(uri)
        frame = Frame(
            start=exposure.start,
            end=exposure.end,
            exposure_s=exposure.exposure_s,
            limiting_mag_ab=exposure.limiting_mag_ab,
            image_uri=uri,
            image_sha256=_sha256(path),
        )
        filter_ = self._our_filter(exposure.filter)
        assert filter_ is not None
        return Image(Taken(filter_, frame), exposure.aim)

    def _why_not(self, exposure: FitsExposure) -> str | None:
        """Say why an exposure is none of this pointing's; None: it is one."""
        p = self._asked.pointing
        if not self._earliest <= exposure.start < p.window_end:
            return f"it began at {exposure.start:%Y-%m-%dT%H:%M:%SZ}, not while this was asked for"
        filter_ = self._our_filter(exposure.filter)
        if filter_ is None:
            return f"filter {exposure.filter!r} is not asked for"
        least_s = LEAST_SHARE * min(e.exposure_s for e in p.exposures if e.filter == filter_)
        if exposure.exposure_s < least_s:
            return f"{exposure.exposure_s:g} s are too short"
        return _too_far(exposure.aim, p, self._match.within_deg)

    def _our_filter(self, theirs: str | None) -> str | None:
        """Return our name of the filter; a header that says none is believed where only one is asked for."""
        asked = filters_of(self._asked.pointing)
        if theirs is None:
            return asked[0] if len(asked) == 1 else None
        return next((ours for ours in asked if self._match.filters.get(ours, ours) == theirs), None)


def _too_far(aim: Aim | None, pointing: Pointing, within_deg: float) -> str | None:
    if aim is None:
        return None
    apart_deg = separation_deg(aim.ra_deg, aim.dec_deg, pointing.ra_deg, pointing.dec_deg)
    return f"it looks {apart_deg:.3f} degrees away" if apart_deg > within_deg else None


def _stamp(path: Path) -> Stamp | None:
    """Return size and time of a file; None: it went away."""
    try:
        seen = path.stat()
    except OSError:
        return None
    return seen.st_size, seen.st_mtime_ns


def _sha256(path: Path) -> str:
    """Return the file's hash; empty: it cannot be read any more."""
    seen = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                seen.update(chunk)
    except OSError:
        return ""
    return seen.hexdigest()
