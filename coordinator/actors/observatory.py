"""The whole system: brought up on this machine or on a cluster, watched, and taken down."""

import contextlib
import fcntl
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import msgspec

from coordinator.actors import names
from coordinator.settings import Settings
from telescopes.description.errors import Broken, Refused
from telescopes.description.host_port import HostPort
from telescopes.description.whole_file import write_whole

UP_S = 180.0
LOCK = "lock"
"""A file of the state folder that a running observatory holds locked."""

LOCK_S = 1.0
"""Whoever asks whether somebody runs here holds the lock for an instant: it is tried again for so long."""


@dataclass
class Observatory:
    """A running system; made by `bring_up`, ended by `close`."""

    settings: Settings
    lock: IO[str]
    supervisor: Any

    def status(self) -> dict[str, Any]:
        """Return the document armillary.status/1."""
        import ray

        document: dict[str, Any] = ray.get(self.supervisor.status.remote(), timeout=30.0)
        return document

    def actor(self, name: str) -> Any:
        """Return an actor by name."""
        import ray

        return ray.get_actor(name, namespace=names.NAMESPACE)

    def close(self) -> None:
        """Let streams drain, end every process that was started, and give the state folder free."""
        import ray

        with contextlib.suppress(ray.exceptions.RayError, ValueError):  # a gateway that is gone has nothing to drain
            ray.get(self.actor(names.GATEWAY).drain.remote(1.0), timeout=5.0)
        self.settings.run_file.unlink(missing_ok=True)
        self._end_actors()
        ray.shutdown()
        give_back(self.settings, self.lock)

    def _end_actors(self) -> None:
        """End the actors one by one, the supervisor first: a Ray that others share does not end with us."""
        import ray

        with contextlib.suppress(ray.exceptions.RayError, ValueError):  # who is gone needs no end
            ray.kill(self.supervisor, no_restart=True)
            for row in ray.util.list_named_actors(all_namespaces=True):
                if row["namespace"] == names.NAMESPACE and row["name"] != names.SUPERVISOR:
                    ray.kill(self.actor(row["name"]), no_restart=True)


def bring_up(settings: Settings, progress: Callable[[str], None]) -> Observatory:
    """Start everything and wait until it serves.

    Raises
    ------
    Refused
        The state folder, the port or a site file cannot be used; nothing is left running.
    """
    from coordinator import factory

    factory.telescopes(settings)  # a mistake in a site file is told before anything is started
    secured = factory.transport(settings).tls  # and so is an address that others reach without TLS
    lock = take_state_folder(settings)
    try:
        settings.run_file.unlink(missing_ok=True)  # of one that was killed
        require_free_port(settings.host, settings.port)
        if secured:
            require_free_port(settings.host, settings.enrolment_port)
        if settings.dashboard.enabled:
            require_free_port(settings.dashboard.host, settings.dashboard.port)
    except BaseException:
        give_back(settings, lock)
        raise
    _start_ray(settings, progress)
    import ray

    from coordinator.actors.roster import Place, create

    supervisor = create(Place(names.SUPERVISOR, "supervisor:SupervisorActor", (settings,)))
    observatory = Observatory(settings, lock, supervisor)
    try:
        _wait_until_ready(supervisor, progress)
    except BaseException:
        observatory.close()
        raise
    _write_run_file(settings, secured)
    assert ray.is_initialized()
    return observatory


def take_state_folder(settings: Settings, patience_s: float = LOCK_S) -> IO[str]:
    """Make the state folder and lock it: one observatory on one state.

    Parameters
    ----------
    settings : Settings
        Where the folder is.
    patience_s : float
        Link seconds for which a lock that is held is tried again.

    Raises
    ------
    Refused
        It cannot be written, or another observatory holds it.
    """
    where = str(settings.state)
    with _writable(where):
        settings.state.mkdir(parents=True, exist_ok=True)
        lock = open(settings.state / LOCK, "a+", encoding="utf-8")  # noqa: SIM115 - held until the end
    try:
        _lock(lock, patience_s)
    except OSError as error:
        lock.close()
        raise Refused(
            "another observatory runs on this state",
            where=where,
            mend="`armillary down` ends it; or give another --state folder",
        ) from error
    try:
        with _writable(where):
            _try_to_write(settings.state / f".probe-{os.getpid()}")
    except Refused:
        give_back(settings, lock)
        raise
    return lock


