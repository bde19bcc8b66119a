"""Schemas that messages name by id are put together from files."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from builders.avro import RUBIN_SCHEMA, ZTF_SCHEMA, a_rubin_packet, a_ztf_packet, framed
from typer.testing import CliRunner

from coordinator.alerts.message import Alerts, Ignored
from coordinator.alerts.registry import understand
from coordinator.cli import ingest
from coordinator.sources.schema_folder import schemas_in
from telescopes.description.errors import Refused


def in_two_files(folder: Path) -> Path:
    """Write the alert's schema and that of its source apart, as Rubin does."""
    source = RUBIN_SCHEMA["fields"][1]["type"] | {"namespace": "lsst.v99_1"}
    fields: list[dict[str, Any]] = [dict(field) for field in RUBIN_SCHEMA["fields"]]
    fields[1]["type"] = "lsst.v99_1.diaSource"
    (folder / "lsst.v99_1.alert.avsc").write_text(json.dumps(RUBIN_SCHEMA | {"fields": fields}))
    (folder / "lsst.v99_1.diaSource.avsc").write_text(json.dumps(source))
    return folder


def test_the_files_of_a_rubin_schema_have_the_id_of_their_version(tmp_path: Path) -> None:
    schemas = schemas_in(in_two_files(tmp_path))
    assert list(schemas) == [9901]
    assert isinstance(understand(framed(RUBIN_SCHEMA, a_rubin_packet(), 9901), name="x", schemas=schemas), Alerts)


def test_a_file_named_by_a_number_is_the_schema_of_that_id(tmp_path: Path) -> None:
    (tmp_path / "17.avsc").write_text(json.dumps(ZTF_SCHEMA))
    raw = framed(ZTF_SCHEMA, a_ztf_packet(), 17)
    assert isinstance(understand(raw, name="x", schemas=schemas_in(tmp_path)), Alerts)


def test_a_schema_that_refers_to_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (in_two_files(tmp_path) / "lsst.v99_1.diaSource.avsc").unlink()
    with pytest.raises(Refused, match="nobody defines"):
        schemas_in(tmp_path)


def test_a_schema_as_a_message_is_ignored() -> None:
    meaning = understand(json.dumps(RUBIN_SCHEMA).encode(), name="x")
    assert isinstance(meaning, Ignored) and meaning.reason == "an Avro schema"


def test_ingest_reads_a_framed_message_by_the_schemas_of_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "schemas"
    folder.mkdir()
    in_two_files(folder)
    message, report = tmp_path / "packet", tmp_path / "report.json"
    message.write_bytes(framed(RUBIN_SCHEMA, a_rubin_packet(), 9901))
    commands = typer.Typer()
    ingest.register(commands)
    commands.callback()(lambda: None)
    words = ["ingest", "--dry-run", "--schemas", str(folder), "--json", str(report), str(message)]
    told = CliRunner().invoke(commands, words)
    assert told.exit_code == 0, told.output
    assert json.loads(report.read_text())["alerts"][0]["event_key"] == "rubin.dia_object:170472689154650001"
