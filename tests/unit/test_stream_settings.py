"""Streams in a config file: every kind with its keys, mistakes named with their mend, secrets never repeated."""

from pathlib import Path

import pytest

from coordinator import stream_factory
from coordinator.config_file import config_problems, read_settings
from coordinator.services.intake import Intake
from coordinator.services.journal import InMemoryBlobs, InMemoryJournal, Writer
from coordinator.services.streams import StreamSettings
from telescopes.description.clocks import SystemSkyClock
from telescopes.description.errors import Refused

EVERY_KIND = """
[[streams]]
id = "files"
[[streams]]
id = "gcn"
kind = "kafka"
preset = "gcn"
topics = ["igwn.gwalert"]
user_env = "GCN_ID"
secret_env = "GCN_SECRET"
heartbeat_topic = "gcn.heartbeat"
[[streams]]
id = "colibri"
kind = "kafka"
preset = "scram"
brokers = ["broker.astro-colibri.science:9092"]
topics = ["astrocolibri.all.JSON"]
user_env = "COLIBRI_USER"
secret_env = "COLIBRI_SECRET"
silence_after_s = 3600
options = { "session.timeout.ms" = 10000 }
[[streams]]
id = "hop"
kind = "hop"
topics = ["snews.alert"]
[[streams]]
id = "push"
kind = "http_push"
secret_env = "PUSH_TOKEN"
[[streams]]
id = "tns"
kind = "http_poll"
url = "https://www.wis-tns.org/api/get/search"
form = { data = '{"public_timestamp": "{since}"}' }
secret_form = { api_key = "TNS_KEY" }
[[streams]]
id = "old"
kind = "replay"
recording = "night.ndjson"
speed = 10
"""


def a_config(folder: Path, text: str) -> Path:
    path = folder / "armillary.toml"
    path.write_text(text)
    return path


def test_every_kind_can_be_set(tmp_path: Path) -> None:
    config = a_config(tmp_path, EVERY_KIND)
    assert config_problems(config) == []
    streams = {stream.id: stream for stream in read_settings(config).streams}
    assert [s.kind for s in streams.values()] == ["folder", "kafka", "kafka", "hop", "http_push", "http_poll", "replay"]
    assert streams["old"].recording == tmp_path / "night.ndjson"
    assert streams["gcn"].folder is None
    assert streams["colibri"].options == {"session.timeout.ms": 10000}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('kind = "carrier pigeon"', "kind"),
        ('kind = "kafka"\nbrokers = ["a:1"]', "topics"),
        ('kind = "kafka"\ntopics = ["t"]', "brokers"),
        ('kind = "kafka"\npreset = "gcn"\ntopics = ["t"]\nuser_env = "A"', "secret_env"),
        ('kind = "kafka"\nbrokers = ["a:1"]\ntopics = ["t"]\nheartbeat_topic = "t"', "heartbeat_topic"),
        ('kind = "kafka"\nbrokers = ["a:1"]\ntopics = ["t"]\nport = 80', "port"),
        (
            'kind = "kafka"\nbrokers = ["a:1"]\ntopics = ["t"]\noptions = {"enable.auto.commit" = true}',
            "options.enable.auto.commit",
        ),
        ('kind = "hop"\ntopics = ["t"]\nuser_env = "A"', "user_env"),
        ('kind = "http_push"', "secret_env"),
        ('kind = "http_push"\nsecret_env = "A"\nport = 0', "port"),
        ('kind = "http_poll"\nurl = "http://example.org/x"', "url"),
        ('kind = "http_poll"\nurl = "ftp://example.org/x"', "url"),
        ('kind = "http_poll"\nurl = "https://example.org/x"\ninterval_s = 0', "interval_s"),
        ('kind = "replay"', "recording"),
        ('topics = ["t"]', "topics"),
        ("silence_after_s = 0", "silence_after_s"),
        ("survey = true\nsurvey_region = 1.5", "survey_region"),
        ("survey = true\nsurvey_after_h = 0", "survey_after_h"),
        ("survey_before_h = 2", "survey_before_h"),
        ('kind = "http_push"\nsecret_env = "A"\nsurvey = true', "survey"),
        ('schema_registry = "http://registry.example"', "schema_registry"),
        ('schema_registry = "https://ann:hush@registry.example"', "schema_registry"),
        ('schema_registry = "https://registry.example"\nregistry_user_env = "A"', "registry_user_env"),
        ('registry_user_env = "A"\nregistry_secret_env = "B"', "registry_user_env"),
    ],
)
def test_what_does_not_fit_together_is_named_with_its_mend(tmp_path: Path, text: str, key: str) -> None:
    problems = config_problems(a_config(tmp_path, f"[[streams]]\n{text}\n"))
    assert [problem.key for problem in problems] == [f"streams.0.{key}"]
    assert problems[0].mend


def test_there_is_one_registry_of_schemas(tmp_path: Path) -> None:
    tables = [f'[[streams]]\nid = "{n}"\nfolder = "{n}"\nschema_registry = "https://r{n}.example"\n' for n in (1, 2)]
    (problem,) = config_problems(a_config(tmp_path, "".join(tables)))
    assert "r1.example" in problem.what and "r2.example" in problem.what
    assert not config_problems(a_config(tmp_path, tables[0] + tables[1].replace("r2.", "r1.")))


def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path) -> None:
    text = '[[streams]]\nkind = "http_push"\nsecret_env = "hush hush"\n'
    (problem,) = config_problems(a_config(tmp_path, text))
    assert problem.key == "streams.0.secret_env" and "hush" not in str(problem)


async def test_a_secret_that_is_not_there_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PUSH_TOKEN", raising=False)
    stream = StreamSettings("push", kind="http_push", secret_env="PUSH_TOKEN")
    writer = await Writer.elected(InMemoryJournal(), "source/push")

    async def no_map(data: bytes) -> None:
        raise AssertionError

    intake = Intake(writer, InMemoryBlobs(), SystemSkyClock(), no_map, "push")  # type: ignore[arg-type]
    with pytest.raises(Refused, match="PUSH_TOKEN"):
        stream_factory.source(stream, intake, stream_factory.pulse(stream), "j")
    monkeypatch.setenv("PUSH_TOKEN", "hush")
    assert stream_factory.source(stream, intake, stream_factory.pulse(stream), "j")


def test_a_stream_with_heartbeats_may_not_be_silent_for_long() -> None:
    assert stream_factory.pulse(StreamSettings(kind="kafka", heartbeat_topic="beat")).silence_after_s == 60.0
    assert stream_factory.pulse(StreamSettings(kind="kafka")).silence_after_s is None
