"""What is planned for a row of the table: a map, so many telescopes, a strategy and an objective."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from coordinator.planning.request import Effort, EventToPlan, PlanRequest, TelescopeToPlan
from coordinator.sky.skymap import SkyMap
from telescopes.description.telescope import Strategy, Telescope

WINDOW = timedelta(hours=24)
WITHOUT_A_TIME = datetime(2022, 6, 17, 12, tzinfo=UTC)
"""A map that does not say when its event was is searched from here on (the day of GRB 220617A)."""

NETWORKS = (3, 10, 20)
STRATEGIES: tuple[Strategy, ...] = ("tiles", "auto")
THREE = ("tca", "tch", "tre")
"""The three that other planners are known to have been run with."""

TableObjective = Literal["probability", "detection"]


@dataclass(frozen=True, slots=True)
class Instance:
    """One plan to make: `sky` is the name of the map's file, `telescopes` how many there are."""

    sky: str
    telescopes: int
    strategy: Strategy
    objective: TableObjective


def instances(
    sky: str, has_distance: bool, networks: Iterable[int], strategies: Sequence[Strategy]
) -> Iterator[Instance]:
    """Yield what is planned for a map; by detection only where the map knows a distance."""
    objectives: tuple[TableObjective, ...] = ("probability", "detection") if has_distance else ("probability",)
    for telescopes in networks:
        for strategy in strategies:
            for objective in objectives:
                yield Instance(sky, telescopes, strategy, objective)


def network_of(known: Sequence[Telescope], count: int, strategy: Strategy) -> tuple[Telescope, ...]:
    """Choose telescopes, and have all of them observe in one way.

    Three are the three TAROTs where there are such, other numbers the first by id. Fewer are returned where
    no more are known.
    """
    by_id = {t.id: t for t in sorted(known, key=lambda t: t.id)}
    names = THREE if count == len(THREE) and set(THREE) <= by_id.keys() else tuple(by_id)[:count]
    return tuple(replace(t, observing=replace(t.observing, strategy=strategy)) for t in map(by_id.__getitem__, names))


def request_for(
    sky: SkyMap, name: str, telescopes: Sequence[Telescope], objective: TableObjective, effort: Effort = "fast"
) -> PlanRequest:
    """Ask for one visit in the 24 hours after the event."""
    t0 = sky.facts.t0 or WITHOUT_A_TIME
    event = EventToPlan(name, 1, sky.facts.sha256, t0, objective=objective)
    return PlanRequest((event,), tuple(TelescopeToPlan(t, t0) for t in telescopes), t0, t0 + WINDOW, effort=effort)


def maps_in(folder: Path) -> list[Path]:
    """Return the sky maps of a folder, by name."""
    return sorted(p for p in folder.iterdir() if p.name.endswith((".fits", ".fits.gz")))
