"""A sky map as multi-order FITS: the same map gives the same bytes, for maps are named by their sha256."""

import numpy as np

from coordinator.sky.fits_header import BLOCK
from coordinator.sky.skymap import SkyMap

CARD = 80
LAYERS = (("DISTMU", "Mpc"), ("DISTSIGMA", "Mpc"), ("DISTNORM", "Mpc-2"))
Value = str | int | float | bool


def write_multiorder(sky: SkyMap) -> bytes:
    """Write cells, densities, distances where the map has them, and its facts; `read_skymap` reads them again."""
    layers = [a for a in (sky.dist_mu_mpc, sky.dist_sigma_mpc, sky.dist_norm) if a is not None]
    names = [("UNIQ", "K", ""), ("PROBDENSITY", "D", "sr-1")]
    names += [(name, "D", unit) for name, unit in LAYERS] if len(layers) == len(LAYERS) else []
    rows = np.empty(sky.order.size, [(name, ">i8" if form == "K" else ">f8") for name, form, _ in names])
    rows["UNIQ"] = sky.ipix + (np.int64(4) << (2 * sky.order))
    rows["PROBDENSITY"] = sky.density_per_sr
    for (name, _, _), layer in zip(names[2:], layers, strict=True):
        rows[name] = layer
    rows = rows[np.argsort(rows["UNIQ"], kind="stable")]
    primary: list[tuple[str, Value]] = [("SIMPLE", True), ("BITPIX", 8), ("NAXIS", 0), ("EXTEND", True)]
    return _header(primary) + _header(_table_cards(sky, rows, names)) + _padded(rows.tobytes(), b"\0")


def _table_cards(sky: SkyMap, rows: np.ndarray, names: list[tuple[str, str, str]]) -> list[tuple[str, Value]]:
    cards: list[tuple[str, Value]] = [
        ("XTENSION", "BINTABLE"),
        ("BITPIX", 8),
        ("NAXIS", 2),
        ("NAXIS1", rows.dtype.itemsize),
        ("NAXIS2", rows.size),
        ("PCOUNT", 0),
        ("GCOUNT", 1),
        ("TFIELDS", len(names)),
    ]
    for at, (name, form, unit) in enumerate(names, 1):
        cards += [(f"TTYPE{at}", name), (f"TFORM{at}", form)]
        cards += [(f"TUNIT{at}", unit)] if unit else []
    cards += [
        ("PIXTYPE", "HEALPIX"),
        ("ORDERING", "NUNIQ"),
        ("COORDSYS", "C"),
        ("INDXSCHM", "EXPLICIT"),
        ("MOCORDER", int(sky.order.max())),
    ]
    return cards + _fact_cards(sky)


def _fact_cards(sky: SkyMap) -> list[tuple[str, Value]]:
    facts = sky.facts
    said: list[tuple[str, Value | None]] = [
        ("OBJECT", facts.object_id),
        ("INSTRUME", ",".join(facts.instruments) or None),
        ("DATE-OBS", None if facts.t0 is None else facts.t0.replace(tzinfo=None).isoformat()),
        ("DATE", None if facts.issued is None else facts.issued.replace(tzinfo=None).isoformat()),
        ("DISTMEAN", facts.distance_mpc),
        ("DISTSTD", facts.distance_std_mpc),
        ("CREATOR", facts.creator),
    ]
    return [(key, value) for key, value in said if value is not None]


def _header(cards: list[tuple[str, Value]]) -> bytes:
    return _padded("".join(map(_card, cards)).encode("ascii", "replace") + b"END".ljust(CARD), b" ")


def _card(card: tuple[str, Value]) -> str:
    key, value = card
    match value:
        case bool():
            text = ("T" if value else "F").rjust(20)
        case str():
            text = f"'{value.replace(chr(39), chr(39) * 2)[:66]:<8}'"
        case int():
            text = str(value).rjust(20)
        case _:
            text = f"{value!r}".upper().rjust(20)
    return f"{key:<8}= {text}"[:CARD].ljust(CARD)


def _padded(data: bytes, filler: bytes) -> bytes:
    return data + filler * (-len(data) % BLOCK)
