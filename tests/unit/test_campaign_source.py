"""A campaign's mark knows the code that plays it, and the packages that bring its policies."""

from pathlib import Path

import pytest
from builders.campaign_outcomes import an_asked

from coordinator.simulation.campaign.asked import versions
from coordinator.simulation.campaign.source import PACKAGES, files_sha256

ROOT = Path(__file__).parents[2]


def test_the_versions_of_a_campaign_hold_the_hash_of_all_its_source() -> None:
    assert versions()["source"] == files_sha256(ROOT / name for name in PACKAGES)


def test_any_file_that_is_changed_added_or_moved_is_other_source_but_what_python_compiled_is_not(
    tmp_path: Path,
) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "a.py").write_text("A = 1\n")
    found = [files_sha256([tmp_path])]
    (inner / "__pycache__").mkdir()
    (inner / "__pycache__" / "a.cpython-311.pyc").write_bytes(b"compiled")
    assert files_sha256([tmp_path]) == found[0]
    (tmp_path / "a.py").write_text("A = 2\n")
    found.append(files_sha256([tmp_path]))
    (inner / "law.toml").write_text("")
    found.append(files_sha256([tmp_path]))
    (inner / "law.toml").rename(tmp_path / "law.toml")
    found.append(files_sha256([tmp_path]))
    assert len(set(found)) == len(found)


def with_policies_of(folder: Path, version: str) -> Path:
    """Lay out what an installed package says of itself."""
    info = folder / f"our_policies-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: our-policies\nVersion: {version}\n")
    (info / "entry_points.txt").write_text("[armillary.policies]\npatient = our_policies:Patient\n")
    return folder


def test_another_version_of_the_package_that_brings_a_policy_is_another_campaign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, ours = an_asked(policies=("patient",)), an_asked().identity()
    found = []
    for version in ("1.0", "1.1"):
        with monkeypatch.context() as patch:
            patch.syspath_prepend(with_policies_of(tmp_path / version, version))
            found.append(asked.identity())
            assert an_asked().identity() == ours, "who does not play it does not mind"
    assert len({*found, asked.identity()}) == 3
