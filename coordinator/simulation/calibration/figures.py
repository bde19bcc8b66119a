"""From played events to the figures of a report, and which of the promised limits they miss."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coordinator.simulation.calibration.labels import COUNTERPART
from coordinator.simulation.calibration.record import BINS, Record
from coordinator.vetting.calibration.refit import Straightening, fitted, in_folds, log_loss
from coordinator.vetting.calibration.reliability import Bin, broken, reliability
from coordinator.vetting.calibration.scores import Choice, at_purity, brier, choice, climatology_brier
from coordinator.vetting.rule import POSSIBLE, PROMISING

BRIER_SHARE, NONE_WITHIN, FIRST_SHARE = 0.5, 0.1, 0.85
PURITY = 0.9
LEAST_MEMBERS_SHOWN = 1


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """All candidates of many events: what was said, whether it is the counterpart, and whose event; shape (n,) each."""

    said: NDArray[np.float64]
    true: NDArray[np.bool_]
    event: NDArray[np.int64]

    @classmethod
    def of(cls, records: Sequence[Record]) -> "Judged":
        """Lay them side by side; those too unlikely to be kept one by one have their mean."""
        said, true, event = [], [], []
        for n, r in enumerate(records):
            rest = r.rest_sum / r.rest if r.rest else 0.0
            said.append(np.concatenate([np.array(r.said, np.float64), np.full(r.rest, rest)]))
            true.append(np.array([label == COUNTERPART for label in r.label] + [False] * r.rest, bool))
            event.append(np.full(len(r.said) + r.rest, n, np.int64))
        return cls(np.concatenate(said), np.concatenate(true), np.concatenate(event))


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """What came out of a set of events; shares are 0 to 1, None: a share of nothing."""

    events: dict[str, int]
    candidates: int
    counterparts: int
    bins: tuple[Bin, ...]
    brier: float
    climatology: float
    none_said: float
    none_true: float
    two_nights: int
    first_of_two_nights: int
    one_night: int
    first_of_one_night: int
    promising: Choice
    possible: Choice
    pure: Choice | None
    unrelated: int
    unrelated_promising: int
    kinds: dict[str, tuple[Bin, ...]]
    straightening: Straightening
    loss: float
    loss_straightened: float
    straightened_bins: tuple[Bin, ...]


def figures_of(records: Sequence[Record]) -> Figures:
    """Work out all figures."""
    judged = Judged.of(records)
    straight = in_folds(judged.said, judged.true, judged.event)
    two, one = ([r for r in records if r.rank and keep(r.nights_detected)] for keep in (_twice, _once))
    promising = choice(judged.said, judged.true, PROMISING)
    wrong = sum(
        w == "promising" and label != COUNTERPART for r in records for w, label in zip(r.word, r.label, strict=True)
    )
    return Figures(
        events=dict(sorted(Counter(r.kind for r in records).items())),
        candidates=judged.said.size,
        counterparts=int(judged.true.sum()),
        bins=reliability(judged.said, judged.true, BINS),
        brier=brier(judged.said, judged.true),
        climatology=climatology_brier(judged.true),
        none_said=float(np.mean([r.p_none for r in records])),
        none_true=float(np.mean([not r.has_counterpart for r in records])),
        two_nights=len(two),
        first_of_two_nights=sum(r.rank == 1 for r in two),
        one_night=len(one),
        first_of_one_night=sum(r.rank == 1 for r in one),
        promising=promising,
        possible=choice(judged.said, judged.true, POSSIBLE),
        pure=at_purity(judged.said, judged.true, PURITY),
        unrelated=judged.said.size - int(judged.true.sum()),
        unrelated_promising=wrong,
        kinds=kinds_of_records(records),
        straightening=fitted(judged.said, judged.true),
        loss=log_loss(judged.said, judged.true),
        loss_straightened=log_loss(straight, judged.true),
        straightened_bins=reliability(straight, judged.true, BINS),
    )


def _twice(nights: int) -> bool:
    return nights >= 2


def _once(nights: int) -> bool:
    return nights == 1


def kinds_of_records(records: Sequence[Record]) -> dict[str, tuple[Bin, ...]]:
    """Add up the bins of every kind."""
    total: dict[str, NDArray[np.float64]] = {}
    for r in records:
        for kind, rows in r.kinds.items():
            total[kind] = total.get(kind, np.zeros((BINS, 3))) + np.array(rows)
    return {
        kind: tuple(
            Bin(b / BINS, (b + 1) / BINS, int(n), said / n if n else float("nan"), int(hits))
            for b, (n, said, hits) in enumerate(rows.tolist())
        )
        for kind, rows in sorted(total.items())
    }


def missed(figures: Figures) -> Iterator[str]:
    """Yield a sentence for every limit that is missed."""
    for b in broken(figures.bins):
        low, high = b.interval
        yield (
            f"bin {b.low:.1f} to {b.high:.1f}: said {b.mean_said:.4f} in the mean, came true {b.came_true} of "
            f"{b.members}: outside {low:.4f} to {high:.4f}"
        )
    if not figures.brier <= BRIER_SHARE * figures.climatology:
        yield f"Brier score {figures.brier:.3g} is above {BRIER_SHARE:g} of the climatology's {figures.climatology:.3g}"
    if not abs(figures.none_said - figures.none_true) <= NONE_WITHIN:
        yield f"none of them: said {figures.none_said:.3f} in the mean, true in {figures.none_true:.3f} of the events"
    if not figures.two_nights:
        yield "no counterpart was detected in two nights: nothing is known of its rank"
    elif figures.first_of_two_nights < FIRST_SHARE * figures.two_nights:
        yield f"first in {figures.first_of_two_nights} of {figures.two_nights} that were detected in two nights"


def plain(figures: Figures) -> dict[str, Any]:
    """Return the figures as plain values, for a file beside the report."""

    def bins(every: Sequence[Bin]) -> list[list[float | int | None]]:
        return [[b.low, b.high, b.members, round(b.mean_said, 6) if b.members else None, b.came_true] for b in every]

    return {
        "events": figures.events,
        "candidates": figures.candidates,
        "counterparts": figures.counterparts,
        "bins": bins(figures.bins),
        "brier": figures.brier,
        "climatology": figures.climatology,
        "none_said": figures.none_said,
        "none_true": figures.none_true,
        "first_of_two_nights": [figures.first_of_two_nights, figures.two_nights],
        "first_of_one_night": [figures.first_of_one_night, figures.one_night],
        "unrelated_promising": [figures.unrelated_promising, figures.unrelated],
        "straightening": [figures.straightening.a, figures.straightening.b],
        "log_loss": [figures.loss, figures.loss_straightened],
        "kinds": {kind: bins(every) for kind, every in figures.kinds.items()},
        "missed": list(missed(figures)),
    }
