"""A campaign's folder tells how far it is and what it came to; foreign and damaged files are refused in one line."""

import json
import os
from pathlib import Path

import pytest
from builders.kept_campaigns import COMMANDS, finished, half_way

from coordinator.simulation.campaign.folder import DOCUMENT, MARK
from coordinator.simulation.campaign.folder_read import campaign_folders, read_campaign_folder
from telescopes.description.errors import Refused


def test_a_campaign_that_is_being_played_says_how_far_it_is(tmp_path: Path) -> None:
    found = read_campaign_folder(half_way(tmp_path / "first"))
    assert (found.id, found.state, found.parts_done) == ("first", "unfinished", 1)
    assert found.mark is not None
    assert (found.mark.batches, found.mark.events, found.mark.seeds) == (2, 3, (5,))
    assert found.mark.commands == COMMANDS
    assert found.kept_at is not None
    assert found.result is None


def test_a_campaign_that_is_finished_says_what_came_of_every_policy(tmp_path: Path) -> None:
    found = read_campaign_folder(finished(tmp_path / "first"))
    assert (found.state, found.parts_done, found.wrong) == ("finished", 2, "")
    assert found.result is not None
    (point,) = found.result.points
    assert point.policies["coordinated"].figures["probability_covered"].mean == pytest.approx((0.5 + 0.6 + 0.5) / 3)
    assert point.differences["independent"]["probability_covered"].mean == pytest.approx(0.25)
    (failed,) = point.policies["independent"].failed
    assert (failed.campaign_seed, failed.event) == (5, 2)
    assert [row.key for row in found.result.rows] == [
        "0-5-0-coordinated", "0-5-0-independent", "0-5-1-coordinated", "0-5-1-independent", "0-5-2-coordinated",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "data", "because"),
    [
        (MARK, b"\xff\xfe not JSON", "first/campaign.json: cannot be understood"),
        (MARK, b"[1, 2]", "cannot be understood"),
        (MARK, b'{"name": "no identity"}', "identity"),
        (MARK, b'{"identity": "1", "name": "caf\xe9"}', "cannot be understood"),
        (DOCUMENT, b"{", "first/simulation.json: cannot be understood"),
        (DOCUMENT, b"[" * 100_000, "cannot be understood"),
        (DOCUMENT, b'{"schema": "\xff"}', "cannot be understood"),
        (DOCUMENT, b'{"schema": "other/1"}', "cannot be understood"),
    ],
)
def test_a_damaged_file_is_named_with_its_mend(tmp_path: Path, file: str, data: bytes, because: str) -> None:
    folder = finished(tmp_path / "first")
    (folder / file).write_bytes(data)
    found = read_campaign_folder(folder)
    assert found.state == "unreadable"
    assert because in found.wrong
    mend = {MARK: "put it back from a copy", DOCUMENT: "give the campaign's command again"}
    assert mend[file] in found.wrong
    assert "\n" not in found.wrong


@pytest.mark.parametrize("data", [b"{", b'"caf\xe9"'])
def test_a_campaign_does_not_go_on_behind_a_damaged_mark(tmp_path: Path, data: bytes) -> None:
    (half_way(tmp_path / "first") / MARK).write_bytes(data)
    with pytest.raises(Refused, match=r"campaign\.json: cannot be understood .*; put it back from a copy"):
        half_way(tmp_path / "first")


def test_parts_without_a_mark_are_taken_into_no_campaign(tmp_path: Path) -> None:
    (half_way(tmp_path / "first") / MARK).unlink()
    with pytest.raises(Refused, match=r"holds parts and no campaign\.json; put campaign\.json back"):
        half_way(tmp_path / "first")


def test_figures_that_are_missing_are_refused_and_not_shown_as_nothing(tmp_path: Path) -> None:
    folder = finished(tmp_path / "first")
    made = json.loads((folder / DOCUMENT).read_text())
    del made["policies"]["coordinated"]["purity"]
    (folder / DOCUMENT).write_text(json.dumps(made))
    assert "policy 'coordinated'" in read_campaign_folder(folder).wrong


def test_a_mean_without_its_interval_is_refused(tmp_path: Path) -> None:
    folder = finished(tmp_path / "first")
    made = json.loads((folder / DOCUMENT).read_text())
    made["policies"]["coordinated"]["purity"] |= {"low": None}
    (folder / DOCUMENT).write_text(json.dumps(made))
    assert "purity has a mean and no interval" in read_campaign_folder(folder).wrong
    made["policies"]["coordinated"]["purity"] |= {"low": 0.0}
    made["differences"]["independent"]["counterpart_found"] |= {"mean": 1.0, "high": None}
    (folder / DOCUMENT).write_text(json.dumps(made))
    assert "differences: counterpart_found has a mean and no interval" in read_campaign_folder(folder).wrong


def test_a_document_of_another_schema_is_refused(tmp_path: Path) -> None:
    folder = finished(tmp_path / "first")
    text = (folder / DOCUMENT).read_text().replace("armillary.simulation/1", "armillary.simulation/9")
    (folder / DOCUMENT).write_text(text)
    assert "is 'armillary.simulation/9', not armillary.simulation/1" in read_campaign_folder(folder).wrong


def test_a_folder_that_is_no_campaign_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "holiday").mkdir()
    assert "holiday: is no campaign's folder (no campaign.json)" in read_campaign_folder(tmp_path / "holiday").wrong


def test_folders_come_the_newest_first_and_files_and_hidden_ones_are_passed_over(tmp_path: Path) -> None:
    half_way(tmp_path / "a")
    finished(tmp_path / "b")
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / ".cache").mkdir()
    os.mkdir(os.fsencode(tmp_path / "no-text-") + b"\xff")
    assert [folder.name for folder in campaign_folders(tmp_path)] == ["b", "a"]
    assert campaign_folders(tmp_path / "nowhere") == []
    with pytest.raises(Refused, match=r"notes\.txt: cannot be looked into"):
        campaign_folders(tmp_path / "notes.txt")
