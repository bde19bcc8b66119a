"""Every answer of the REST is what its OpenAPI document says of it, and the document says it of every answer."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from builders.acting_story import decide
from builders.every_screen import EVENT, MACHINE, lived_in
from builders.kept_campaigns import finished, half_way
from builders.served import caught_up
from jsonschema import Draft202012Validator, FormatChecker
from msgspec import Struct

from coordinator.dashboard.answers.base import told
from coordinator.services.quarantined import AlertQuarantined
from telescopes.description.errors import Broken

INSTANTS = FormatChecker()


@INSTANTS.checks("date-time", raises=ValueError)
def is_an_instant(said: object) -> bool:
    """Say whether an instant is one, with its offset; what is no text is for its type to refuse."""
    return not isinstance(said, str) or datetime.fromisoformat(said).utcoffset() is not None


ASKED = [
    "status", "log", "log?limit=3", "events", f"events/{EVENT}", "events/lvk:S2", f"events/{EVENT}/sky",
    "events/lvk:S2/sky", f"events/{EVENT}/timeline", f"events/{EVENT}/notices", f"events/{EVENT}/plans",
    f"events/{EVENT}/plans/3", f"events/{EVENT}/others", f"events/{EVENT}/candidates/cand-1",
    f"events/{EVENT}/candidates/cand-2", "telescopes", "telescopes/tca", "telescopes/tch", "pointings",
    "pointings/pointing-001", "pointings/plan-0", "candidates", "inbox", "quarantine", "shift", "system",
    f"events/{EVENT}/scene", f"events/{EVENT}/scene?after=30", "events/lvk:S2/scene", f"events/{EVENT}/names",
    f"events/{EVENT}/history", f"events/{EVENT}/coverage", "events/lvk:S2/coverage", f"events/{EVENT}/galaxies",
    "events/lvk:S2/galaxies", "simulations", "simulations/done", "simulations/running", "simulations/done/events",
    f"events/{EVENT}/what-if?without=tca",
]  # fmt: skip
NO_TYPE = {
    "/stream", "/api/v1/skies/{sha256}/cells", "/api/v1/events/{key}/notices/{n}/raw",
    "/api/v1/events/{key}/candidates/{id}/cutouts/{sha256}",
}  # fmt: skip
"""A stream, and bytes."""


@pytest.fixture
async def site(story: Any, tmp_path: Path, serve_story: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A coordinator's client of a dashboard with something in every answer."""
    office = await lived_in(story, tmp_path)
    await story.event("S2", t0=None)
    await story.tell("alert_quarantined", AlertQuarantined("a" * 64, file="f", reason="r"), "source/files")
    finished(tmp_path / "campaigns" / "done")
    half_way(tmp_path / "campaigns" / "running")
    async with (
        serve_story(story, desk=office.desk(), campaigns=tmp_path / "campaigns", machine=MACHINE) as address,
        httpx.AsyncClient(base_url=address, timeout=60.0, headers=office.token("cora")) as client,
    ):
        await caught_up(client, len(story.journal.stored))
        yield client


def body_of(document: dict[str, Any], path: str, method: str, status: str = "200") -> dict[str, Any]:
    """Return the schema of an answer, by the path that is asked."""
    parts = f"/api/v1/{path.partition('?')[0]}".split("/")
    (found,) = [
        its[method]["responses"][status]["content"]
        for template, its in document["paths"].items()
        if method in its
        and len(words := template.split("/")) == len(parts)
        and all(word in (part, "") or word.startswith("{") for word, part in zip(words, parts, strict=True))
    ]
    (one,) = found.values()
    return dict(one["schema"])


async def of_maps_and_plans(site: httpx.AsyncClient) -> list[str]:
    """Return paths that are named by what a plan and a map are."""
    history = (await site.get(f"/api/v1/events/{EVENT}/history")).json()
    plan, revision = history["plans"][0], history["revisions"][0]
    return [f"events/{EVENT}/planned/{plan['plan_sha256']}", f"skies/{revision['skymap_sha256']}/contours"]


def faults(document: dict[str, Any], schema: dict[str, Any], answer: Any) -> list[str]:
    whole = {**schema, "components": document["components"]}
    check = Draft202012Validator(whole, format_checker=INSTANTS)
    return [f"{'/'.join(map(str, error.path))}: {error.message[:200]}" for error in check.iter_errors(answer)]


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from references(one)


async def test_every_answer_is_as_the_document_says(site: httpx.AsyncClient) -> None:
    document = (await site.get("/api/v1/openapi.json")).json()
    wrong: dict[str, list[str]] = {}
    for path in ASKED:
        answer = await site.get(f"/api/v1/{path}")
        assert answer.status_code == 200, f"{path}: {answer.text}"
        if found := faults(document, body_of(document, path, "get"), answer.json()):
            wrong[path] = found
    for path in await of_maps_and_plans(site):
        wrong[path] = faults(document, body_of(document, path, "get"), (await site.get(f"/api/v1/{path}")).json())
    problem = (await site.get("/api/v1/events/nobody")).json()
    assert faults(document, body_of(document, "events/nobody", "get", "default"), problem) == []
    assert not any(wrong.values()), wrong


async def test_a_decision_and_the_shift_that_it_begins_are_as_the_document_says(
    site: httpx.AsyncClient, story: Any
) -> None:
    document = (await site.get("/api/v1/openapi.json")).json()
    version = (await site.get("/api/v1/shift")).json()["version"]
    taken = await decide(site, "shift/take-over", {}, expected_version=version)
    assert taken.status_code == 200, taken.text
    assert faults(document, body_of(document, "shift/take-over", "post"), taken.json()) == []
    shift = (await site.get("/api/v1/shift")).json()
    assert shift["person"] == "cora"
    assert faults(document, body_of(document, "shift", "get"), shift) == []


async def test_the_document_names_a_type_for_every_answer_and_each_type_is_there(site: httpx.AsyncClient) -> None:
    document = (await site.get("/api/v1/openapi.json")).json()
    untyped = set()
    for path, its in document["paths"].items():
        for asked in its.values():
            schemas = [body["schema"] for body in asked["responses"]["200"].get("content", {}).values()]
            if not schemas or any("$ref" not in schema for schema in schemas):
                untyped.add(path)
    assert untyped == NO_TYPE
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(references(document)) <= known


async def test_an_answer_of_another_shape_is_found_by_the_document(site: httpx.AsyncClient) -> None:
    document = (await site.get("/api/v1/openapi.json")).json()
    schema, answer = body_of(document, "status", "get"), (await site.get("/api/v1/status")).json()
    assert faults(document, schema, answer) == []
    assert faults(document, schema, {**answer, "waiting": "three"})
    assert faults(document, schema, {**answer, "as_of": {**answer["as_of"], "time": "yesterday"}})
    assert faults(document, schema, {**answer, "as_of": {**answer["as_of"], "time": "2026-03-20T10:00:00"}})
    assert faults(document, schema, {name: value for name, value in answer.items() if name != "as_of"} | {"more": 1})


class _Told(Struct, forbid_unknown_fields=True):
    """A thing."""

    number: int


@pytest.mark.parametrize("view", [{"number": "1"}, {}, {"number": 1, "more": 2}])
def test_what_is_not_as_described_is_not_sent(view: dict[str, Any]) -> None:
    assert told(_Told, {"number": 1}).body == b'{"number":1}'
    with pytest.raises(Broken, match="_Told: is not as described"):
        told(_Told, view)
