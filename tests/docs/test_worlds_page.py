"""The page on worlds: its example is run, and it names every generator."""

import re
from pathlib import Path
from typing import Any

from coordinator.simulation.world.of_event import fingerprint

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/reference/worlds.md").read_text(encoding="utf-8")


def its_example() -> dict[str, Any]:
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(compile(block, "worlds.md", "exec"), names)
    return names


def test_the_example_makes_the_same_world_twice() -> None:
    one, same = its_example(), its_example()
    assert one["world"].sources
    assert fingerprint(one["world"], one["event"]) == fingerprint(same["world"], same["event"])


def test_every_generator_stands_on_the_page() -> None:
    files = {p.name for p in (ROOT / "coordinator/simulation/world").glob("*.py")} - {"__init__.py"}
    assert files == {name for name in files if f"`{name}`" in PAGE}
