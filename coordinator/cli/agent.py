"""`armillary agent`: what runs at a telescope's site."""

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[Path, typer.Option("--config", help="The telescope's site file (TOML).")]
State = Annotated[
    Path | None,
    typer.Option("--state", help="Folder of the agent's memory. Left out: ~/.local/state/armillary/agents/ID."),
]
Because = Annotated[str, typer.Option("--because", help="Why; it is kept, and told to the coordinator.")]
Who = Annotated[str | None, typer.Option("--person", help="Who says so; left out: the user of this machine.")]
Finish = Annotated[bool, typer.Option("--let-finish", help="Let what runs come to its end.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    agent = typer.Typer(name="agent", help="The telescope's side: run it, check it, simulate it.", no_args_is_help=True)
    agent.command("run")(run)
    agent.command("check")(check)
    agent.command("enroll")(enroll)
    agent.command("simulate")(simulate)
    for command in (status, veto, pause, resume, approve):
        agent.command(command.__name__)(command)
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


def status(
    config: Config,
    state: State = None,
    json: Annotated[str | None, typer.Option(help="Write it to a file, or - for standard output.")] = None,
) -> None:
    """Show what the agent holds and what waits for a person's yes."""
    from coordinator.cli.agent_people import show

    show(config, state, json)


def veto(
    config: Config,
    because: Because,
    pointing: Annotated[str | None, typer.Argument(metavar="[POINTING]", help="One pointing.")] = None,
    event: Annotated[str | None, typer.Option(help="Everything of one event, now and later.")] = None,
    night: Annotated[bool, typer.Option("--night", help="Everything until the next noon.")] = False,
    let_finish: Finish = False,
    person: Who = None,
    state: State = None,
) -> None:
    """Refuse one pointing, one event, or the rest of the night; what runs is stopped, and the coordinator told."""
    from coordinator.cli.agent_people import say
    from coordinator.cli.person import this_person
    from telescopes.agent.people import Act, Word
    from telescopes.description.errors import Refused

    if (pointing is not None) + (event is not None) + night != 1:
        raise Refused("wants one thing to veto", where="veto", mend="give a pointing, --event KEY or --night")
    act = Act.VETO_NIGHT if night else Act.VETO_EVENT if event is not None else Act.VETO_POINTING
    say(config, state, Word(act, person or this_person(), because, pointing or event or "", let_finish=let_finish))


def pause(
    config: Config,
    because: Because,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="When it resumes by itself (UTC).")] = None,
    let_finish: Finish = False,
    person: Who = None,
    state: State = None,
) -> None:
    """Take no pointing and give back those that wait, until it is resumed; what runs is stopped."""
    from coordinator.cli.agent_people import say
    from coordinator.cli.instants import instant
    from coordinator.cli.person import this_person
    from telescopes.agent.people import Act, Word

    ends = None if until is None else instant(until, "--until")
    say(config, state, Word(Act.PAUSE, person or this_person(), because, until=ends, let_finish=let_finish))


def resume(
    config: Config,
    event: Annotated[str | None, typer.Option(help="End the veto of this event alone.")] = None,
    because: Annotated[str, typer.Option("--because", help="Why.")] = "",
    person: Who = None,
    state: State = None,
) -> None:
    """End a pause and a vetoed night; or the veto of one event."""
    from coordinator.cli.agent_people import say
    from coordinator.cli.person import this_person
    from telescopes.agent.people import Act, Word

    act = Act.RESUME if event is None else Act.ALLOW_EVENT
    say(config, state, Word(act, person or this_person(), because, event or ""))


def approve(
    config: Config,
    pointing: Annotated[str, typer.Argument(metavar="POINTING", help="An offer that waits for a person.")],
    because: Annotated[str, typer.Option("--because", help="Why.")] = "",
    person: Who = None,
    state: State = None,
) -> None:
    """Say yes to an offer, where the site wants a person to do so."""
    from coordinator.cli.agent_people import say
    from coordinator.cli.person import this_person
    from telescopes.agent.people import Act, Word

    say(config, state, Word(Act.APPROVE, person or this_person(), because, pointing))
