"""Files that others watch: whole, with their rights, and nothing beside them."""

import os
import stat
from pathlib import Path

import pytest

from telescopes.description.whole_file import write_whole


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "plan.txt"
    write_whole(path, b"first\r\n")
    with path.open("rb") as open_before:
        write_whole(path, b"second\n")
        assert open_before.read() == b"first\r\n"
    assert path.read_bytes() == b"second\n"
    assert os.listdir(tmp_path) == ["plan.txt"]


def test_a_file_that_cannot_take_its_place_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "plan.txt").mkdir()
    with pytest.raises(OSError):
        write_whole(tmp_path / "plan.txt", b"text")
    assert os.listdir(tmp_path) == ["plan.txt"]
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "nowhere" / "plan.txt", b"text")


def test_a_secret_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(b"old")
    write_whole(path, b"secret", 0o600)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_drafts_that_a_kill_left_are_removed_and_no_others(tmp_path: Path) -> None:
    left, young, other = (tmp_path / name for name in (".key.pem.0.part", ".key.pem.1.part", ".key.0.part"))
    for draft in (left, young, other):
        draft.write_bytes(b"secret")
    for draft in (left, other):
        os.utime(draft, (1e9, 1e9))
    write_whole(tmp_path / "key.pem", b"secret", 0o600)
    assert sorted(os.listdir(tmp_path)) == [other.name, young.name, "key.pem"]
