"""Charts as numbers for inline SVG: places in pixels and labels; the page says the same in a table (pure)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from coordinator.vetting.facts import CheckResult, StoredDetection

WIDTH, HEIGHT = 720.0, 300.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 12.0, 10.0, 34.0
TICKS = 5
BAR, GAP = 16.0, 5.0
LABEL = 190.0
VALUE = 60.0


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis."""

    at: float
    says: str


@dataclass(frozen=True, slots=True)
class Point:
    """A measurement in pixels; `low`, `high`: the ends of its error bar, None: no error is known."""

    x: float
    y: float
    low: float | None
    high: float | None
    band: str
    limit: bool
    says: str


@dataclass(frozen=True, slots=True)
class LightCurve:
    """Brightness against time, bright above."""

    points: tuple[Point, ...]
    days: tuple[Tick, ...]
    mags: tuple[Tick, ...]
    bands: tuple[str, ...]
    width: float = WIDTH
    height: float = HEIGHT


@dataclass(frozen=True, slots=True)
class Bar:
    """What a check adds to the odds: from `x` on, `width` wide, to the right where it speaks for the counterpart."""

    x: float
    y: float
    width: float
    for_it: bool
    name: str
    says: str


@dataclass(frozen=True, slots=True)
class Waterfall:
    """How checks add up, each bar beginning where the one before has ended; `zero` is where odds are as beforehand."""

    bars: tuple[Bar, ...]
    zero: float
    end: float
    total: float
    width: float = WIDTH
    height: float = 0.0


def light_curve(seen: Sequence[StoredDetection], t0: datetime | None) -> LightCurve | None:
    """Draw what was measured; None: nothing was.

    Parameters
    ----------
    seen : sequence of StoredDetection
        In order of time; upper limits are among them.
    t0 : datetime, optional
        The event's time, from which days are counted; None: from the first measurement.
    """
    if not seen:
        return None
    start = t0 or seen[0].detection.mid_exposure
    days = [(one.detection.mid_exposure - start).total_seconds() / 86400.0 for one in seen]
    mags = [one.detection.mag_ab for one in seen]
    errors = [one.detection.mag_err for one in seen]
    brightest = min(m - (e or 0.0) for m, e in zip(mags, errors, strict=True))
    faintest = max(m + (e or 0.0) for m, e in zip(mags, errors, strict=True))
    x = Scale(min(0.0, *days), max(0.0, *days, 0.1), LEFT, WIDTH - RIGHT)
    y = Scale(brightest - 0.2, faintest + 0.2, TOP, HEIGHT - BOTTOM)
    points = tuple(
        Point(
            x.at(day), y.at(mag), None if err is None else y.at(mag - err), None if err is None else y.at(mag + err),
            one.detection.filter, one.upper_limit, _measured(one),
        )
        for one, day, mag, err in zip(seen, days, mags, errors, strict=True)
    )  # fmt: skip
    bands = tuple(dict.fromkeys(one.detection.filter for one in seen))
    return LightCurve(points, x.ticks(), y.ticks(), bands)


def waterfall(checks: Sequence[CheckResult]) -> Waterfall:
    """Draw what each check says, those that say nothing left out.

    Parameters
    ----------
    checks : sequence of CheckResult
        In their order; what a cap takes off is one of them.
    """
    said = [check for check in checks if check.log_bayes != 0.0]
    sums = [math.fsum(c.log_bayes for c in said[:n]) for n in range(len(said) + 1)]
    total = sums[-1]
    scale = Scale(min(0.0, *sums), max(0.0, *sums, 0.1), LABEL, WIDTH - VALUE)
    bars = tuple(
        Bar(
            scale.at(min(before, after)), n * (BAR + GAP), abs(scale.at(after) - scale.at(before)),
            check.log_bayes > 0.0, check.name, f"{check.log_bayes:+.2f}",
        )
        for n, (check, before, after) in enumerate(zip(said, sums, sums[1:], strict=False))
    )  # fmt: skip
    return Waterfall(bars, scale.at(0.0), scale.at(total), total, height=(len(said) + 1) * (BAR + GAP) + 4.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """Values to pixels."""

    low: float
    high: float
    begin: float
    end: float

    def at(self, value: float) -> float:
        """Return where a value lies."""
        span = self.high - self.low or 1.0
        return round(self.begin + (value - self.low) / span * (self.end - self.begin), 1)

    def ticks(self) -> tuple[Tick, ...]:
        """Some round values."""
        rough = (self.high - self.low) / TICKS or 1.0
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(power * m for m in (1.0, 2.0, 5.0, 10.0) if power * m >= rough)
        digits = max(0, -math.floor(math.log10(step)))
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        return tuple(Tick(self.at(n * step), f"{n * step:.{digits}f}") for n in range(first, last + 1))


def _measured(one: StoredDetection) -> str:
    seen = one.detection
    error = "" if seen.mag_err is None else f" ± {seen.mag_err:.2f}"
    brightness = f"fainter than {seen.mag_ab:.2f}" if one.upper_limit else f"{seen.mag_ab:.2f}{error}"
    return f"{seen.filter} {brightness}, {one.telescope}, {seen.mid_exposure:%Y-%m-%d %H:%M:%S} UTC"
