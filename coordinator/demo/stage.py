"""The stage of a demonstration: a state folder with site files, a world and a config, ready for real processes."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np

from coordinator.demo.cast import Cast, choose
from coordinator.demo.options import Options
from coordinator.demo.ports import free_ports
from coordinator.simulation.built_in_map import built_in_map
from coordinator.simulation.world.counterpart import Injected
from coordinator.simulation.world.density import WorldDensity
from coordinator.simulation.world.make import Search, make_world
from coordinator.sky.read import read_skymap
from coordinator.sky.skymap import SkyMap
from telescopes.description.errors import Refused
from telescopes.description.site_file import default_sites_folder, read_sites
from telescopes.description.telescope import Telescope

ALERT_AFTER = timedelta(minutes=5)
WORLD = WorldDensity(artefacts=0.0)
"""Artefacts belong to one camera and one image: the telescopes make up their own."""
CLOUDS_AFTER, CLOUDS_FOR = timedelta(minutes=15), timedelta(minutes=40)


@dataclass(frozen=True, slots=True, eq=False)
class Revision:
    """One sky map of the sequence, as it will be handed in."""

    name: str
    data: bytes
    sky: SkyMap


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """Everything that is prepared before anything is started."""

    options: Options
    state: Path
    event: str
    revisions: tuple[Revision, ...]
    cast: Cast
    injected: Injected
    start: datetime
    gateway_port: int
    dashboard_port: int
    clouded: str | None

    @property
    def config(self) -> Path:
        """Config file of the observatory."""
        return self.state / "armillary.toml"

    @property
    def gateway(self) -> str:
        """Address of the gateway."""
        return f"127.0.0.1:{self.gateway_port}"

    def site_file(self, telescope: str) -> Path:
        """Site file of one telescope."""
        return self.state / "sites" / f"{telescope}.toml"

    @property
    def world_file(self) -> Path:
        """The truth that the simulated telescopes share."""
        return self.state / "world.json"


def set_stage(options: Options, state: Path) -> Stage:
    """Read the maps, choose the cast, make the world, and write everything down.

    Raises
    ------
    Refused
        A map cannot be used, or no telescope of the network can reach its sky in the given hours.
    """
    revisions = tuple(_revisions(options))
    last = revisions[-1].sky
    if last.facts.t0 is None:
        raise Refused(
            "does not say when its event was", where=revisions[-1].name, mend="give a map with DATE-OBS in its header"
        )
    start = last.facts.t0 + ALERT_AFTER
    network = read_sites(default_sites_folder())
    cast = choose(network, revisions[0].sky, last, start, options.hours, options.telescopes)
    if not cast.reach:
        raise Refused(
            f"no telescope of the network can reach it within {options.hours:g} h of sky time",
            where=revisions[-1].name,
            mend="give more --hours, or another map",
        )
    clouded = _clouded(cast)
    clouds = {} if clouded is None else {clouded: ((start + CLOUDS_AFTER, start + CLOUDS_AFTER + CLOUDS_FOR),)}
    search = Search(last.facts.t0, start, options.hours, cast.telescopes, cast.reach, clouds=clouds)
    world, injected = make_world(np.random.default_rng(options.seed), last, search, WORLD, seed=options.seed)
    gateway_port, dashboard_port = free_ports(2)
    stage = Stage(
        options=options,
        state=state,
        event=_event_key(revisions[0]),
        revisions=revisions,
        cast=cast,
        injected=injected,
        start=start,
        gateway_port=gateway_port,
        dashboard_port=dashboard_port,
        clouded=clouded,
    )
    stage.world_file.write_bytes(msgspec.json.encode(world))
    _write_sites(stage)
    stage.config.write_text(_config(stage))
    return stage


def _revisions(options: Options) -> list[Revision]:
    if not options.skymaps:
        data = built_in_map()
        return [Revision("built-in sky map", data, read_skymap(data))]
    found = []
    for path in options.skymaps:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise Refused(
                f"cannot be read ({error.strerror})", where=str(path), mend="give --skymap a readable FITS file"
            ) from error
        found.append(Revision(path.name, data, read_skymap(data)))
    return found


def _event_key(first: Revision) -> str:
    """A name under which all the maps are one event: that in the map, or the beginning of the file's name."""
    said = first.sky.facts.object_id or first.name.partition(".")[0]
    return f"demo:{re.sub(r'[^A-Za-z0-9]', '', said)[:24] or first.sky.facts.sha256[:12]}"


def _clouded(cast: Cast) -> str | None:
    """Who is clouded out for a while: the second of those who search, so that the first can go on."""
    return next(iter(list(cast.reach)[1:]), None)


def _write_sites(stage: Stage) -> None:
    (stage.state / "sites").mkdir(parents=True, exist_ok=True)
    for one in stage.cast.telescopes:
        original = (default_sites_folder() / f"{one.id}.toml").read_text()
        stage.site_file(one.id).write_text(
            _without_tables(original, ("link", "driver", "reduction")) + _link(stage, one)
        )


def _without_tables(text: str, names: tuple[str, ...]) -> str:
    """Leave tables out of a TOML text."""
    kept, keep = [], True
    for line in text.splitlines():
        header = re.match(r"\[+\s*([A-Za-z0-9_-]+)", line)
        if header:
            keep = header.group(1) not in names
        if keep:
            kept.append(line)
    return "\n".join(kept) + "\n"


def _link(stage: Stage, telescope: Telescope) -> str:
    pace = stage.options.pace
    return f"""
[link]
gateway = "{stage.gateway}"
acceptance_s = {pace.acceptance_s}
lease_s = {pace.lease_s}
reaction_s = {telescope.link.reaction_s}
horizon_s = {max(telescope.link.horizon_s, 2 * pace.slack_s)}

[driver]
name = "simulated"
"""


def _config(stage: Stage) -> str:
    pace = stage.options.pace
    return f"""state = "."
host = "127.0.0.1"
port = {stage.gateway_port}
sites = "sites"

[dashboard]
port = {stage.dashboard_port}
enabled = {str(stage.options.dashboard).lower()}

[policy]
plan_hours = {stage.options.hours}

[link]
heartbeat_s = {pace.heartbeat_s}

[sky]
start = {stage.start.isoformat()}
rate = {pace.rate}
"""
