"""Who must live: the desired set of actors, in the order in which they are started."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from coordinator.actors import names
from coordinator.settings import Settings
from telescopes.description.telescope import Telescope


@dataclass(frozen=True, slots=True)
class Place:
    """One actor that must live: name, class as ``module:class``, what it is made with, how often it is asked."""

    name: str
    kind: str
    arguments: tuple[Any, ...]
    options: dict[str, Any] = field(default_factory=dict)
    ping_s: float = 1.0


def roster(settings: Settings, telescopes: dict[str, Telescope]) -> Iterator[Place]:
    """Yield everybody but the supervisor."""
    yield Place(names.JOURNAL, "journal:JournalActor", (settings,))
    yield Place(names.LOOKUP, "planner:PlannerActor", (settings,), {"max_concurrency": 1})
    yield Place(names.SCHEDULER, "scheduler:SchedulerActor", (settings,))
    yield Place(names.GATEWAY, "gateway:GatewayActor", (settings, tuple(sorted(telescopes))))
    for stream in settings.streams:
        yield Place(names.source(stream.id), "alert_source:AlertSourceActor", (settings, stream))
    yield Place(names.PLANNER, "planner:PlannerActor", (settings, True), {"max_concurrency": 1})
    for one in sorted(telescopes):
        # There are many of them, and each question wakes a process beside whatever is urgent.
        yield Place(names.telescope(one), "telescope:TelescopeActor", (settings, telescopes[one]), ping_s=3.0)
    yield Place(names.VETTER, "vetter:VetterActor", (settings,))
    yield Place(names.MAPS, "maps:MapFetchActor", (settings,))
    if settings.notify:
        yield Place(names.NOTIFIER, "notifier:NotifierActor", (settings,))
    yield Place(names.READ_MODELS, "read_models:ReadModelsActor", (settings,))


def create(place: Place) -> Any:
    """Create an actor, or find it if it lives; it is restarted for ever when its process dies."""
    import importlib

    import ray

    module, _, name = place.kind.partition(":")
    kind = getattr(importlib.import_module(f"coordinator.actors.{module}"), name)
    options = {
        "name": place.name,
        "namespace": names.NAMESPACE,
        "lifetime": "detached",
        "get_if_exists": True,
        "num_cpus": 0,
        "max_restarts": -1,
        "max_task_retries": 0,
        "max_concurrency": 1000,
        "enable_task_events": False,  # a line in Ray's own ledger for every call, which nobody here reads
        "runtime_env": {"env_vars": _quiet_threads()},
    } | place.options
    return ray.remote(kind).options(**options).remote(*place.arguments)


def _quiet_threads() -> dict[str, str]:
    """Small arrays gain nothing from a pool of threads in each of forty processes."""
    return {name: os.environ.get(name, "1") for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
