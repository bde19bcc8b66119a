"""What nobody foresaw is told as everything else: one line, what to do, and no half of a page."""

import re
from dataclasses import dataclass
from typing import Any

import httpx
from builders.served import caught_up

from coordinator.services.journal import InMemoryBlobs

EVENT = "lvk:G298048"


@dataclass
class Torn(InMemoryBlobs):
    """A store whose folder has gone."""

    async def get(self, sha256: str) -> bytes:
        raise NotADirectoryError(f"no folder for {sha256[:4]}\nand a secret")


async def test_an_error_that_nobody_foresaw_is_one_line_with_a_mend(story: Any, serve_story: Any) -> None:
    story.blobs = Torn()
    await story.alert()
    await story.event()
    async with serve_story(story) as address, httpx.AsyncClient(base_url=address, timeout=60.0) as client:
        await caught_up(client, len(story.journal.stored))
        path = f"/api/v1/events/{EVENT}/notices/1/raw"
        answer = await client.get(path)
        assert (await client.get("/api/v1/status")).status_code == 200, "the rest goes on"
    said = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert said["title"] == "failed: NotADirectoryError" and "secret" not in answer.text
    assert said["instance"] == path and re.search(r"log says at number [0-9a-f]{8}$", said["mend"])
    assert answer.headers["x-content-type-options"] == "nosniff"
