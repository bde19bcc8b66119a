"""The OpenAPI document's words for answers, made of their types."""

from functools import cache
from typing import Any

import msgspec
from fastapi import FastAPI

from coordinator.dashboard.answers import (
    candidates,
    decisions,
    events,
    observatory,
    plans,
    simulations,
    sky,
    system,
    telescopes,
)
from coordinator.dashboard.answers.base import Page
from coordinator.services.inbox import Waiting

REF = "#/components/schemas/{name}"
TYPES: tuple[Any, ...] = (
    observatory.Status, observatory.ShiftAnswer,
    Page[observatory.LogEntry], Page[Waiting], Page[observatory.Quarantined],
    events.EventAnswer, Page[events.EventAnswer], events.EventSky, events.Timeline, Page[events.Notice],
    telescopes.TelescopeAnswer, Page[telescopes.TelescopeAnswer],
    telescopes.PointingAnswer, Page[telescopes.PointingAnswer],
    candidates.CandidateAnswer, Page[candidates.CandidateAnswer],
    plans.PlanAnswer, Page[plans.PlanAnswer], Page[plans.OthersLooks], plans.WhatIf,
    sky.SceneAnswer, sky.Names, sky.Planned, sky.HistoryAnswer, sky.CoverageAnswer, sky.Galaxies, sky.Contours,
    simulations.Campaign, simulations.Campaigns, Page[simulations.Played],
    system.SystemAnswer, decisions.Decided, decisions.CoverageTaken, decisions.Problem,
)  # fmt: skip


def describe(app: FastAPI) -> None:
    """Let the application's document name the types that its routes answer with (`answer`)."""
    plain = app.openapi

    def whole() -> dict[str, Any]:
        is_made = app.openapi_schema is not None
        document = plain()
        if not is_made:
            document.setdefault("components", {}).setdefault("schemas", {}).update(_components())
        return document

    app.openapi = whole  # type: ignore[method-assign]


def answer(kind: Any) -> dict[str, Any]:
    """Return what a route says of its answer: its type, and that of a problem."""
    return {
        "responses": {
            200: _body("As described.", kind, "application/json"),
            "default": _body("Why not, and the mend.", decisions.Problem, "application/problem+json"),
        }
    }


def _body(says: str, kind: Any, media_type: str) -> dict[str, Any]:
    return {"description": says, "content": {media_type: {"schema": dict(_named(kind))}}}


@cache
def _named(kind: Any) -> dict[str, Any]:
    (named,), _ = msgspec.json.schema_components([kind], ref_template=REF)
    return named


def _components() -> dict[str, Any]:
    _, components = msgspec.json.schema_components(TYPES, ref_template=REF)
    return components
