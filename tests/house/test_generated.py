"""The wire code beside the protos is what the protos say."""

import subprocess
from pathlib import Path

import pytest


@pytest.fixture
def fresh(root: Path, tmp_path: Path) -> Path:
    """Generate into a folder of its own, with the pinned tools."""
    tools = root / ".venv-protos" / "bin"
    if not (tools / "protoc-gen-mypy_grpc").exists():
        pytest.skip("the proto tools are not installed: make protos")
    protos = [str(path.relative_to(root)) for path in sorted((root / "protos").rglob("*.proto"))]
    outputs = [f"--{kind}={tmp_path}" for kind in ("python_out", "pyi_out", "grpc_python_out")]
    outputs.append(f"--mypy_grpc_out=quiet:{tmp_path}")
    plugin = f"--plugin=protoc-gen-mypy_grpc={tools / 'protoc-gen-mypy_grpc'}"
    command = [str(tools / "python"), "-m", "grpc_tools.protoc", "-Iprotos", plugin, *outputs, *protos]
    subprocess.run(command, cwd=root, check=True, capture_output=True, timeout=60)
    return tmp_path


def generated(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*_pb2*.py*"))
        if "__pycache__" not in path.parts
    }


def test_generated_code_equals_the_protos(fresh: Path, root: Path) -> None:
    ours, theirs = generated(root / "protos"), generated(fresh)
    assert sorted(ours) == sorted(theirs), "make protos, and remove what no proto makes any more"
    different = [name for name in theirs if ours[name] != theirs[name]]
    assert not different, f"make protos, and commit: {different}"
