"""Bytes to a sky map. What they are is decided by looking inside: names, suffixes and headers lie at times."""

import hashlib
from dataclasses import replace

from coordinator.sky.byte_source import ByteSource, open_bytes
from coordinator.sky.cells import sky_map
from coordinator.sky.fits_header import BLOCK, Header, read_header, word
from coordinator.sky.fits_table import Table, find_table
from coordinator.sky.map_facts import facts_of
from coordinator.sky.read_flat import read_flat
from coordinator.sky.read_multiorder import read_multiorder
from coordinator.sky.refusal import FETCH_AGAIN, refusal
from coordinator.sky.skymap import MapFacts, SkyMap
from coordinator.sky.turn import turned_to_icrs
from telescopes.description.errors import Refused

ICRS = ("C", "ICRS", "CELESTIAL", "EQUATORIAL", "EQUATOR", "J2000", "RADEC")
GALACTIC = ("G", "GALACTIC", "GAL")
NOT_FITS = (
    (b"<!DOCTYPE HTML", "an HTML page, not a FITS file"),
    (b"<HTML", "an HTML page, not a FITS file"),
    (b"<", "XML, not a FITS file"),
    (b"{", "JSON, not a FITS file"),
    (b"BZH", "packed by bzip2"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\xfd7ZXZ", "packed by xz"),
)


def read_skymap(data: bytes, where: str = "sky map") -> SkyMap:
    """Read a localization map: multi-order or flat, packed by gzip or not.

    Parameters
    ----------
    data : bytes
        The file.
    where : str
        Its name, for errors.

    Returns
    -------
    SkyMap
        In ICRS, normalised; `facts.warnings` say what had to be mended.

    Raises
    ------
    Refused
        Reason ``SKYMAP``, if it is not a sky map, is damaged, or contradicts itself.
    """
    try:
        return _read(data)
    except Refused as error:
        raise Refused(error.what, where=where, mend=error.mend, reason=error.reason) from error


def _read(data: bytes) -> SkyMap:
    if not data:
        raise refusal("no bytes at all")
    source = open_bytes(data)
    table = find_table(source, _primary_header(source))
    galactic, warnings = _frame(table)
    facts = facts_of(table.primary, table.header, hashlib.sha256(data).hexdigest())
    sky = _sky(table, replace(facts, warnings=warnings))
    return turned_to_icrs(sky) if galactic else sky


def _sky(table: Table, facts: MapFacts) -> SkyMap:
    if "UNIQ" in table.columns:
        return sky_map(read_multiorder(table), facts)
    if word(table.header, "ORDERING") == "NUNIQ":
        raise refusal("ORDERING is NUNIQ but there is no column UNIQ")
    return sky_map(read_flat(table), facts)


def _primary_header(source: ByteSource) -> Header:
    """Read the first header, or say what the bytes are instead."""
    start = _Peeked(source)
    head = start.head.lstrip().upper()
    if not start.head.startswith(b"SIMPLE"):
        what = next((said for magic, said in NOT_FITS if head.startswith(magic)), "not a FITS file")
        raise refusal(f"it is {what}", FETCH_AGAIN if what != "JSON, not a FITS file" else "give the alert to ingest")
    header = read_header(start)
    if header is None:
        raise refusal("the file has no header")
    return header


class _Peeked:
    """A source whose first block has been looked at, and is still to be read."""

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self.head = bytes(source.read(BLOCK))
        self._given = False

    def read(self, size: int) -> bytes | memoryview:
        """Return the first block, then what follows."""
        if self._given:
            return self._source.read(size)
        self._given = True
        return self.head

    def drain(self) -> None:
        """Read to the end."""
        self._source.drain()


def _frame(table: Table) -> tuple[bool, tuple[str, ...]]:
    """Whether pixels are Galactic, and what had to be taken for granted."""
    frame = word(table.header, "COORDSYS") or word(table.primary, "COORDSYS")
    if not frame:
        return False, ("COORDSYS is not stated: taken as ICRS",)
    if frame not in ICRS + GALACTIC:
        raise refusal(f"COORDSYS is {frame}", "give a map in ICRS (C) or Galactic (G) coordinates")
    return frame in GALACTIC, ()
