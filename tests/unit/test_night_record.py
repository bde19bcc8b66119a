"""What a kept night says of itself comes back as it was, and what is none is refused in one line."""

from dataclasses import replace
from pathlib import Path

import pytest
from builders.kept_nights import a_night

from coordinator.simulation.night_record import NIGHT, read_night
from telescopes.description.errors import Refused
from telescopes.description.footprint import Circle
from telescopes.description.site_file import config_sha256, default_sites_folder, read_sites


def test_every_telescope_of_the_network_comes_back_as_its_site_file_says(tmp_path: Path) -> None:
    network = read_sites(default_sites_folder())
    round_one = replace(network[0], instruments=(replace(network[0].instruments[0], footprint=Circle(0.7)),))
    kept = a_night((*network, round_one))
    kept.write(tmp_path)
    found = read_night(tmp_path)
    assert found == kept
    assert [config_sha256(t) for t in found.telescopes] == [config_sha256(t) for t in kept.telescopes]


@pytest.mark.parametrize(
    ("said", "because"),
    [
        ("not JSON", "cannot be read"),
        ("[]", "cannot be read"),
        ('{"schema": "armillary.night/1"}', "campaign: Field required"),
    ],
)
def test_what_is_no_nights_description_is_refused_in_one_line(tmp_path: Path, said: str, because: str) -> None:
    (tmp_path / NIGHT).write_text(said)
    with pytest.raises(Refused, match=because) as refused:
        read_night(tmp_path)
    assert "\n" not in str(refused.value)


def test_a_description_of_another_version_is_refused(tmp_path: Path) -> None:
    a_night(schema="armillary.night/2").write(tmp_path)
    with pytest.raises(Refused, match=r"is 'armillary\.night/2', not armillary\.night/1"):
        read_night(tmp_path)


def test_a_folder_without_a_night_says_how_one_is_made(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"holds no kept night.*armillary simulate"):
        read_night(tmp_path)
