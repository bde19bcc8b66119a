"""Flat maps: one value for each pixel of one size; read in pieces and merged into cells at once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from coordinator.sky.cells import MAX_ORDER, Cells, Floats, known_distance, mended_probability, mending_warnings
from coordinator.sky.fits_header import word
from coordinator.sky.fits_table import Column, Piece, Table
from coordinator.sky.merge import merged
from coordinator.sky.refusal import SMALLER, refusal

DISTANCES = ("DISTMU", "DISTSIGMA", "DISTNORM")
VALUES = ("PROBDENSITY", "PROB", "PROBABILITY")
PIXELS = ("PIXEL", "PIX", "IPIX", "HPXINDEX")
BLOCK_ORDER = 9  # a block of 4**9 pixels is a few MiB, and is merged on its own
PIECE_BYTES = 1 << 23
MAX_HELD_BYTES = 1 << 30
NEGLIGIBLE = 1e-5  # of the mean over the sky: all that merging below it can misplace together; tails become few cells

Block = tuple[NDArray[np.floating], ...]


@dataclass(frozen=True, slots=True)
class Flat:
    """What a flat table says of itself: its pixels and the columns that count."""

    table: Table
    order: int
    ring: bool
    value: Column
    distance: tuple[Column, ...]
    pixel: Column | None
    warnings: tuple[str, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """Value, then the distance layers."""
        return (self.value, *self.distance)

    @property
    def is_density(self) -> bool:
        """Whether values are per steradian."""
        return self.value.name == "PROBDENSITY"

    @property
    def pixels(self) -> int:
        """How many pixels the sphere has."""
        return int(12 << (2 * self.order))


@dataclass(slots=True)
class Found:
    """Cells of the blocks so far."""

    order: list[NDArray[np.int64]] = field(default_factory=list)
    ipix: list[NDArray[np.int64]] = field(default_factory=list)
    value: list[Floats] = field(default_factory=list)
    distance: list[tuple[Floats, Floats, Floats]] = field(default_factory=list)
    not_finite: int = 0
    unseen: int = 0


def read_flat(table: Table) -> Cells:
    """Read the pixels of a flat table as cells."""
    flat = _understood(table)
    if flat.pixel is not None:
        return _explicit(flat, flat.pixel)
    elements = table.rows * flat.value.repeat
    if elements != flat.pixels:
        raise refusal(f"NSIDE {1 << flat.order} has {flat.pixels} pixels, the table has {elements}")
    found = Found()
    mean = 1 / (4 * np.pi) if flat.is_density else 1 / flat.pixels
    for number, block in enumerate(_blocks(flat)):
        _merge_block(found, flat.order, number, block, floor=NEGLIGIBLE * mean)
    return _cells(flat, found)


def _understood(table: Table) -> Flat:
    pixel = next((table.columns[n] for n in PIXELS if n in table.columns), None)
    scheme = word(table.header, "INDXSCHM") or ("IMPLICIT" if pixel is None else "EXPLICIT")
    if scheme == "EXPLICIT" and pixel is None:
        raise refusal("INDXSCHM is EXPLICIT but there is no column PIXEL")
    value, warnings = _value_column(table, pixel)
    distance = [table.columns[n] for n in DISTANCES if n in table.columns]
    usable = len(distance) == len(DISTANCES) and all(c.is_number and c.repeat == value.repeat for c in distance)
    ordering = word(table.header, "ORDERING")
    if ordering not in ("RING", "NESTED", "NEST"):
        raise refusal(
            f"ORDERING is {ordering or 'not stated'}: guessing would put telescopes on the wrong half of the sky",
            "give a map whose header says RING or NESTED",
        )
    return Flat(
        table=table,
        order=_order(table, value),
        ring=ordering == "RING",
        value=value,
        distance=tuple(distance) if usable else (),
        pixel=pixel if scheme == "EXPLICIT" else None,
        warnings=warnings,
    )


def _value_column(table: Table, pixel: Column | None) -> tuple[Column, tuple[str, ...]]:
    numbers = {name: c for name, c in table.columns.items() if c.is_number and c is not pixel}
    for name in VALUES:
        if name in numbers:
            return numbers[name], ()
    if len(numbers) == 1:
        (column,) = numbers.values()
        return column, (f"the only column, {column.name}, is taken as probability",)
    raise refusal(f"no column PROB, PROBABILITY or PROBDENSITY, only {', '.join(table.columns)}")


def _order(table: Table, value: Column) -> int:
    """Order from NSIDE, else from the number of pixels."""
    nside = table.header.get("NSIDE")
    if nside is None:
        nside = isqrt(table.rows * value.repeat // 12)
    if not isinstance(nside, int) or nside < 1 or nside & (nside - 1) or nside >> MAX_ORDER > 1:
        raise refusal(f"NSIDE is {nside}, not a power of two", "give a map whose NSIDE is a power of two")
    return nside.bit_length() - 1


def _blocks(flat: Flat) -> Iterator[Block]:
    """Value and distance layers of each block of pixels, in nested order."""
    block = 1 << (2 * min(flat.order, BLOCK_ORDER))
    rows, rest = divmod(block, flat.value.repeat)
    if not flat.ring and not rest:
        for piece in flat.table.pieces(rows):
            yield tuple(_layer(piece, column) for column in flat.columns)
        return
    held = _held(flat)
    for first in range(0, flat.pixels, block):
        yield tuple(layer[first : first + block] for layer in held)


def _held(flat: Flat) -> tuple[NDArray[np.float32], ...]:
    """Hold the whole map in nested order."""
    import healpy  # not at the top: it brings matplotlib, and most maps do without

    if flat.pixels * 4 * len(flat.columns) > MAX_HELD_BYTES:
        raise refusal(f"its {flat.pixels} pixels would not fit in memory", SMALLER)
    held = tuple(np.zeros(flat.pixels, np.float32) for _ in flat.columns)
    first = 0
    for piece in flat.table.pieces(max(1, PIECE_BYTES // flat.table.row_bytes)):
        layers = [_layer(piece, column) for column in flat.columns]
        # Most of a map is zero, and needs neither a place nor a distance.
        some = np.flatnonzero(layers[0])
        at = some + first
        at = healpy.ring2nest(1 << flat.order, at) if flat.ring else at
        with np.errstate(over="ignore"):
            for into, layer in zip(held, layers, strict=True):
                into[at] = layer[some]
        first += layers[0].size
    return held


def _layer(piece: Piece, column: Column) -> NDArray[np.floating]:
    return piece.single(column) if column.letter == "E" else piece.double(column)


def _merge_block(found: Found, order: int, number: int, block: Block, floor: float) -> None:
    """Add the cells of one block."""
    value, not_finite, unseen = mended_probability(np.asarray(block[0], np.float64))
    found.not_finite += not_finite
    found.unseen += unseen
    start, level = merged(value, floor=floor)
    found.order.append(order - level)
    found.ipix.append((start + number * value.size) >> (2 * level))
    with np.errstate(over="ignore"):  # a sum that is infinite is refused in the end
        found.value.append(np.add.reduceat(value, start))
    if len(block) > 1:
        mu, sigma, norm = (np.asarray(layer, np.float64) for layer in block[1:])
        found.distance.append(_mean_distance(mu, sigma, norm, start))


def _mean_distance(mu: Floats, sigma: Floats, norm: Floats, start: NDArray[np.int64]) -> tuple[Floats, Floats, Floats]:
    """Mean of each layer over the pixels of a cell that have a distance; NaN where none has."""
    known = known_distance(mu, sigma, norm)
    count = np.add.reduceat(known.astype(np.float64), start)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        mean = [np.add.reduceat(np.where(known, layer, 0.0), start) / count for layer in (mu, sigma, norm)]
    return mean[0], mean[1], mean[2]


def _explicit(flat: Flat, pixel: Column) -> Cells:
    """Read pixels that are named one by one; they may be a part of the sky."""
    import healpy  # not at the top: it brings matplotlib, and most maps do without

    if not pixel.is_whole or pixel.repeat != flat.value.repeat:
        raise refusal("column PIXEL does not name one pixel for each value")
    found = Found()
    for piece in flat.table.pieces(max(1, PIECE_BYTES // flat.table.row_bytes)):
        ipix = piece.whole_numbers(pixel)
        if ipix.min() < 0 or ipix.max() >= flat.pixels:
            raise refusal(f"column PIXEL names pixels that NSIDE {1 << flat.order} does not have")
        layers = [piece.double(column) for column in flat.columns]
        value, not_finite, unseen = mended_probability(layers[0])
        found.not_finite += not_finite
        found.unseen += unseen
        found.ipix.append(healpy.ring2nest(1 << flat.order, ipix) if flat.ring else ipix)
        found.order.append(np.full(ipix.size, flat.order, np.int64))
        found.value.append(value)
        if flat.distance:
            found.distance.append((layers[1], layers[2], layers[3]))
    return _cells(flat, found)


def _cells(flat: Flat, found: Found) -> Cells:
    value = np.concatenate(found.value)
    if flat.is_density:
        value = value * (4 * np.pi / flat.pixels)
    layers = [np.concatenate(layer) for layer in zip(*found.distance, strict=True)]
    return Cells(
        np.concatenate(found.order),
        np.concatenate(found.ipix),
        value,
        (layers[0], layers[1], layers[2]) if layers else None,
        (*flat.warnings, *mending_warnings(found.not_finite, found.unseen)),
        flat.order,
    )
