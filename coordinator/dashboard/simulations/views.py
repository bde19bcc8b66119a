"""Campaigns as plain JSON data, for REST and pages alike; unknown is null."""

import shlex
from typing import Any

import msgspec

from coordinator.dashboard.simulations.shelf import KeptNights
from coordinator.dashboard.views import iso
from coordinator.simulation.campaign.folder import Mark, nights_of
from coordinator.simulation.campaign.folder_read import KeptCampaign
from coordinator.simulation.campaign.results import EventRow, PointFigures
from coordinator.simulation.campaign.words_of_figures import SHOWN, interval

View = dict[str, Any]


def campaign_view(one: KeptCampaign) -> View:
    """Return a campaign at a glance."""
    mark = one.mark
    return {
        "id": one.id,
        "name": None if mark is None else mark.name,
        "state": one.state,
        "parts_done": None if mark is None else one.parts_done,
        "parts": None if mark is None else mark.batches,
        "kept_at": iso(one.kept_at),
        "made_at": iso(one.made_at),
        "events": None if mark is None else mark.events,
        "policies": [] if mark is None else list(mark.policies),
        "seeds": [] if mark is None else list(mark.seeds),
        "wrong": one.wrong or None,
    }


def whole_view(one: KeptCampaign) -> View:
    """Return a campaign with what it came to; no points: it is not finished."""
    mark, result = one.mark, one.result
    go_on = None if mark is None or mark.commands is None else f"{mark.commands.whole} -o {_quoted(one.folder)}"
    return {
        **campaign_view(one),
        "command": go_on,
        "asked": None if mark is None else mark.asked,
        "points": [] if result is None else [msgspec.to_builtins(point) for point in result.points],
        "versions": {} if result is None else result.versions,
        "worlds_sha256": None if result is None else result.worlds_sha256,
    }


def row_view(campaign: KeptCampaign, row: EventRow, nights: KeptNights) -> View:
    """Return one event under one policy, and how its night is opened or made."""
    commands = None if campaign.mark is None else campaign.mark.commands
    into = nights_of(campaign.folder, row.point, row.campaign_seed, row.event)
    made_by = None
    if commands is not None and not nights.folders:
        made_by = commands.one_night(row.point, row.campaign_seed, row.event, row.policy, into)
    can_open = () if nights.wrong else nights.folders
    return {
        "id": row.key,
        **msgspec.to_builtins(row),
        "night": {
            "open": [f"armillary replay --state {_quoted(folder)} --dashboard" for folder in can_open],
            "same_state": nights.same_state,
            "make": made_by,
            "wrong": nights.wrong or None,
        },
    }


def asked_for(mark: Mark) -> str:
    """Return what was asked for as a person reads it."""
    return msgspec.json.format(msgspec.json.encode(mark.asked)).decode()


def compared(point: PointFigures) -> View:
    """Return a point's figures as a page writes them: a row for each figure, a column for each policy."""
    policies = point.policies
    rows = [
        (
            shown.title,
            [
                interval(msgspec.to_builtins(its.figures[shown.key]), shown.how, point.events)
                for its in policies.values()
            ],
        )
        for shown in SHOWN
    ]
    rows.append(("duplicates, of so many offers", [f"{its.duplicates} of {its.offers}" for its in policies.values()]))
    rows.append(("events that failed", [str(len(its.failed)) for its in policies.values()]))
    rows.append(("laws broken", [str(len(its.broken)) for its in policies.values()]))
    return {
        "at": ", ".join(f"{key} = {value}" for key, value in point.at.items()),
        "number": point.point,
        "events": point.events,
        "worlds": point.worlds,
        "policies": list(policies),
        "rows": rows,
        "differences": [_differences(point, name) for name in point.differences],
        "failed": [(name, one) for name, its in policies.items() for one in its.failed],
        "broken": [(name, said) for name, its in policies.items() for said in its.broken],
    }


def _differences(point: PointFigures, name: str) -> View:
    gaps = point.differences[name]
    said = [
        (
            measure.replace("_", " "),
            interval(msgspec.to_builtins(gap), "{:+.3f}", point.events),
            "" if gap.significant else "may be chance",
        )
        for measure, gap in gaps.items()
    ]
    return {"than": name, "gaps": said}


def _quoted(path: object) -> str:
    return shlex.quote(str(path))
