"""The notices of an event as they came: their bytes are somebody else's, and are sent and shown as text alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Depends, Response

from coordinator.dashboard import views
from coordinator.dashboard.answers.base import Page, told
from coordinator.dashboard.answers.events import Notice, Timeline
from coordinator.dashboard.answers.openapi import answer
from coordinator.dashboard.api import known_event, ready_of
from coordinator.dashboard.arrivals import RECEIVED, Arrivals, Noted
from coordinator.dashboard.board import Board
from coordinator.dashboard.problems import not_found
from coordinator.dashboard.remembered import Remembered
from coordinator.dashboard.views import iso
from coordinator.services.journal import Blobs
from telescopes.description.errors import ArmillaryError

EXCERPT_CHARACTERS = 4096
CACHED_EXCERPTS = 200
NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The beginning of a message, or all of it. `text` None: it is no text, or cannot be had; `because` says which."""

    size_bytes: int | None
    text: str | None
    because: str | None = None
    is_whole: bool = True


@dataclass
class RawNotices:
    """Beginnings of messages by the sha256 of their bytes; what was read is kept for a while."""

    blobs: Blobs
    _known: Remembered[str, Excerpt] = field(default_factory=lambda: Remembered(CACHED_EXCERPTS))

    async def excerpt(self, sha256: str) -> Excerpt:
        """Return how a message begins; one that cannot be read now is asked for again."""
        known = self._known.get(sha256)
        if known is not None:
            return known
        try:
            data = await self.blobs.get(sha256)
        except ArmillaryError as error:
            return Excerpt(None, None, str(error))
        text = text_of(data)
        if text is None:
            return self._known.put(sha256, Excerpt(len(data), None, "its bytes are no text"))
        is_whole = len(text) <= EXCERPT_CHARACTERS
        return self._known.put(sha256, Excerpt(len(data), text[:EXCERPT_CHARACTERS], is_whole=is_whole))


def text_of(data: bytes) -> str | None:
    """Return bytes as text; None: they are none."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return None if NOT_TEXT.search(text) else text


def notice_views(event: str, noted: Sequence[Noted]) -> list[Document]:
    """Return the notices of an event, oldest first, numbered from 1."""
    notices = [one for one in noted if one.kind == RECEIVED]
    return [
        {"n": n, "event": event, **_times(one), "source": one.stream, **one.says} for n, one in enumerate(notices, 1)
    ]


def timeline(noted: Sequence[Noted]) -> list[Document]:
    """Return what was told and decided of an event, oldest first."""
    return [{**_times(one), "kind": one.kind, "source": one.stream, "text": one.text} for one in noted]


def _times(one: Noted) -> Document:
    return {"seq": one.seq, "recorded_at": iso(one.recorded_at), "sky_time": iso(one.sky_time)}


def build_notices_api(board: Board, arrivals: Arrivals, notices: RawNotices) -> APIRouter:
    """Return the routes of `/api/v1/events/{key}/timeline` and `/notices`."""
    api = APIRouter(prefix="/api/v1/events/{key}", dependencies=[Depends(ready_of(board))])

    async def of(key: str) -> list[Noted]:
        known_event(board, key)
        return await arrivals.of(key)

    @api.get("/timeline", **answer(Timeline))
    async def of_event(key: str) -> Response:
        """Return notices and decisions of an event in the order of the journal; times since T0 count in sky time."""
        items = timeline(await of(key))
        t0 = iso(known_event(board, key).t0)
        return told(Timeline, {"as_of": views.as_of(board), "t0": t0, "items": items, "next": None})

    @api.get("/notices", **answer(Page[Notice]))
    async def listed(key: str) -> Response:
        """Return the notices of an event, oldest first; `n` numbers them for their bytes, `/notices/{n}/raw`."""
        items = notice_views(key, await of(key))
        return told(Page[Notice], {"as_of": views.as_of(board), "items": items, "next": None})

    @api.get("/notices/{n}/raw")
    async def raw(key: str, n: int) -> Response:
        """Return the bytes of a notice as they came: text as text/plain, anything else to be saved."""
        one = next((v for v in notice_views(key, await of(key)) if v["n"] == n), None)
        if one is None:
            raise not_found("notice", f"{key}/notices/{n}")
        data = await notices.blobs.get(one["raw_sha256"])
        is_text = text_of(data) is not None
        name = re.sub(r"[^A-Za-z0-9]+", "-", key).strip("-")[:80]
        headers = {
            "Content-Disposition": f'attachment; filename="{name}-{n}.{"txt" if is_text else "bin"}"',
            "Cache-Control": "no-store",
        }
        return Response(data, media_type="text/plain" if is_text else "application/octet-stream", headers=headers)

    return api
