"""`armillary check` names every mistake in how people sign in by accounts elsewhere."""

from pathlib import Path

import pytest

from coordinator.config_file import config_problems, read_settings
from coordinator.security.openid_settings import OpenIdSettings, person_by
from coordinator.security.person import Standing

GOOD = """
[sign_in]
issuer = "https://login.example.org/realms/obs"
client_id = "armillary"
secret_env = "OPENID_SECRET"
roles_claim = "realm_access.roles"
[sign_in.roles]
coordinators = "coordinator"
"tca team" = "operator:tca"
"""
WRONG = """
[sign_in]
issuer = "http://login.example.org"
secret_env = "the secret itself"
scopes = ["profile"]
realm = "obs"
[sign_in.roles]
a = "king"
b = "operator"
c = "viewer:tca"
"""


def test_a_good_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "observatory.toml"
    path.write_text(GOOD)
    assert config_problems(path) == []
    assert read_settings(path).sign_in.roles["tca team"] == "operator:tca"


def test_every_mistake_is_named_and_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "observatory.toml"
    path.write_text(WRONG)
    problems = config_problems(path)
    keys = ("issuer", "client_id", "secret_env", "scopes", "realm", "roles.a", "roles.b", "roles.c")
    assert {p.key for p in problems} == {f"sign_in.{key}" for key in keys}
    assert "the secret itself" not in str(problems)


@pytest.mark.parametrize(
    ("groups", "standing", "telescopes"),
    [
        (["tca team"], Standing.OPERATOR, {"tca"}),
        (["tca team", "coordinators"], Standing.COORDINATOR, set()),
        ("coordinators", Standing.COORDINATOR, set()),
    ],
)
def test_of_several_roles_the_one_that_may_most_counts(
    groups: object, standing: Standing, telescopes: set[str]
) -> None:
    settings = OpenIdSettings(
        roles_claim="realm_access.roles", roles={"coordinators": "coordinator", "tca team": "operator:tca"}
    )
    person = person_by(settings, {"preferred_username": "Wilma", "realm_access": {"roles": groups}})
    assert (person.name, person.standing, person.telescopes) == ("wilma", standing, telescopes)
