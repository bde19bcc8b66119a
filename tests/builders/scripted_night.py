"""One scripted night of four telescopes, ready for the simulation and for real processes.

What decides the outcome lies far apart: telescopes observe in times that are allotted to them, and maps, clouds and
people's words fall at least a minute of sky time before or after anything that they could change.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from builders.nights import EVENT, NARROW, START, WIDE, minutes, notice, sky_of
from builders.running import GENEROUS_S, Running, poll
from coordinator.demo.cast import Cast
from coordinator.demo.options import Options, Pace
from coordinator.demo.ports import free_ports
from coordinator.demo.processes import Processes
from coordinator.demo.stage import Revision, Stage
from coordinator.dispatch.facts import OperatorActed, SkyClockSet
from coordinator.operator_link import Operator
from coordinator.services.facts import fact_of
from coordinator.services.settings import SchedulerSettings
from coordinator.simulation.memory_observatory import Pace as MemoryPace
from coordinator.simulation.script import Arrival, Night, Said
from coordinator.simulation.world.counterpart import Injected
from coordinator.sky.read import read_skymap
from telescopes.description.site_file import default_sites_folder, read_sites
from telescopes.drivers.world import SkySource, World

RATE = 12.0
"""Slow enough for a machine that stands still for some seconds: the minute of sky between causes is 5 s here."""
HOURS = 47.0 / 60.0
BLOCKS = {"tre": (8.0, 17.0), "nowt": (8.0, 22.0), "tca": (30.0, 46.0), "oaj-t80": (30.0, 46.0)}
"""Minutes from the beginning in which a telescope is ours."""
CLOUDS_MIN = (14.25, 60.0)
"""Over nowt: in the middle of its third exposure, and of its time."""
ARRIVALS = (notice(0, "PRELIMINARY", WIDE), notice(25, "UPDATE", NARROW))
PAUSED = "oaj-t80"
WORDS = ((12.0, "pause"), (20.0, "resume"))
BECAUSE = "the dome is cleaned"
BEFORE = timedelta(minutes=5)
"""The simulation begins so much earlier, so that everybody is there when the first alert comes."""
SOURCES = ((165.0, 4.0), (166.2, 6.0), (163.8, 1.8), (167.1, 7.6), (162.2, -0.9), (140.0, 40.0))
BRIGHT_MAG = 14.0


def world() -> World:
    """Return sources that every camera sees if it looks there, and no artefacts; one that nobody looks at."""
    light = {"r": ((-24.0, BRIGHT_MAG), (24.0, BRIGHT_MAG + 0.5))}
    sources = tuple(SkySource(f"s{n}", "supernova", ra, dec, light) for n, (ra, dec) in enumerate(SOURCES))
    cloud = tuple(START + minutes(m) for m in CLOUDS_MIN)
    return World(1, START, sources, {"nowt": ((cloud[0], cloud[1]),)}, bogus_per_image=0.0)


def write_sites(folder: Path, gateway: str) -> None:
    """Write the site files that both read."""
    folder.mkdir(parents=True)
    for name, block in BLOCKS.items():
        begin, end = ((START + minutes(m)).isoformat() for m in block)
        text = (default_sites_folder() / f"{name}.toml").read_text()
        assert "[observing]" in text and "\n[link]" not in text and "\n[driver]" not in text
        text = text.replace("[observing]", f'[observing]\nallocation = [["{begin}", "{end}"]]\n#', 1)
        link = f'\n[link]\ngateway = "{gateway}"\nacceptance_s = 60.0\nlease_s = 60.0\nhorizon_s = 1800.0\n'
        (folder / f"{name}.toml").write_text(text + link + '\n[driver]\nname = "simulated"\n')


def simulated(sites: Path) -> Night:
    """Return the night for the simulation; link time is sky time there, so what counts in it counts `RATE` times."""
    real = SchedulerSettings()
    scheduler = replace(
        real,
        plan_hours=HOURS,
        visits=("1",),
        tick_s=5.0,
        start_slack_s=real.start_slack_s * RATE,
        reaction_s=real.reaction_s * RATE,
        least_plan_interval_s=real.least_plan_interval_s * RATE,
        idle_plan_interval_s=real.idle_plan_interval_s * RATE,
    )
    return Night(
        seed=1,
        start=START - BEFORE,
        hours=HOURS + BEFORE / timedelta(hours=1),
        telescopes=tuple(read_sites(sites)),
        arrivals=tuple(replace(a, after=BEFORE + a.after) for a in ARRIVALS),
        truth=sky_of(NARROW),
        said=tuple(Said(PAUSED, BEFORE + minutes(after), _word(act)) for after, act in WORDS),
        pace=MemoryPace(scheduler=scheduler, informed=True),
        world=(world(), None),
    )


def _word(act: str) -> OperatorActed:
    return OperatorActed(f"word:{act}", act, PAUSED, "observer", BECAUSE)


def staged(state: Path) -> Running:
    """Write everything for the real system; start nothing."""
    gateway_port, dashboard_port = free_ports(2)
    maps = tuple(Revision(n, sky_of(s), read_skymap(sky_of(s))) for n, s in (("wide", WIDE), ("narrow", NARROW)))
    write_sites(state / "sites", f"127.0.0.1:{gateway_port}")
    stage = Stage(
        options=Options(dashboard=False, pace=Pace(rate=RATE)),
        state=state,
        event=EVENT,
        revisions=maps,
        cast=Cast(tuple(read_sites(state / "sites")), {}),
        injected=Injected("", 0.0, 0.0, 0.0, 0.0, 0.0, False),
        start=START,
        gateway_port=gateway_port,
        dashboard_port=dashboard_port,
        clouded="nowt",
    )
    stage.world_file.write_bytes(msgspec.json.encode(world()))
    stage.config.write_text(_config(stage))
    return Running(stage, Processes(state / "logs"))


def _config(stage: Stage) -> str:
    return f"""state = "."
