"""One suite over every keeper of blobs."""

import hashlib
from pathlib import Path

import pytest

from coordinator.services.journal import Blobs, InMemoryBlobs
from coordinator.store.blobs import FolderBlobs
from telescopes.description.errors import Broken, Refused


@pytest.fixture(params=["memory", "folder"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return InMemoryBlobs() if request.param == "memory" else FolderBlobs(tmp_path / "state" / "blobs")


async def test_a_blob_is_found_by_the_sha256_of_its_bytes(blobs: Blobs) -> None:
    data = bytes(range(256)) * 100
    sha256 = await blobs.put(data)
    assert sha256 == hashlib.sha256(data).hexdigest()
    assert await blobs.get(sha256) == data
    assert await blobs.put(data) == sha256


async def test_an_empty_blob_is_a_blob(blobs: Blobs) -> None:
    assert await blobs.get(await blobs.put(b"")) == b""


async def test_a_missing_blob_is_not_found(blobs: Blobs) -> None:
    with pytest.raises(Refused) as refusal:
        await blobs.get("0" * 64)
    assert refusal.value.reason == "NOT_FOUND"


async def test_a_damaged_blob_is_noticed_and_mended_by_the_same_bytes(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    sha256 = await blobs.put(b"the sky")
    path = tmp_path / sha256[:2] / sha256[2:]
    path.write_bytes(b"the sea")
    with pytest.raises(Broken, match="does not hold"):
        await blobs.get(sha256)
    await blobs.put(b"the sky")
    assert await blobs.get(sha256) == b"the sky"


def test_nothing_but_the_blob_is_left_in_the_folder(tmp_path: Path) -> None:
    sha256 = FolderBlobs(tmp_path).put_now(b"the sky")
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == [sha256[2:]]


async def test_a_folder_that_is_a_file_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("not a folder")
    with pytest.raises(Broken, match="blob folder refused"):
        await FolderBlobs(tmp_path / "blobs").put(b"the sky")


async def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="sha256"):
        await FolderBlobs(tmp_path).get("../" * 20 + "etc/passwd")
