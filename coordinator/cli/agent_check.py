"""`armillary agent check`: every part of a site is looked at, whatever is wrong with the others."""

import asyncio
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from coordinator.cli.agent_check_driver import check_driver
from coordinator.cli.agent_check_link import check_link
from coordinator.cli.agent_findings import Finding, Mark, bad, good, of_approval, of_reduction, unchecked
from coordinator.cli.agent_identity import identity_of
from coordinator.cli.agent_process import default_state, with_own_paths
from telescopes.description.problems import Problem, within
from telescopes.description.site_file import draft_site_file
from telescopes.description.telescope import Telescope

PARTS = ("driver", "certificate", "gateway", "clock")


def check_site(config: Path, state: Path | None) -> None:
    """Check everything that an agent needs; ends with status 1 if something is wrong."""
    findings = asyncio.run(findings_of(config, state))
    for finding in findings:
        print(finding, file=sys.stderr if finding.mark in (Mark.PROBLEM, Mark.WARNING) else sys.stdout)
    if any(finding.mark is Mark.PROBLEM for finding in findings):
        raise typer.Exit(1)


async def findings_of(config: Path, state: Path | None) -> list[Finding]:
    """Look at the site file, at what it names, at the devices and at the gateway."""
    draft, problems = draft_site_file(config)
    found = [bad(str(problem)) for problem in problems]
    if draft is None:
        return [*found, unchecked(", ".join(PARTS), (str(config),))]
    telescope = with_own_paths(draft, config.parent)
    if not problems:
        found.append(good(f"site file {config}: {telescope.id}, {telescope.name}"))
    found += _policy(telescope, problems) + _reduction(telescope, problems)
    of_driver, driver = await check_driver(telescope, problems)
    memory = state or default_state(telescope)
    found += of_driver + _memory(memory, problems)
    return found + await check_link(telescope, driver, identity_of(telescope, memory), problems)


def _policy(telescope: Telescope, problems: Sequence[Problem]) -> list[Finding]:
    asked = ("policy.human_approval", "policy", "link.kind", "link.acceptance_s", "link")
    spoilt = tuple(problem.key for problem in problems if problem.key in asked)
    return [unchecked("approval by a person", spoilt)] if spoilt else of_approval(telescope)


def _reduction(telescope: Telescope, problems: Sequence[Problem]) -> list[Finding]:
    if spoilt := within(problems, "reduction"):
        return [unchecked("reduction", spoilt)]
    command = telescope.reduction.command
    return of_reduction(telescope, shutil.which(command[0]) if command else None)


def _memory(folder: Path, problems: Sequence[Problem]) -> list[Finding]:
    """Say whether the agent can keep its memory; the folder itself may come later."""
    if within(problems, "id") and not folder.exists():
        return [unchecked("folder of the agent's memory", ("id",))]
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    if not there.is_dir():
        return [bad(f"{folder}: {there} is no folder; give another one with --state")]
    if not os.access(there, os.W_OK | os.X_OK):
        return [bad(f"{folder}: {there} cannot be written; give another one with --state, or let this user own it")]
    return []
