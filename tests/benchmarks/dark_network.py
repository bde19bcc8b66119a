"""A network of which everybody is in the dark and sees the alert's sky: copies of small fields, at a real pace."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from builders.notices import a_map
from builders.running import Running

from coordinator.demo.options import Pace
from coordinator.demo.stage import Stage
from coordinator.planning.make import plan
from coordinator.planning.request import EventToPlan, PlanRequest, TelescopeToPlan
from coordinator.services.settings import SessionSettings
from coordinator.sky.read import read_skymap
from telescopes.description.geometry import area_deg2
from telescopes.description.site_file import read_sites
from telescopes.description.telescope import Telescope

PACE = Pace(rate=1.0, heartbeat_s=SessionSettings().heartbeat_s, lease_s=90.0, acceptance_s=30.0)
"""As in a real night: a demonstration's hundredfold pace would load the machine with a hundred nights' reports."""

SMALL_DEG2 = 0.3
"""Of wider fields a few would cover the map, and nobody else would get a command."""

AT_ONCE = timedelta(minutes=15)


def dark_network(folder: Path, telescopes: int) -> Running:
    """Write so many telescopes that can all begin at once."""
    running = Running.staged(folder, 31, PACE)
    stage = running.stage
    able = [t for t in stage.cast.telescopes if _field_deg2(t) < SMALL_DEG2 and _begins_at_once(t, stage)]
    texts = {t.id: stage.site_file(t.id).read_text() for t in able}
    for one in stage.cast.telescopes:
        stage.site_file(one.id).unlink()
    for number in range(telescopes):
        name = able[number % len(able)].id
        copy = f"{name}-{number}"
        stage.site_file(copy).write_text(texts[name].replace(f'id = "{name}"', f'id = "{copy}"', 1))
    network = read_sites(stage.state / "sites")
    running.stage = replace(stage, cast=replace(stage.cast, telescopes=network))
    return running


def _field_deg2(telescope: Telescope) -> float:
    return max(area_deg2(one.footprint) for one in telescope.instruments)


def _begins_at_once(telescope: Telescope, stage: Stage) -> bool:
    """Say whether it has work right away, if it were alone."""
    event = EventToPlan("dark", 1, "map", stage.start)
    end = stage.start + AT_ONCE
    request = PlanRequest((event,), (TelescopeToPlan(telescope, stage.start),), stage.start, end)
    return bool(plan(request, {"map": read_skymap(a_map())}).events[0].pointings)
