"""Inside the pure rooms and the services, time and chance are arguments (law 10)."""

import ast
from collections.abc import Iterator
from pathlib import Path

INNER_ROOMS = (
    "alerts",
    "events",
    "sky",
    "lightcurves",
    "planning",
    "dispatch",
    "vetting",
    "publishing",
    "services",
)
FORBIDDEN = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.monotonic",
    "time.perf_counter",
    "time.process_time",
    "time.sleep",
    "Time.now",
    "np.random.seed",
    "np.random.rand",
    "np.random.randn",
    "np.random.uniform",
    "np.random.normal",
}
ONLY_WITH_A_SEED = {"np.random.default_rng", "default_rng"}


def wrong_calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ONLY_WITH_A_SEED:
            if not node.args and not node.keywords:
                yield node.lineno, ast.unparse(node.func)
        elif isinstance(node, ast.Attribute):  # called, or handed on to be called
            name = ast.unparse(node)
            if any(name == one or name.endswith("." + one) for one in FORBIDDEN):
                yield node.lineno, name


def test_time_and_chance_are_handed_in(trees: dict[Path, ast.Module], root: Path) -> None:
    rooms = [root / "coordinator" / room for room in INNER_ROOMS]
    wrong = [
        f"{path.relative_to(root)}:{line}: {name}"
        for path, tree in trees.items()
        if any(path.is_relative_to(room) for room in rooms)
        for line, name in wrong_calls(tree)
    ]
    assert not wrong, "take a clock or a generator as an argument:\n" + "\n".join(wrong)


def test_an_unseeded_generator_and_a_wall_clock_are_found() -> None:
    source = "np.random.default_rng()\ndatetime.datetime.now(UTC)\nnp.random.default_rng(7)\nfield(time.perf_counter)\n"
    found = [(1, "np.random.default_rng"), (2, "datetime.datetime.now"), (4, "time.perf_counter")]
    assert sorted(wrong_calls(ast.parse(source))) == found
