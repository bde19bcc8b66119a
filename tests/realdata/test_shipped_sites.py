"""The shipped network says what is known of the telescopes."""

import json
from pathlib import Path

import pytest

from telescopes.description.footprint import Rectangle
from telescopes.description.site_file import default_sites_folder, read_sites

pytestmark = pytest.mark.realdata


def test_shipped_sites_agree_with_the_facts(shared_data: Path) -> None:
    known = {t["id"]: t for t in json.loads((shared_data / "telescopes" / "network.json").read_text())["telescopes"]}
    for telescope in read_sites(default_sites_folder()):
        fact = known[telescope.id]
        (camera,), (fact_camera,) = telescope.instruments, fact["instruments"]
        assert (telescope.site.latitude_deg, telescope.site.longitude_deg, telescope.site.elevation_m) == (
            fact["site"]["latitude_deg"],
            fact["site"]["longitude_deg"],
            fact["site"]["elevation_m"],
        )
        shape = fact_camera["footprint"]
        assert camera.footprint == Rectangle(shape["width_deg"], shape["height_deg"])
        assert list(camera.filters) == fact_camera["filters"]
        for mine, depth in zip(camera.depth, fact_camera["depth"], strict=True):
            assert mine.limit_mag_ab == depth["limit_mag_ab"]
            assert depth["exposure_s"] in (None, mine.exposure_s)
            assert depth["filter"] in (None, mine.filter)
        for key, value in fact["timing"].items():
            assert value is None or getattr(telescope.timing, key) == value
        floor = fact["limits"]["min_altitude_deg"] or 0
        assert telescope.limits.min_altitude_deg >= floor
        assert fact["limits"]["declination_deg"] in (None, list(telescope.limits.declination_deg or ()))