port = {stage.gateway_port}
sites = "sites"
[dashboard]
enabled = false
[policy]
plan_hours = {HOURS}
visits = ["1"]
oldest_event_h = 8760
[link]
heartbeat_s = 0.5
[sky]
start = {stage.start.isoformat()}
rate = {RATE}
may_jump = false
"""


def play(running: Running) -> None:
    """Play the script to its end in the real system; everybody is there already."""
    running.hand_in(ARRIVALS[0].name, ARRIVALS[0].data)
    cues = sorted([(minutes(m), act) for m, act in WORDS] + [(a.after, a) for a in ARRIVALS[1:]], key=lambda c: c[0])
    for after, what in cues:
        _wait_until(running, START + after)
        if isinstance(what, Arrival):
            running.hand_in(what.name, what.data)
        else:
            with Operator(running.stage.gateway) as operator:
                (operator.pause if what == "pause" else operator.resume)(PAUSED, "observer", BECAUSE)
    _wait_until(running, START + timedelta(hours=HOURS))
    with Operator(running.stage.gateway) as operator:
        for one in BLOCKS:
            operator.pause(one, "test", "the night is over")
    poll("nothing is open", lambda: next(running.state().pointings.live(), None) is None)


def _wait_until(running: Running, sky_time: datetime) -> None:
    whole_night_s = HOURS * 3600.0 / RATE
    poll(f"{sky_time} of the sky", lambda: _sky_now(running) >= sky_time, whole_night_s + GENEROUS_S)


def _sky_now(running: Running) -> datetime:
    """Sky time by the newest word in the journal; before any alert it stands long before the night."""
    (*_, newest) = (fact_of(e.entry) for e in running.read() if e.entry.kind == "sky_clock_set")
    assert isinstance(newest, SkyClockSet)
    return newest.sky_time + (datetime.now(UTC) - newest.machine_utc) * newest.rate
