"""What may be said of sources elsewhere, and every mistake of it by its name."""

from pathlib import Path
from typing import get_args

import pytest

from coordinator.config_file import config_problems, read_settings
from coordinator.services.remote_problems import remote_problems
from coordinator.services.remote_settings import RemoteKind, RemoteSettings

AGENT = 'tns_marker{"tns_id":1234,"type":"bot","name":"our_bot"}'
TNS = {"id": "a", "kind": "tns", "user_agent": AGENT, "secret_env": "TNS_API_KEY"}
JSON = {"id": "a", "kind": "json", "what": "reported", "url": "https://b.example.org/o", "query": "{ra}{dec}{radius}"}


@pytest.mark.parametrize(
    "table",
    [
        TNS,
        JSON,
        JSON | {"query": "ra={ra}&dec={dec}&r={radius_arcsec}", "columns": {"name": "oid"}, "rows": "a.b"},
        {"id": "a", "what": "stars"},
        {"id": "a", "what": "stars", "query": "SELECT x WHERE {cones: RA, DEC}", "format": "votable/td"},
        {"id": "a", "kind": "cone", "what": "variables"},
        {"id": "a", "kind": "skybot"},
        TNS | {"url": "http://127.0.0.1:8123/api/get"},
    ],
)
def test_what_can_be_used_is_not_complained_of(table: dict[str, object]) -> None:
    assert list(remote_problems(table)) == []


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ({"id": "Bad Name", "kind": "skybot"}, "id"),
        ({"id": "a", "kind": "tap"}, "what"),
        ({"id": "a", "kind": "cone"}, "what"),
        ({"id": "a", "kind": "cone", "what": "reported"}, "url"),
        ({"id": "a", "kind": "tap", "what": "reported"}, "query"),
        ({"id": "a", "kind": "skybot", "what": "stars"}, "what"),
        ({"id": "a", "kind": "skybot", "query": "{ra}{dec}{radius}"}, "query"),
        ({"id": "a", "kind": "skybot", "secret_env": "KEY"}, "secret_env"),
        ({"id": "a", "kind": "skybot", "url": "http://tns.example.org/"}, "url"),
        ({"id": "a", "kind": "skybot", "total_s": 0}, "total_s"),
        ({"id": "a", "what": "stars", "query": "SELECT everything"}, "query"),
        ({"id": "a", "what": "stars", "format": "two words"}, "format"),
        ({"id": "a", "kind": "skybot", "user_agent": "two\r\nlines"}, "user_agent"),
        ({k: v for k, v in TNS.items() if k != "secret_env"}, "secret_env"),
        ({k: v for k, v in TNS.items() if k != "user_agent"}, "user_agent"),
        (TNS | {"user_agent": "our_bot"}, "user_agent"),
        (TNS | {"user_agent": 'tns_marker{"tns_id":1,"name":"x"}'}, "user_agent"),
        (TNS | {"url": "http://10.0.0.1:80/api/get"}, "url"),
        ({k: v for k, v in JSON.items() if k != "url"}, "url"),
        ({k: v for k, v in JSON.items() if k != "query"}, "query"),
        (JSON | {"query": "ra={ra}"}, "query"),
        (JSON | {"query": "{ra} {dec} {radius}"}, "query"),
        (JSON | {"columns": {"colour": "x"}}, "columns.colour"),
        (JSON | {"columns": {"name": ""}}, "columns.name"),
        (JSON | {"secret_headers": {"Author ization": "KEY"}}, "secret_headers.Author ization"),
    ],
)
def test_every_mistake_of_a_table_is_named(table: dict[str, object], key: str) -> None:
    assert [k for k, _, _ in remote_problems(table)] == [key]


def test_what_looks_like_a_secret_is_named_and_not_repeated() -> None:
    secret = "8f3c-ba92!"
    found = list(remote_problems(TNS | {"secret_env": secret, "secret_headers": {"Authorization": secret}}))
    assert [key for key, _, _ in found] == ["secret_env", "secret_headers.Authorization"]
    assert secret not in str(found)


def test_every_mistake_of_every_table_comes_in_one_go(tmp_path: Path) -> None:
    config = tmp_path / "armillary.toml"
    config.write_text(
        '[[remote]]\nid = "gaia"\nkind = "cone"\nwhat = "moons"\nrows = "x"\nmax_kib = 0\ncoffee = 1\n'
        '[[remote]]\nid = "tns"\nkind = "tns"\nsecret_env = "not a name"\n'
        '[[remote]]\nid = "tns"\nkind = "json"\nwhat = "stars"\nurl = "ftp://x"\n'
    )
    assert sorted(problem.key for problem in config_problems(config)) == [
        "remote.0.coffee",
        "remote.0.max_kib",
        "remote.0.rows",
        "remote.0.what",
        "remote.1.secret_env",
        "remote.1.user_agent",
        "remote.2.id",
        "remote.2.query",
        "remote.2.url",
    ]


def test_the_example_has_a_table_for_each_kind() -> None:
    example = Path(__file__).resolve().parents[2] / "docs" / "examples" / "others.toml"
    assert {one.kind for one in read_settings(example).remote} == set(get_args(RemoteKind))


def test_columns_of_vizier_are_known_and_may_be_said_otherwise() -> None:
    assert RemoteSettings("a", "cone", "galaxies").its_columns["name"] == "GLADE+"
    assert RemoteSettings("a", "cone", "galaxies", columns={"name": "PGC"}).its_columns["name"] == "PGC"
    assert RemoteSettings("a", "cone", "galaxies", "https://cone.example.org/").its_columns == {}
