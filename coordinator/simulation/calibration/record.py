"""What is kept of a played event: figures alone, so that a report can be made again without playing."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from coordinator.simulation.calibration.labels import COUNTERPART
from coordinator.simulation.calibration.play import Played

LEAST = 1e-5
"""Probabilities below are kept as a number of them and their sum."""

BINS = 10


@dataclass(frozen=True, slots=True)
class Record:
    """One event.

    Attributes
    ----------
    kind : str
        What merged, or noise, retracted, or list for a real list of candidates.
    distance_mpc : float or None
        Of the counterpart; None: there is none.
    said : tuple of float
        Probabilities of candidates, highest first, as far as they are not below `LEAST`.
    label : tuple of str
        What each of these is.
    word : tuple of str
        Their verdicts.
    rest, rest_sum : int, float
        How many candidates are below, and the sum of their probabilities.
    rank : int or None
        Of the counterpart, from 1; None: it is not in the list.
    kinds : dict of str to list
        By kind and bin of probability: members, the sum of what was said, and how many were of that kind.
    """

    number: int
    kind: str
    covered: bool
    nights_detected: int
    distance_mpc: float | None
    q: float
    p_none: float
    said: tuple[float, ...]
    label: tuple[str, ...]
    word: tuple[str, ...]
    rest: int
    rest_sum: float
    rank: int | None
    kinds: dict[str, list[list[float]]]

    @property
    def has_counterpart(self) -> bool:
        """Whether the counterpart is in the list."""
        return self.rank is not None

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def read_record(plain: dict[str, Any]) -> Record:
    """Read plain values again."""
    lists = {name: tuple(plain[name]) for name in ("said", "label", "word")}
    return Record(**{**plain, **lists})


def record_of(played: Played) -> Record:
    """Keep the figures of an event."""
    verdict, labels = played.verdict, played.labels
    kept = int((verdict.probability >= LEAST).sum())
    rank = labels.index(COUNTERPART) + 1 if COUNTERPART in labels else None
    kept = max(kept, rank or 0)
    event = played.told.event
    distance = None if played.injected is None else played.injected.distance_mpc
    kind = "retracted" if event.is_retracted else "noise" if event.binary is None else played.told.kind
    return Record(
        number=played.number,
        kind=kind,
        covered=played.covered,
        nights_detected=played.nights_detected,
        distance_mpc=None if distance is None else round(distance, 1),
        q=verdict.prior.q,
        p_none=verdict.p_none,
        said=tuple(float(f"{p:.6g}") for p in verdict.probability[:kept]),
        label=labels[:kept],
        word=verdict.words[:kept],
        rest=len(labels) - kept,
        rest_sum=float(verdict.probability[kept:].sum()),
        rank=rank,
        kinds=_kinds(played),
    )


def _kinds(played: Played) -> dict[str, list[list[float]]]:
    found: dict[str, list[list[float]]] = {}
    for said, label in zip(played.verdict.kinds, played.labels, strict=True):
        for kind, p in said.items():
            rows = found.setdefault(str(kind), [[0.0, 0.0, 0.0] for _ in range(BINS)])
            row = rows[min(int(np.floor(p * BINS)), BINS - 1)]
            row[0] += 1.0
            row[1] += p
            row[2] += float(label == kind)
    return found
