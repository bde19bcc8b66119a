"""Why a galaxy field was chosen, why a telescope for galaxies is idle, and what a catalogue was good for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from coordinator.planning.bench import Bench
from coordinator.planning.galaxy_weights import GalaxyTargets
from coordinator.planning.ground import Ground
from coordinator.planning.guide import pixels_of
from coordinator.planning.plan import Note
from coordinator.planning.strategy import Choice
from coordinator.sky.ranges import Ranges


@dataclass(frozen=True, slots=True)
class GalaxyShare:
    """How many galaxies are in a field, and their share of the weight of all of the catalogue, 0 to 1."""

    galaxies: int
    share: float

    @property
    def said(self) -> str:
        """The same as the beginning of a sentence."""
        them = "1 galaxy" if self.galaxies == 1 else f"{self.galaxies} galaxies"
        return f"galaxy field: {them}, {100 * self.share:.2g} % of the starlight-weighted probability"


def galaxy_shares(targets: GalaxyTargets, skies: Sequence[Ranges]) -> list[GalaxyShare]:
    """Count galaxies in sets of sky."""
    pixel, total = pixels_of(targets.galaxies), np.r_[0.0, np.cumsum(targets.weight)]
    found = []
    for sky in skies:
        first, last = np.searchsorted(pixel, sky.low), np.searchsorted(pixel, sky.high)
        found.append(GalaxyShare(int((last - first).sum()), float((total[last] - total[first]).sum())))
    return found


def next_galaxies(bench: Bench, ground: Ground, targets: GalaxyTargets, least: float) -> float:
    """Share of the weight that the best field not chosen has in galaxies that nobody looks at."""
    if bench.guide is None or ground.galaxies is None or not bench.seated:
        return 0.0
    gains = bench.gains(ground)
    gains[bench.placed()] = 0.0
    if gains.max(initial=0.0) < least:
        return 0.0
    galaxies = bench.guide.galaxies_of(int(np.argmax(gains)))
    new = galaxies[ground.galaxies.left_in(bench.depth, galaxies) > 0]
    return float(targets.weight[new].sum())


def idle_by_galaxies(bench: Bench, ground: Ground, least: float) -> str | None:
    """Say why a telescope for galaxies got nothing; None: it goes to none, or another reason holds."""
    if bench.guide is None or ground.galaxies is None or not ground.galaxies.worth[bench.depth].any():
        return None
    if len(bench.guide.fields) == 0:
        return "no galaxy of the catalogue is within its limits while dark, or all are looked at already"
    if bench.guide.sums(ground.galaxies.left(bench.depth)).max() < least:
        return f"no galaxy field of it is worth {100 * least:.2g} %"
    return "other telescopes look at all galaxies that it could, or no time is left"


def catalogue_notes(choices: Mapping[str, Choice], targets: GalaxyTargets | None) -> tuple[Note, ...]:
    """Say what galaxies were weighed by, and for each telescope that had a choice why it does what it does."""
    about = () if targets is None else (Note("; ".join(targets.said)),)
    return (*about, *(Note(f"{choice.strategy}: {choice.because}", name) for name, choice in sorted(choices.items())))
