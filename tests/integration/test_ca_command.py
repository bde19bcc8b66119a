"""`armillary ca …` and `armillary agent enroll`, from nothing to a telescope that is served, and taken back."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from builders.agent_commands import without_clock
from builders.secured import signed_for, utc_now
from typer.testing import CliRunner

from coordinator.cli import agent, approve, ca, status
from coordinator.config_file import read_settings
from coordinator.demo.ports import free_ports
from coordinator.factory import door
from coordinator.gateway.command_stream import StreamTiming
from coordinator.gateway.loopback import LoopbackDesk, LoopbackTelescope
from coordinator.gateway.operator_service import OperatorService
from coordinator.gateway.server import GatewayServer
from coordinator.gateway.telescope_service import TelescopeService
from telescopes.credentials.identity_files import IdentityFiles
from telescopes.credentials.key_pair import life_of
from telescopes.description.clocks import SkyClockReading

SITES = Path(__file__).resolve().parents[2] / "telescopes" / "sites"
CONFIG = """
state = "state"
port = {port}
[security]
enrolment_port = {enrolment}
"""


async def run(*arguments: str | Path) -> tuple[int, str, str]:
    """Run a command as `armillary` does; return status, output, and what was wrong."""
    app = typer.Typer()
    for module in (ca, agent, approve, status):
        module.register(app)
    done = await asyncio.to_thread(CliRunner().invoke, app, [str(word) for word in arguments])
    wrong = "" if done.exception is None or isinstance(done.exception, SystemExit) else str(done.exception)
    return done.exit_code, done.stdout.strip(), done.stderr + wrong


@pytest.fixture
def ports() -> tuple[int, int]:
    """Two ports that nobody has."""
    one, other = free_ports(2)
    return one, other


@pytest.fixture
def config(tmp_path: Path, ports: tuple[int, int]) -> Path:
    file = tmp_path / "armillary.toml"
    file.write_text(CONFIG.format(port=ports[0], enrolment=ports[1]))
    return file


@pytest.fixture
def site(tmp_path: Path, ports: tuple[int, int]) -> Path:
    text = (SITES / "tca.toml").read_text()
    file = tmp_path / "tca.toml"
    file.write_text(f'{text}\n[link]\ngateway = "127.0.0.1:{ports[0]}"\n')
    return file


@pytest.fixture
async def gateway(config: Path) -> AsyncIterator[LoopbackTelescope]:
    """The gateway of that config file, over a telescope in memory."""
    assert (await run("ca", "init", "--config", config))[0] == 0
    settings = read_settings(config)
    telescopes = {"tca": LoopbackTelescope("tca", heartbeat_s=0.1)}
    service = TelescopeService(
        telescopes.__getitem__,
        sky_clock=lambda: SkyClockReading(utc_now(), 1.0),
        utc_now=utc_now,
        timing=StreamTiming(0.1, lambda: 0.5),
    )
    desk = OperatorService(LoopbackDesk(telescopes, utc_now()))
    server = GatewayServer(settings.host, settings.port, service, desk, door(settings))
    await server.start()
    yield telescopes["tca"]
    await server.stop(grace_s=0.2)


async def test_an_authority_is_made_once_and_says_what_comes_next(config: Path, tmp_path: Path) -> None:
    code, said, _ = await run("ca", "init", "--config", config)
    key = tmp_path / "state" / "ca" / "authority.key"
    assert code == 0 and len(said.splitlines()) == 1 and "armillary ca token TELESCOPE" in said
    assert key.stat().st_mode & 0o777 == 0o600
    before = key.read_bytes()
    code, _, wrong = await run("ca", "init", "--config", config)
    assert code == 1 and "nothing was changed" in wrong and key.read_bytes() == before


async def test_without_an_authority_there_are_no_tokens_and_the_mend_is_named(config: Path) -> None:
    code, _, wrong = await run("ca", "token", "tca", "--config", config)
    assert code == 1 and "there is no certificate authority" in wrong and "armillary ca init" in wrong


async def test_a_telescope_joins_is_served_and_is_taken_back(
    gateway: LoopbackTelescope, config: Path, site: Path, ports: tuple[int, int], tmp_path: Path
) -> None:
    memory = tmp_path / "memory"
    code, _, wrong = await run("agent", "check", "--config", site, "--state", memory)
    assert code == 1 and "wants a certificate, and this telescope has none" in wrong

    code, token, wrong = await run("ca", "token", "tca", "--config", config)
    assert code == 0 and token.startswith(f"armillary1.telescope.tca.{ports[1]}.")
    code, said, wrong = await run("agent", "enroll", "--config", site, "--token", token, "--state", memory)
    assert (code, wrong) == (0, "") and "tca: enrolled" in said
    code, said, wrong = await run("agent", "check", "--config", site, "--state", memory)
    assert (code, without_clock(wrong)) == (0, "") and "certificate of spiffe://armillary/telescope/tca" in said

    code, said, _ = await run("ca", "list", "--config", config)
    assert "telescope tca" in said and "enrolled" in said and "spent" in said
    code, said, _ = await run("ca", "revoke", "tca", "--config", config)
    assert code == 0 and said.startswith("telescope tca: ") and said.endswith("taken back")
    code, _, wrong = await run("agent", "check", "--config", site, "--state", memory)
    assert code == 1 and "was taken back" in wrong


async def test_a_person_enrols_with_a_role(
    gateway: LoopbackTelescope, config: Path, ports: tuple[int, int], tmp_path: Path
) -> None:
    _, token, _ = await run("ca", "token", "ada", "--role", "operator", "--config", config)
    words = ("ca", "enroll", "--gateway", f"127.0.0.1:{ports[0]}", "--into", tmp_path / "ada", "--token", token)
    code, said, wrong = await run(*words)
    assert (code, wrong) == (0, "") and said.startswith("spiffe://armillary/operator/ada: ")


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        (("ca", "token", "T 1"), "cannot be a name in a certificate"),
        (("ca", "token", "ada", "--role", "king"), "is no role; give one of telescope, operator, coordinator, viewer"),
        (("ca", "revoke", "nobody"), "`armillary ca list` shows names and serial numbers"),
    ],
)
async def test_what_cannot_be_is_refused_with_its_mend(config: Path, arguments: tuple[str, ...], wrong: str) -> None:
    await run("ca", "init", "--config", config)
    code, _, said = await run(*arguments, "--config", config)
    assert code == 1 and wrong in said


async def test_a_token_of_another_telescope_is_not_spent(
    gateway: LoopbackTelescope, config: Path, site: Path, tmp_path: Path
) -> None:
    _, token, _ = await run("ca", "token", "tch", "--config", config)
    code, _, wrong = await run("agent", "enroll", "--config", site, "--token", token, "--state", tmp_path / "memory")
    assert code == 1 and "is for telescope tch, not for telescope tca; it was not spent" in wrong
    assert "open" in (await run("ca", "list", "--config", config))[1]
    code, _, wrong = await run("agent", "enroll", "--config", site, "--token", "abc", "--state", tmp_path / "memory")
    assert code == 1 and "is no enrolment token" in wrong


async def test_a_running_agent_renews_its_certificate_by_itself(
    gateway: LoopbackTelescope, config: Path, site: Path, tmp_path: Path, until: Any
) -> None:
    memory = tmp_path / "memory"
    old = signed_for(read_settings(config).authority_folder, tmp_path, "tca", ago=timedelta(days=61))
    files = IdentityFiles.in_folder(memory)
    files.keep_key(old.read().key)
    files.keep_certificate(old.read().certificate, old.read().authority)
    command = ("-m", "coordinator.cli", "agent", "run", "--config", str(site), "--state", str(memory))
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stderr=asyncio.subprocess.PIPE)
    try:
        await until(lambda: files.read().certificate != old.read().certificate and bool(gateway.statuses))
        process.send_signal(signal.SIGTERM)
        _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0 and b"certificate renewed, valid until" in said
    assert life_of(files.read().certificate, "").left(utc_now()) > timedelta(days=89)
