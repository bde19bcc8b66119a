"""Tables of point objects: what their columns are called, and what sort of thing a row is."""

import numpy as np
from numpy.typing import NDArray

from coordinator.catalogues.columns import Form
from coordinator.catalogues.rows import NAME_BYTES, Rows
from telescopes.description.errors import Refused

SORTS = ("stars", "nuclei", "variables", "reported")
"""What a point may be; a row holds the place in this list."""

BY_ROW = "points"
"""Each row says itself what it is."""

POINTS = Form(
    things="points",
    spellings={
        "ra_deg": ("radeg", "ra", "raj2000", "raicrs", "ramean", "rameandeg"),
        "dec_deg": ("decdeg", "dec", "dej2000", "decj2000", "deicrs", "decmean"),
        "mag": (
            *("mag", "photgmeanmag", "gmag", "meanvmag", "vmag", "rmeanpsfmag", "rpsfmag", "rmag", "magnitude"),
            *("discoverymag", "bmag"),
        ),
        "redshift": ("redshift", "zspec", "zphot", "z"),
    },
    needed=("ra_deg", "dec_deg"),
    names=("name", "objname", "id", "objid", "sourceid", "designation", "oid", "iauname", "source"),
    kinds=("class", "type", "vartype", "mlclassification", "otype", "objtype", "classification", "descrip"),
    believed={"mag": (-2.0, 40.0), "redshift": (-0.01, 20.0)},
    mend="name them: --columns ra_deg=THE_COLUMN,dec_deg=OTHER; degrees, or hours and degrees in three parts",
    strict=False,
)
"""Gaia, PS1-STRM, Milliquas, ASAS-SN, VSX, TNS and lists of cataclysmic variables and tidal disruptions."""

ROW = np.dtype(
    [
        *(("key", "<i8"), ("ra_deg", "<f8"), ("dec_deg", "<f8"), ("mag", "<f4"), ("redshift", "<f4")),
        *(("sort", "i1"), ("name", f"S{NAME_BYTES}"), ("type", f"S{NAME_BYTES}")),
    ]
)
"""A point on disk; key is the nested pixel of order 29."""

CLASSES = {
    "star": "stars",
    "wd": "stars",
    "qso": "nuclei",
    "quasar": "nuclei",
    "agn": "nuclei",
    "blazar": "nuclei",
    "bllac": "nuclei",
    "seyfert": "nuclei",
    "variable": "variables",
    "cv": "variables",
    "tde": "reported",
    "sn": "reported",
}
"""Classes without case and signs. All others (galaxies, unsure ones) are passed over: they speak neither way."""


def sorted_out(rows: Rows, of: str, type: str = "") -> tuple[Rows, int]:
    """Give each row its sort, and leave out rows of none.

    Parameters
    ----------
    rows : Rows
        Of the form `POINTS`.
    of : str
        One of `SORTS`, or `BY_ROW`.
    type : str
        Type of rows whose table has no column for it.

    Returns
    -------
    tuple of Rows and int
        Those that have a sort, and how many have none.

    Raises
    ------
    Refused
        Each row should say what it is, and there is no such column.
    """
    sort = _classes(rows.kind) if of == BY_ROW else np.full(rows.place.size, float(SORTS.index(of)))
    good = np.isfinite(sort)
    number = {**rows.number, "sort": sort}
    kind = np.full(rows.place.size, type.encode(), f"S{NAME_BYTES}") if rows.kind is None else rows.kind
    kept = Rows({k: v[good] for k, v in number.items()}, rows.name[good], rows.place[good], kind=kind[good])
    return kept, int((~good).sum())


def _classes(kind: NDArray[np.bytes_] | None) -> NDArray[np.float64]:
    if kind is None:
        raise Refused(
            "no column says what each row is",
            where="--of points",
            mend=f"name it by --columns type=THE_COLUMN, or say what all of them are: --of {'|'.join(SORTS)}",
        )
    known, which = np.unique(kind, return_inverse=True)
    words = ["".join(c for c in k.decode(errors="replace").lower() if c.isalnum()) for k in known.tolist()]
    codes = [float(SORTS.index(CLASSES[w])) if w in CLASSES else np.nan for w in words]
    return np.asarray(codes, np.float64)[which]
