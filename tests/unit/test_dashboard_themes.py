"""Every theme can be read: its colours have the contrast that WCAG 2.2 AA asks for."""

import re
from pathlib import Path

import pytest

import coordinator.dashboard
from coordinator.dashboard.themes import THEMES

STATIC = Path(coordinator.dashboard.__file__).parent / "static"
RULES = re.compile(r":root(?:\[data-theme=\"(\w+)\"\])? \{([^}]*)\}")
TEXT = ("text", "quiet", "accent", "bad", "offered", "exposing", "done", "failed", "planned")
DRAWN = ("level50", "level90", "grid", "plane", "horizon", "galaxy", *(f"band{n}" for n in range(7)))
ON_THE_MAP = ("level50", "level90", "exposing", "done", "offered", "bad", "failed")


def palettes() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for sheet in ("armillary.css", "sky.css"):
        for name, body in RULES.findall((STATIC / sheet).read_text(encoding="utf-8").split("@media")[0]):
            found.setdefault(name or "dark", {}).update(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", body))
    return found


def luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_there_is_a_palette_for_each_theme_and_all_name_the_same_colours() -> None:
    assert set(palettes()) == set(THEMES)
    assert len({frozenset(colours) for colours in palettes().values()}) == 1


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", ["ground", "panel", "chosen"])
def test_words_have_four_and_a_half_to_one(theme: str, ground: str) -> None:
    colours = palettes()[theme]
    weak = {name: round(contrast(colours[name], colours[ground]), 2) for name in TEXT}
    assert {name: ratio for name, ratio in weak.items() if ratio < 4.5} == {}
    assert contrast(colours["on-accent"], colours["accent"]) >= 4.5
    assert contrast(colours["on-accent"], colours["offered"]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_what_is_drawn_has_three_to_one(theme: str) -> None:
    colours = palettes()[theme]
    weak = {name: round(contrast(colours[name], colours["panel"]), 2) for name in DRAWN}
    assert {name: ratio for name, ratio in weak.items() if ratio < 3.0} == {}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", ["ground", "ramp0", "ramp1", "ramp2"])
def test_contours_and_fields_stand_out_from_the_probability_below_them(theme: str, ground: str) -> None:
    colours = palettes()[theme]
    weak = {name: round(contrast(colours[name], colours[ground]), 2) for name in ON_THE_MAP}
    assert {name: ratio for name, ratio in weak.items() if ratio < 3.0} == {}


def test_red_is_red_alone() -> None:
    """What is neither red nor dark would cost eyes their night vision."""
    for name, colour in palettes()["red"].items():
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        assert red >= max(green, blue), name
        assert max(green, blue) <= 0.8 * red, name