def _lock(lock: IO[str], patience_s: float) -> None:
    give_up = time.monotonic() + patience_s
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > give_up:
                raise
        time.sleep(0.05)


@contextlib.contextmanager
def _writable(where: str) -> Iterator[None]:
    """Say in our words that a folder cannot be written."""
    try:
        yield
    except OSError as error:
        raise Refused(
            f"cannot be written ({error.strerror})", where=where, mend="free the disk, or give another --state folder"
        ) from error


def give_back(settings: Settings, lock: IO[str]) -> None:
    """Unlock the state folder, and leave none behind that holds nothing."""
    with contextlib.suppress(OSError):
        if [path.name for path in settings.state.iterdir()] == [LOCK]:
            (settings.state / LOCK).unlink()
            settings.state.rmdir()
    lock.close()


def _try_to_write(probe: Path) -> None:
    try:
        probe.write_bytes(b"\0" * 65536)
    finally:
        probe.unlink(missing_ok=True)


def require_free_port(host: str, port: int) -> None:
    """Refuse a port that somebody listens on, before anything is started."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise Refused(
                f"cannot listen there ({getattr(error, 'strerror', None) or error})",
                where=str(HostPort(host, port)),
                mend="stop what listens there, or give another port in the config file",
            ) from error


def _start_ray(settings: Settings, progress: Callable[[str], None]) -> None:
    """Join the cluster at RAY_ADDRESS, or start Ray on this machine."""
    progress("starting Ray")
    # Ray reads these when it is imported; without a mode it would write a token into the user's home.
    os.environ.setdefault("RAY_AUTH_MODE", "token")
    if os.environ["RAY_AUTH_MODE"] == "token" and "RAY_AUTH_TOKEN_PATH" not in os.environ:
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    # Ray lets everything else on a machine go before its workers; here they are what the machine is for.
    os.environ.setdefault("RAY_worker_niceness", "0")
    # Serve ends a proxy that is not up within 5 s, and with it its own start; on a busy machine that takes longer.
    os.environ.setdefault("RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S", "30")
    import ray

    common: dict[str, Any] = {"namespace": names.NAMESPACE, "log_to_driver": False, "logging_level": "error"}
    if os.environ.get("RAY_ADDRESS"):
        ray.init(**common)
        return
    ray.init(
        address="local",
        include_dashboard=False,
        num_cpus=max(4, os.cpu_count() or 1),
        object_store_memory=256 * 2**20,
        **common,
    )


def _wait_until_ready(supervisor: Any, progress: Callable[[str], None]) -> None:
    import ray

    give_up = time.monotonic() + UP_S
    said = ""
    while True:
        missing, failed = ray.get(supervisor.missing.remote(), timeout=UP_S)
        if failed:
            name, why = next(iter(failed.items()))
            raise Broken(why, where=name, mend="mend that and start again")
        if not missing:
            return
        if time.monotonic() > give_up:
            raise Broken(f"not ready: {', '.join(missing)}", where="armillary up", mend="see Ray's logs")
        word = f"starting actors: {len(missing)} to come"
        if word != said:
            progress(word)
            said = word
        time.sleep(0.2)


def _write_run_file(settings: Settings, secured: bool) -> None:
    dashboard, folder = settings.dashboard, settings.authority_folder
    document = {
        "pid": os.getpid(),
        "gateway": settings.gateway,
        "dashboard": f"http://{HostPort(dashboard.host, dashboard.port)}/" if dashboard.enabled else None,
        "authority": str(folder / "authority.pem") if secured else None,
        "certificate": str(folder / "local.pem") if secured else None,
        "key": str(folder / "local.key") if secured else None,
    }
    write_whole(settings.run_file, msgspec.json.encode(document))
