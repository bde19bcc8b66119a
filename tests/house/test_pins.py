"""What is asked for is pinned, and the pins agree with the bounds."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

GENERATED_BY = ("grpcio", "protobuf")


def lines(path: Path) -> Iterator[Requirement]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield Requirement(line)


def pins(path: Path) -> dict[str, Version]:
    exact = re.compile(r"==([^,*]+)$")
    found = {canonicalize_name(line.name): exact.search(str(line.specifier)) for line in lines(path)}
    return {name: Version(match.group(1)) for name, match in found.items() if match}


@pytest.fixture(scope="module")
def asked(root: Path) -> list[Requirement]:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    texts = [*project["dependencies"], *(text for extra in project["optional-dependencies"].values() for text in extra)]
    return [Requirement(text) for text in texts]


def test_every_dependency_is_pinned_within_its_bounds(asked: list[Requirement], root: Path) -> None:
    pinned = pins(root / "deploy" / "constraints.txt")
    wrong = []
    for requirement in asked:
        version = pinned.get(canonicalize_name(requirement.name))
        if version is None or not requirement.specifier.contains(version):
            wrong.append(f"{requirement}: pinned at {version}")
    assert wrong == []


def test_the_generator_of_the_wire_code_is_the_lower_bound(asked: list[Requirement], root: Path) -> None:
    tools = pins(root / "deploy" / "proto-tools.txt")
    bounds = {canonicalize_name(one.name): str(one.specifier) for one in asked}
    assert {name: bounds[name] for name in GENERATED_BY} == {name: f">={tools[name]}" for name in GENERATED_BY}
    assert tools["grpcio"] == tools["grpcio-tools"]
