"""Import all of the site's code, and let an agent observe, while what only POSIX has is hidden from our code.

Run ``python as_on_windows.py FOLDER [WHERE CODE]``; CODE is then tried first, as if it stood in the module WHERE.
"""

import asyncio
import builtins
import importlib
import json
import os
import pkgutil
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

OURS = ("telescopes", "coordinator")
MODULES = "crypt curses fcntl grp nis ossaudiodev posix pty pwd readline resource spwd syslog termios tty"
OF_OS = (
    "chown chroot fchmod fchown fork forkpty getegid geteuid getgid getgroups getloadavg getpgid getpgrp getpriority"
    " getresgid getresuid getsid getuid initgroups killpg lchown lockf major makedev minor mkfifo mknod nice openpty"
    " pathconf pipe2 posix_fadvise posix_fallocate posix_spawn pread preadv pwrite pwritev sched_getaffinity"
    " sched_setaffinity sched_yield sendfile setegid seteuid setgid setgroups setpgid setpgrp setpriority setregid"
    " setreuid setsid setuid statvfs sync sysconf tcgetpgrp ttyname uname wait wait3 wait4 waitid O_CLOEXEC"
    " O_DIRECTORY O_NOCTTY O_NOFOLLOW O_NONBLOCK O_SYNC"
)
OF_SIGNAL = (
    "SIGALRM SIGBUS SIGCHLD SIGCONT SIGHUP SIGIO SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGTSTP SIGUSR1 SIGUSR2 SIGWINCH"
    " alarm getitimer pause pthread_kill pthread_sigmask setitimer siginterrupt sigpending sigwait"
)


def ours() -> Iterator[str]:
    """Name every module of the site, and the command that runs it."""
    import telescopes

    yield from (found.name for found in pkgutil.walk_packages(telescopes.__path__, "telescopes."))
    yield "coordinator.cli.agent_process"


def is_ours(module: str) -> bool:
    return module.split(".")[0] in OURS


def hide() -> None:
    """Hide modules from our code alone, and names from everybody: what others wrote has its own way on Windows."""
    real = builtins.__import__

    def hiding(name: str, globals: Any = None, *rest: Any, **named: Any) -> Any:
        asker = (globals or {}).get("__name__", "")
        if name.split(".")[0] in MODULES.split() and is_ours(asker):
            raise ModuleNotFoundError(f"{asker} imports {name}, which Windows has not")
        return real(name, globals, *rest, **named)

    builtins.__import__ = hiding
    for module, names in ((os, OF_OS), (signal, OF_SIGNAL)):
        for name in (n for n in names.split() if hasattr(module, n)):
            delattr(module, name)
    for name in ("add_signal_handler", "remove_signal_handler"):
        delattr(asyncio.SelectorEventLoop, name)  # The base class refuses, as Windows' loop does.
    sys.platform = "win32"


async def night(folder: Path) -> list[str]:
    """Let an agent carry out a pointing in some seconds; return what it told of it."""
    import numpy as np

    from telescopes.agent.agent import Agent
    from telescopes.agent.loopback import LoopbackCoordinator
    from telescopes.agent.sky_time import AgentSky
    from telescopes.agent.store import Store
    from telescopes.description.clocks import LinkTime, MonotonicClock, ScaledSkyClock
    from telescopes.description.footprint import Rectangle
    from telescopes.description.telescope import Instrument, Observing, Site, Telescope
    from telescopes.drivers.simulated import SimulatedDriver
    from telescopes.drivers.world import World

    began, link = datetime(2026, 1, 1, tzinfo=UTC), MonotonicClock()
    camera = Instrument("main", ("r",), Rectangle(2.0, 2.0))
    telescope = Telescope("t1", "T1", Site(0.0, 0.0), (camera,), Observing(60.0))
    announced = ScaledSkyClock(link, LinkTime(link.now()), began, 200.0)
    coordinator = LoopbackCoordinator(announced, link, utc_now)
    sky, store = AgentSky(link), Store(folder / "agent.sqlite", "t1")
    driver = SimulatedDriver(telescope, sky, World(seed=1, t_ref=began, sources=(), bogus_per_image=0.0))
    agent = Agent(
        telescope,
        driver,
        coordinator,
        store,
        sky=sky,
        link_clock=link,
        utc_now=utc_now,
        rng=np.random.default_rng(1),
        violation=lambda *_: None,
    )
    stop = asyncio.Event()
    running = asyncio.create_task(agent.run(stop))
    coordinator.offer(a_pointing(began))
    async with asyncio.timeout(120.0):
        while (told := [r.state.value for r in coordinator.reports_of("p1")])[-1:] not in ENDS:
            if running.done():
                running.result()
            await asyncio.sleep(0.05)
    stop.set()
    await running
    store.close()
    return told


ENDS = [[state] for state in ("completed", "partial", "failed", "rejected", "expired", "revoked")]


def utc_now() -> datetime:
    return datetime.now(UTC)


def a_pointing(began: datetime) -> Any:
    from telescopes.description.messages import Exposure, Pointing

    return Pointing(
        pointing_id="p1",
        revision=1,
        plan_id="plan",
        event_id="lvk:S1",
        event_revision=1,
        telescope_id="t1",
        instrument_id="main",
        visit="1",
        ra_deg=10.0,
        dec_deg=5.0,
        position_angle_deg=0.0,
        window_start=began,
        window_end=began + timedelta(hours=10),
        planned_start=began + timedelta(seconds=200),
        exposures=(Exposure("r", 60.0, 2),),
        accept_within_s=20.0,
    )


def main(folder: str, where: str = "", code: str = "") -> None:
    every = tuple(ours())
    for name in every:
        importlib.import_module(name)
    for name in [n for n in sys.modules if is_ours(n)]:
        del sys.modules[name]
    hide()
    exec(code, {"__name__": where})
    for name in every:
        importlib.import_module(name)
    print(json.dumps({"modules": every, "told": asyncio.run(night(Path(folder)))}))


if __name__ == "__main__":
    main(*sys.argv[1:])
