"""Every command in the documents works: it is run here, or it is named here with the test that runs it."""

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)

RUN_HERE = (
    "armillary --help",
    "armillary check telescopes/sites/tca.toml",
    "armillary check deploy/observatory.toml",
    "armillary check docs/examples/others.toml",
    "armillary check docs/examples/campaign.toml",
    "armillary check docs/examples/messengers.toml",
)
"""Cheap: some seconds at most, nothing left running."""

RUN_ELSEWHERE = {
    "make demo": "tests/e2e/test_demo.py",
    "make test": ".ci/run",
    "make test-slow": ".ci/run",
    "make check": ".ci/run",
    "make bench": "Makefile",
    "make protos": "tests/house/test_generated.py",
    "pip install armillary": "tests/integration/test_small_install.py",
    "armillary demo": "tests/e2e/test_demo.py",
    "armillary plan": "tests/unit/test_plan_command.py",
    "armillary vet": "tests/unit/test_vet_command.py",
    "armillary simulate": "tests/unit/test_simulate_command.py",
    "armillary past": "tests/unit/test_past_command.py",
    "armillary minor-planets": "tests/unit/test_minor_planet_search.py",
    "armillary catalogues": "tests/unit/test_catalogues_command.py",
    "armillary up": "tests/e2e/test_observatory.py",
    "armillary ingest": "tests/e2e/test_observatory.py",
    "armillary approve": "tests/unit/test_approve_command.py",
    "armillary check": "tests/docs/test_stream_guide.py",
    "armillary status": "tests/e2e/test_observatory.py",
    "armillary down": "tests/e2e/test_observatory.py",
    "armillary replay --state night/coordinated --dashboard": "tests/integration/dashboard/test_replay_serves.py",
    "armillary replay": "tests/e2e/test_observatory.py",
    "armillary ca": "tests/integration/test_ca_command.py",
    "armillary people": "tests/integration/test_people_command.py",
    "armillary agent enroll": "tests/integration/test_ca_command.py",
    "armillary agent run": "tests/integration/test_agent_command.py",
    "armillary agent report": "tests/docs/test_image_guide.py",
    "armillary agent check": "tests/integration/test_agent_command.py",
    "armillary dst": "tests/unit/test_dst_command.py",
    "make dst": "Makefile",
    "armillary conformance": "tests/contract/telescope_link/test_command.py",
    "cp -r docs/examples/node-client": "tests/integration/test_node_client.py",
    "npm install": "tests/integration/test_node_client.py",
    "node /tmp/node-client/client.mjs": "tests/integration/test_node_client.py",
    "armillary agent status": "tests/integration/test_agent_people_command.py",
    "armillary agent veto": "tests/integration/test_agent_people_command.py",
    "armillary agent pause": "tests/integration/test_agent_people_command.py",
    "armillary agent resume": "tests/integration/test_agent_people_command.py",
    "armillary agent approve": "tests/integration/test_agent_people_command.py",
    "armillary point": "tests/unit/test_point_command.py",
    "armillary withdraw": "tests/unit/test_point_command.py",
    "armillary pause": "tests/unit/test_telescope_command.py",
    "armillary resume": "tests/unit/test_telescope_command.py",
    "armillary veto": "tests/unit/test_telescope_command.py",
    "armillary maintenance": "tests/unit/test_telescope_command.py",
    "grpcurl": "tests/integration/test_gateway_server.py",
    "python -m venv armillary": "tests/docs/test_connect_guide.py",
    ". armillary/bin/activate": "tests/docs/test_connect_guide.py",
    "pip install 'armillary[alpaca,practice]'": "tests/docs/test_connect_guide.py",
    "python -m coordinator.gateway.practice": "tests/integration/test_docs_client.py",
}
"""Expensive, or in want of a running observatory: the beginning of the command, and what runs it instead."""


@dataclass(frozen=True)
class Command:
    """One line of a block marked ``sh``."""

    document: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.document}:{self.line}: {self.text}"


def plain(line: str) -> str:
    """Leave out the prompt, a comment and the environment's folder."""
    words = shlex.split(line.removeprefix("$ "), comments=True)
    return shlex.join(words).removeprefix(".venv/bin/")


def commands_of(document: Path) -> list[Command]:
    """Return the commands of one document; a line that ends in a backslash goes on."""
    text = document.read_text(encoding="utf-8")
    found = []
    for block in BLOCK.finditer(text):
        first = text[: block.start(1)].count("\n") + 1
        joined = block.group(1).replace("\\\n", " ")
        for offset, line in enumerate(joined.splitlines()):
            if command := plain(line):
                found.append(Command(str(document.relative_to(ROOT)), first + offset, command))
    return found


EVERY = [command for document in DOCUMENTS for command in commands_of(document)]


def is_elsewhere(command: Command) -> bool:
    return any(command.text == start or command.text.startswith(start + " ") for start in RUN_ELSEWHERE)


def skip_unless_written(command: Command) -> None:
    """A subcommand whose module does not exist yet cannot be run; once it exists, it must."""
    subcommand = command.text.split()[1]
    module = ROOT / "coordinator" / "cli" / subcommand
    if not subcommand.startswith("-") and not module.with_suffix(".py").exists() and not module.is_dir():
        pytest.skip(f"armillary {subcommand} is not written yet")


def test_the_documents_hold_commands() -> None:
    assert EVERY


@pytest.mark.parametrize("command", EVERY, ids=str)
def test_a_command_in_a_document_is_run_somewhere(command: Command) -> None:
    assert command.text in RUN_HERE or is_elsewhere(command), (
        f"{command}: add it to RUN_HERE, or to RUN_ELSEWHERE with the test that runs it"
    )


@pytest.mark.slow
@pytest.mark.parametrize("command", [c for c in EVERY if c.text in RUN_HERE], ids=str)
def test_a_cheap_command_succeeds_as_it_is_written(command: Command) -> None:
    skip_unless_written(command)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        shlex.split(command.text),
        cwd=ROOT,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("start", RUN_HERE)
def test_what_is_run_here_stands_in_a_document(start: str) -> None:
    assert any(command.text == start for command in EVERY), f"{start}: take it out of RUN_HERE"


@pytest.mark.parametrize(("start", "place"), RUN_ELSEWHERE.items())
def test_what_is_said_to_run_a_command_exists_and_names_it(start: str, place: str) -> None:
    assert (ROOT / place).is_file(), f"{start}: {place} does not exist"
    if start.startswith("armillary "):
        last = start.split()[-1]
        assert f'"{last}"' in (ROOT / place).read_text(encoding="utf-8"), f"{start}: {place} does not run it"
