"""`armillary agent`: what runs at a telescope's site."""

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[Path, typer.Option("--config", help="The telescope's site file (TOML).")]
State = Annotated[
    Path | None,
    typer.Option("--state", help="Folder of the agent's memory. Left out: ~/.local/state/armillary/agents/ID."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    agent = typer.Typer(name="agent", help="The telescope's side: run it, check it, simulate it.", no_args_is_help=True)
    agent.command("run")(run)
    agent.command("check")(check)
    agent.command("enroll")(enroll)
    agent.command("simulate")(simulate)
    agent.command("report")(report)
    app.add_typer(agent)


def run(config: Config, state: State = None) -> None:
    """Run the agent of one telescope until it is told to end (Ctrl-C or SIGTERM)."""
    from coordinator.cli.agent_process import Drill, run_agent

    run_agent(config, state, Drill())


def check(config: Config, state: State = None) -> None:
    """Check a site: its file, its driver, the way to the gateway, and the clock; every problem with its mend.

    Opens a session for a moment; an agent that runs for this telescope opens its own again by itself.
    """
    from coordinator.cli.agent_check import check_site

    check_site(config, state)


def enroll(
    config: Config,
    token: Annotated[str, typer.Option(help="The one-time token of this telescope; - reads it from standard input.")],
    state: State = None,
) -> None:
    """Get this telescope's certificate: makes a key that stays here, and spends a one-time token.

    A running agent renews the certificate by itself.
    """
    from coordinator.cli.agent_identity import enrol_telescope

    enrol_telescope(config, token, state)


def report(
    file: Annotated[Path, typer.Argument(help="Detections: a JSON object a line, or a JSON list.", show_default=False)],
    config: Config,
    state: State = None,
) -> None:
    """Hand over detections that the site's own pipeline found; the agent sends them, now or when it runs again.

    All of them or, where a line is wrong, none; what was reported before is known, and not sent twice.
    """
    from coordinator.cli.agent_report import report_detections

    report_detections(file, config, state)


def simulate(
    config: Config,
    world: Annotated[Path, typer.Option("--world", help="The sky that it sees (JSON).")],
    lose_link_after_completed: Annotated[
        int | None, typer.Option(min=1, help="Cut the link once so many pointings were completed.")
    ] = None,
    lose_link_for_s: Annotated[float, typer.Option(min=0.0, help="How long the link stays cut (link time).")] = 10.0,
    state: State = None,
) -> None:
    """Run an agent whose telescope is simulated, with drills."""
    from coordinator.cli.agent_process import Drill, run_agent

    run_agent(config, state, Drill(world, lose_link_after_completed, lose_link_for_s))
