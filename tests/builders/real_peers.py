"""A running observatory with six agents, each a process with another driver, and everything that those drivers move."""

import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from builders.alpaca_peer import AlpacaPeer, an_alpaca_peer
from builders.far_sides import AlpacaShutter, FarSide, IndiShutter, Observer, ProgramShutter
from builders.indi_peer import IndiPeer, an_indi_peer
from builders.peers import listens
from builders.peers import running as a_program
from builders.real_sites import PROGRAMS, TOKEN, Night, RealSite, the_six
from builders.running import Running, poll
from builders.whole_pointings import now
from coordinator.demo.cast import Cast
from coordinator.demo.ports import free_port
from coordinator.demo.processes import Processes
from telescopes.description.site_file import read_site_file


@dataclass(frozen=True)
class RealStage:
    """What is prepared before anything is started: where things lie and who takes part."""

    state: Path
    gateway: str
    cast: Cast

    @property
    def config(self) -> Path:
        return self.state / "armillary.toml"

    def site_file(self, telescope: str) -> Path:
        return self.state / "sites" / f"{telescope}.toml"


@dataclass(kw_only=True)
class RealPeers(Running):
    """The observatory, its sites, and the far side of every driver that has one."""

    night: Night
    sites: tuple[RealSite, ...]
    far_sides: dict[str, FarSide]
    alpaca: AlpacaPeer
    indi: IndiPeer

    def start_agent(self, telescope: str) -> None:
        """Start one agent as a site does."""
        config, state = self.stage.site_file(telescope), self.stage.state / "agents" / telescope
        words = ["agent", "run", "--config", str(config), "--state", str(state)]
        self.processes.start(f"agent-{telescope}", words)

    def end_agents(self) -> None:
        """End every agent as a system does, and wait for it."""
        for one in self.telescopes:
            self.processes.signal(f"agent-{one}", signal.SIGTERM)
        for one in self.telescopes:
            assert self.processes.children.pop(f"agent-{one}").wait(60.0) == 0, one


@contextmanager
def real_peers(folder: Path) -> Iterator[RealPeers]:
    """Run everything until the block ends: devices, programs, the person, the observatory and its agents."""
    with ExitStack() as stack:
        places = {name: folder / name for name in ("alpaca-server", "indi-server", "scheduler", "sites", "state")}
        for place in places.values():
            place.mkdir()
        alpaca = stack.enter_context(an_alpaca_peer(places["alpaca-server"]))
        indi = stack.enter_context(an_indi_peer(places["indi-server"]))
        page_port = free_port()
        sites = the_six(places["sites"], alpaca, indi, page_port)
        night = Night.at(now())
        stage = _stage(places["state"], sites, night)
        images = {site.id: site.images for site in sites if site.images is not None}
        plans = places["sites"] / "filedrop" / "plans"
        words = [sys.executable, str(PROGRAMS / "site_scheduler.py"), str(plans), str(images["filedrop"])]
        stack.enter_context(a_program(words, places["scheduler"], (images["filedrop"] / "shutter").exists))
        observer = Observer(f"http://127.0.0.1:{page_port}/{TOKEN}/")
        far_sides: dict[str, FarSide] = {
            "alpaca": AlpacaShutter(alpaca),
            "indi": IndiShutter(indi),
            "command": ProgramShutter(images["command"]),
            "filedrop": ProgramShutter(images["filedrop"]),
            "manual": observer,
        }
        made = RealPeers(
            stage,  # type: ignore[arg-type]
            Processes(stage.state / "logs"),
            night=night,
            sites=sites,
            far_sides=far_sides,
            alpaca=alpaca,
            indi=indi,
        )
        stack.callback(made.close)
        made.up()
        made.agents_up()
        poll("the observer's page is there", lambda: listens(page_port))
        observer.start()
        stack.callback(observer.close)
        yield made


def _stage(state: Path, sites: tuple[RealSite, ...], night: Night) -> RealStage:
    """Write the config and the site files."""
    port = free_port()
    stage = RealStage(state, f"127.0.0.1:{port}", Cast((), {}))
    (state / "sites").mkdir()
    for n, site in enumerate(sites):
        stage.site_file(site.id).write_text(site.text(stage.gateway, night, n))
    stage.config.write_text(
        f"""state = "."
port = {port}
sites = "sites"
[dashboard]
enabled = false
[policy]
objective = "probability"
visits = ["1"]
plan_hours = 0.25
"""
    )
    telescopes = tuple(read_site_file(stage.site_file(site.id)) for site in sites)
    return replace(stage, cast=Cast(telescopes, {}))
