"""No code under the GPL is imported, besides healpy; HAProxy stays off (docs/decisions/0008)."""

import ast
from collections.abc import Iterator
from importlib.metadata import metadata, packages_distributions
from pathlib import Path

ALLOWED = {"healpy"}
SWITCH = "RAY_SERVE_ENABLE_" + "HA_PROXY"


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def says_gpl(distribution: str) -> bool:
    """Say whether a distribution's metadata names the GPL; long texts are other licences quoted in full."""
    facts = metadata(distribution)
    names = [facts.get("License") or "", facts.get("License-Expression") or "", *(facts.get_all("Classifier") or [])]
    return any("GPL" in name and "LGPL" not in name for name in names if len(name) < 200)


def test_no_gpl_package_is_imported_besides_healpy(trees: dict[Path, ast.Module], root: Path) -> None:
    distributions = packages_distributions()
    own = [tree for path, tree in trees.items() if path.relative_to(root).parts[0] in ("coordinator", "telescopes")]
    names = {name for tree in own for name in imported(tree)} - ALLOWED
    assert [name for name in sorted(names) if any(says_gpl(one) for one in distributions.get(name, []))] == []


def test_healpy_is_found_to_be_gpl() -> None:
    assert says_gpl("healpy")


def test_nothing_switches_haproxy_on(texts: list[tuple[Path, str]]) -> None:
    assert [path for path, text in texts if path.suffix != ".md" and SWITCH in text] == []
