"""What the columns of published tables are called, and which of ours each one is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from telescopes.description.errors import Refused

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

KINDS = ("type", "typeflag", "objecttypeflag")
QUASAR = "Q"
"""GLADE+ lists quasars too: their distances are beyond any use here."""

BELIEVED = {
    "distance_mpc": (1e-3, 1e5),
    "distance_err_mpc": (1e-6, 1e5),
    "b_mag": (0.0, 40.0),
    "k_mag": (-2.0, 40.0),
    "mass_msun": (1e4, 1e14),
}
"""Values outside (-999 and its kin) are unknown, and counted."""

GLADE_PLUS = (
    *("GLADE", "PGC", "GWGC", "HyperLEDA", "2MASS", "WISExSCOS", "SDSS-DR16Q", "Type", "RA", "Dec"),
    *("Bmag", "e_Bmag", "f_Bmag", "BMAG", "Jmag", "e_Jmag", "Hmag", "e_Hmag", "Kmag", "e_Kmag"),
    *("W1mag", "e_W1mag", "W2mag", "e_W2mag", "f_W1mag", "Bjmag", "e_Bjmag", "z_helio", "z_cmb", "f_zcmb"),
    *("e_z", "e_zhelio", "dL", "e_dL", "f_dL", "M*", "e_M*", "f_M*", "logRate", "e_logRate"),
)
"""The 40 columns of GLADE+.txt (arXiv 2110.06184), which has no header; named as in VizieR VII/291."""


@dataclass(frozen=True, slots=True)
class Form:
    """What is looked for in a table.

    Attributes
    ----------
    things : str
        What its rows are, for people.
    spellings : mapping of str to tuple of str
        Our columns of numbers, and what they are called without case and signs, the best first.
    needed : tuple of str
        Those that each row must have; all others may be missing.
    names, kinds : tuple of str
        What columns are called that name a thing, and that say of what kind it is.
    left_out : str or None
        Rows of this kind are not wanted.
    believed : mapping of str to (float, float)
        What a number must lie between to be one; outside it is unknown, and counted.
    strict : bool
        Whether a row is bad if one of the numbers that it may lack is no number.
    mend : str
        What to do about a table that has not what is needed.
    """

    things: str
    spellings: Mapping[str, tuple[str, ...]]
    needed: tuple[str, ...]
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    believed: Mapping[str, tuple[float, float]]
    mend: str
    left_out: str | None = None
    strict: bool = True

    @property
    def numbers(self) -> tuple[str, ...]:
        """Our columns of numbers."""
        return tuple(self.spellings)

    def called(self, columns: Mapping[str, str]) -> "Form":
        """Let the asker say what columns are called: ours (`name` and `type` among them) to the table's own."""
        spellings = {ours: (plain(columns[ours]),) if ours in columns else s for ours, s in self.spellings.items()}
        names = (plain(columns["name"]),) if "name" in columns else self.names
        kinds = (plain(columns["type"]),) if "type" in columns else self.kinds
        return replace(self, spellings=spellings, names=names, kinds=kinds)


GALAXIES = Form(
    things="galaxies",
    spellings=SPELLINGS,
    needed=("ra_deg", "dec_deg", "distance_mpc"),
    names=NAMES,
    kinds=KINDS,
    believed=BELIEVED,
    mend="rename columns as GLADE+ or NED-LVS has them: ra, dec, DistMpc",
    left_out=QUASAR,
)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where our columns stand in a table.

    Attributes
    ----------
    columns : tuple of str
        All columns of the table.
    number : dict of str to int
        Place of each of the form's numbers that the table has.
    name : tuple of int
        Places of the columns that name a thing, the best first.
    kind : int or None
        Place of the column that says of what kind it is.
    form : Form
        What was looked for.
    """

    columns: tuple[str, ...]
    number: dict[str, int]
    name: tuple[int, ...]
    kind: int | None
    form: Form = field(default=GALAXIES)

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
        return [ours for ours in self.form.needed if ours not in self.number]


def layout_of(columns: Sequence[str], form: Form = GALAXIES) -> Layout:
    """Find our columns among those of a table."""
    held: dict[str, int] = {}
    for at, column in enumerate(columns):
        if column not in ABSOLUTE:
            held.setdefault(plain(column), at)
    number = {
        ours: next(held[s] for s in spellings if s in held)
        for ours, spellings in form.spellings.items()
        if any(s in held for s in spellings)
    }
    starred = next((i for i, column in enumerate(columns) if column in MASS_UNITS), None)
    if starred is not None and "mass_msun" in form.spellings:
        number["mass_msun"] = starred
    kind = next((held[k] for k in form.kinds if k in held), None)
    return Layout(tuple(columns), number, tuple(held[n] for n in form.names if n in held), kind, form)


def needed(layout: Layout, where: str) -> Layout:
    """Return the layout if it has what is needed.

    Raises
    ------
    Refused
        It has not: things without a place are nowhere, and galaxies without distance cannot be weighed.
    """
    if layout.missing:
        lacks = ", ".join(layout.missing)
        has = ", ".join(layout.columns[:12]) + (", ..." if len(layout.columns) > 12 else "")
        raise Refused(
            f"no column is {lacks}; it has {has}",
            where=where,
            mend=layout.form.mend,
        )
    return layout


def plain(column: str) -> str:
    """Return a column's name without case and signs."""
    return re.sub(r"[^a-z0-9]", "", column.lower())
