"""The dashboard as a Ray Serve application: one replica, which keeps its own fold of the journal."""

import asyncio
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from ray import serve
from ray.serve import Application
from ray.serve.config import HTTPOptions

from coordinator.config_file import read_settings
from coordinator.settings import Settings

if TYPE_CHECKING:
    from coordinator.dashboard.desk import Desk
    from coordinator.dashboard.machine.known import Machine

APPLICATION = "armillary-dashboard"
MOST_REQUESTS = 1000
"""An open stream counts as a request for as long as it is open; Serve's own limit is 5."""
HEALTH_CHECK_S = 1.0
"""A replica that died is missed at the next look only; Serve's own pause between two looks is 10 s."""
END_AFTER_S = 10.0


def app(args: dict[str, str]) -> Application:
    """Build the application for `serve run coordinator.dashboard.serve_app:app config=FILE state=DIR`."""
    config = args.get("config")
    overrides = {"state": Path(args["state"])} if "state" in args else {}
    return application(read_settings(None if config is None else Path(config), **overrides))


def application(settings: Settings) -> Application:
    """Build the application for one observatory."""

    def asgi() -> FastAPI:
        # Runs in the replica. Routes that are added after Serve has captured an application answer 404.
        from coordinator import factory
        from coordinator.dashboard.actor_journal import ActorJournal
        from coordinator.dashboard.app import LOCAL_HOSTS, build_app
        from coordinator.dashboard.board import DashboardPort

        port = DashboardPort(
            ActorJournal(),
            factory.blobs(settings),
            factory.telescopes(settings),
            factory.utc_now,
            lambda info: factory.newest_state(settings, info),
            factory.galaxies(settings),
            settings.campaigns_folder,
            machine=_machine(settings),
        )
        hosts = (*LOCAL_HOSTS, settings.dashboard.host, *settings.dashboard.names)
        return build_app(port, hosts, _desk(settings), gave_up=_end_soon)

    deployment: Any = serve.deployment(serve.ingress(asgi)())
    chosen = deployment.options(
        name=APPLICATION,
        num_replicas=1,
        max_ongoing_requests=MOST_REQUESTS,
        ray_actor_options={"num_cpus": 0},
        health_check_period_s=HEALTH_CHECK_S,
        graceful_shutdown_timeout_s=2.0,
        graceful_shutdown_wait_loop_s=0.2,
    )
    return chosen.bind()  # type: ignore[no-any-return]


def _end_soon() -> None:
    """End this replica, which would answer 503 for ever: Serve starts another one, with a fresh fold.

    Not at once, so that an error that comes again and again does not keep the machine busy with starts.
    """
    asyncio.get_running_loop().call_later(END_AFTER_S, os._exit, 1)


def _machine(settings: Settings) -> "Machine":
    """Return who tells of the machine: the configuration, the supervisor's actor, the state folder."""
    from coordinator import factory
    from coordinator.dashboard.actor_supervisor import actors
    from coordinator.dashboard.machine.known import Machine

    streams = tuple((stream.id, stream.kind) for stream in settings.streams)
    return Machine(streams, actors, lambda: factory.files(settings))


def _desk(settings: Settings) -> "Desk":
    """Return where decisions go: to the scheduler's actor."""
    from coordinator import factory
    from coordinator.dashboard.actor_scheduler import ActorScheduler
    from coordinator.dashboard.desk import Desk

    scheduler = ActorScheduler()
    return Desk(
        factory.people(settings),
        scheduler.act,
        factory.utc_now,
        time.monotonic,
        open_reading=settings.dashboard.open_reading,
        openid=factory.openid(settings),
        what_if=scheduler.what_if,
    )


def serve_dashboard(settings: Settings) -> str:
    """Serve the dashboard on its host and port, in the Ray that this process is connected to; return its address."""
    where = settings.dashboard
    serve.start(http_options=HTTPOptions(host=where.host, port=where.port))
    serve.run(application(settings), name=APPLICATION, route_prefix="/")
    return f"http://{where.host}:{where.port}/"


def end_dashboard() -> None:
    """End the dashboard, and Serve with it."""
    serve.shutdown()  # type: ignore[no-untyped-call]
