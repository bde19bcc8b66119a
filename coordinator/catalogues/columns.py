"""What the columns of published galaxy tables are called, and which of ours each one is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from telescopes.description.errors import Refused

NUMBERS = ("ra_deg", "dec_deg", "distance_mpc", "distance_err_mpc", "b_mag", "k_mag", "mass_msun")
NEEDED = NUMBERS[:3]

SPELLINGS = {
    "ra_deg": ("radeg", "ra", "raj2000", "raicrs", "ramean"),
    "dec_deg": ("decdeg", "dec", "dej2000", "decj2000", "deicrs", "decmean"),
    "distance_mpc": ("distancempc", "distmpc", "dl", "dist", "distance", "bestdist"),
    "distance_err_mpc": ("distanceerrmpc", "distmpcunc", "edl", "dlerr", "bestdiste", "disterr"),
    "b_mag": ("bmag", "magb", "mb", "b"),
    "k_mag": ("kmag", "magk", "mks", "ksmag", "k"),
    "mass_msun": ("massmsun", "mstar", "stellarmass"),
}
"""Names without case and signs, the best first: GLADE+, NED-LVS, gwemopt, SkyPortal, VizieR."""

NAMES = ("name", "objname", "gwgc", "hyperleda", "2mass", "twomassid", "wisexscos", "sdssdr16q", "pgc", "glade")
"""Columns that name a galaxy: of each row the first that is not missing."""

ABSOLUTE = ("BMAG", "B_Abs", "BMag")
"""Absolute magnitudes, which without case are spelt as the apparent ones are."""

MASS_UNITS = {"M_star": 1e10, "M*": 1e10}
"""Solar masses in the unit of a column; 1 where it is not named here."""

KINDS = ("Type", "type_flag", "Object type flag")
QUASAR = "Q"
"""GLADE+ lists quasars too: their distances are beyond any use here."""

GLADE_PLUS = (
    *("GLADE", "PGC", "GWGC", "HyperLEDA", "2MASS", "WISExSCOS", "SDSS-DR16Q", "Type", "RA", "Dec"),
    *("Bmag", "e_Bmag", "f_Bmag", "BMAG", "Jmag", "e_Jmag", "Hmag", "e_Hmag", "Kmag", "e_Kmag"),
    *("W1mag", "e_W1mag", "W2mag", "e_W2mag", "f_W1mag", "Bjmag", "e_Bjmag", "z_helio", "z_cmb", "f_zcmb"),
    *("e_z", "e_zhelio", "dL", "e_dL", "f_dL", "M*", "e_M*", "f_M*", "logRate", "e_logRate"),
)
"""The 40 columns of GLADE+.txt (arXiv 2110.06184), which has no header; named as in VizieR VII/291."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where our columns stand in a table.

    Attributes
    ----------
    columns : tuple of str
        All columns of the table.
    number : dict of str to int
        Place of each of `NUMBERS` that the table has.
    name : tuple of int
        Places of the columns that name a galaxy, the best first.
    kind : int or None
        Place of the flag that tells quasars.
    """

    columns: tuple[str, ...]
    number: dict[str, int]
    name: tuple[int, ...]
    kind: int | None

    def unit(self, ours: str) -> float:
        """Factor that brings a column to our unit."""
        return MASS_UNITS.get(self.columns[self.number[ours]], 1.0) if ours == "mass_msun" else 1.0

    @property
    def wanted(self) -> list[int]:
        """Places of the columns that are read, increasing."""
        return sorted({*self.number.values(), *self.name, *([] if self.kind is None else [self.kind])})

    @property
    def missing(self) -> list[str]:
        """What must be there and is not."""
        return [ours for ours in NEEDED if ours not in self.number]


def layout_of(columns: Sequence[str]) -> Layout:
    """Find our columns among those of a table."""
    plain: dict[str, int] = {}
    for at, column in enumerate(columns):
        if column not in ABSOLUTE:
            plain.setdefault(_plain(column), at)
    number = {
        ours: next(plain[s] for s in spellings if s in plain)
        for ours, spellings in SPELLINGS.items()
        if any(s in plain for s in spellings)
    }
    starred = next((i for i, column in enumerate(columns) if column in MASS_UNITS), None)
    if starred is not None:
        number["mass_msun"] = starred
    kind = next((i for i, column in enumerate(columns) if column in KINDS), None)
    return Layout(tuple(columns), number, tuple(plain[n] for n in NAMES if n in plain), kind)


def needed(layout: Layout, where: str) -> Layout:
    """Return the layout if it has a position and a distance.

    Raises
    ------
    Refused
        It has not: galaxies without distance cannot be weighed.
    """
    if layout.missing:
        lacks = ", ".join(layout.missing)
        has = ", ".join(layout.columns[:12]) + (", ..." if len(layout.columns) > 12 else "")
        raise Refused(
            f"no column is {lacks}; it has {has}",
            where=where,
            mend="rename columns as GLADE+ or NED-LVS has them: ra, dec, DistMpc",
        )
    return layout


def _plain(column: str) -> str:
    return re.sub(r"[^a-z0-9]", "", column.lower())
