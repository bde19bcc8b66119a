"""`armillary people`: accounts, and what opens them."""

import re
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from coordinator.cli.app import build
from coordinator.dashboard.address import first_link
from coordinator.security.people import FILE, People
from coordinator.security.person import Person, Standing
from coordinator.settings import DashboardSettings
from telescopes.description.errors import Refused

PASSWORD = "nine telescopes in the dark"
NOW = datetime.now(UTC)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def armillary(state: Path, *words: str) -> Result:
    return CliRunner().invoke(build(), ["people", *words, "--state", str(state)])


def test_an_invitation_sets_a_password_once(state: Path) -> None:
    made = armillary(state, "add", "cora", "--role", "coordinator")
    assert made.exit_code == 0, made.output
    address = made.stdout.strip()
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/invitation/[\w-]{43}", address)
    people, secret = People(state / FILE), address.rpartition("/")[2]
    with pytest.raises(Refused, match="12 to 256 characters"):
        people.accept(secret, "too short", NOW, "a test")
    assert people.accept(secret, PASSWORD, NOW, "a test") == Person("cora", Standing.COORDINATOR)
    with pytest.raises(Refused, match="opens nothing any more"):
        people.accept(secret, PASSWORD, NOW, "a test")
    session = people.sign_in("cora", PASSWORD, NOW, "a test")
    assert people.signed_in(session, NOW) == Person("cora", Standing.COORDINATOR)


def test_no_secret_lies_in_the_file_and_nobody_else_reads_it(state: Path) -> None:
    secrets = [armillary(state, "add", "ada", "--role", "admin").stdout.strip().rpartition("/")[2]]
    secrets.append(armillary(state, "link", "ada").stdout.strip().rpartition("/")[2])
    secrets.append(armillary(state, "token", "ada", "--label", "a script").stdout.strip())
    People(state / FILE).accept(secrets[0], PASSWORD, NOW, "a test")
    kept = b"".join(file.read_bytes() for file in state.glob(f"{FILE}*"))
    assert not [one for one in (*secrets, PASSWORD) if one.encode() in kept]
    assert stat.S_IMODE((state / FILE).stat().st_mode) == 0o600


def test_a_role_changes_at_once_and_a_closed_account_opens_nothing(state: Path) -> None:
    armillary(state, "add", "otto", "--role", "operator", "--telescope", "tca")
    token, people = armillary(state, "token", "otto").stdout.strip(), People(state / FILE)
    assert people.of_token(token, NOW) == Person("otto", Standing.OPERATOR, frozenset({"tca"}))
    armillary(state, "add", "otto", "--role", "viewer")
    assert people.of_token(token, NOW) == Person("otto", Standing.VIEWER)
    assert armillary(state, "remove", "otto").exit_code == 0
    assert people.of_token(token, NOW) is None
    assert "closed" in armillary(state, "list").stdout
    again = armillary(state, "token", "otto")
    assert again.exit_code != 0
    assert isinstance(again.exception, Refused)


def test_a_new_invitation_ends_the_one_before_and_a_password_ends_what_else_was_open(state: Path) -> None:
    lost = armillary(state, "add", "cora", "--role", "coordinator").stdout.strip().rpartition("/")[2]
    link = armillary(state, "link", "cora").stdout.strip().rpartition("/")[2]
    newer, people = armillary(state, "invite", "cora").stdout.strip().rpartition("/")[2], People(state / FILE)
    with pytest.raises(Refused, match="opens nothing any more"):
        people.accept(lost, PASSWORD, NOW, "a test")
    people.accept(newer, PASSWORD, NOW, "a test")
    with pytest.raises(Refused, match="opens nothing any more"):
        people.enter(link, NOW, "a test")


def test_the_admin_of_this_machine_stays_what_people_made_of_it(state: Path) -> None:
    people, where = People(state / FILE), DashboardSettings()
    first = first_link(where, people, NOW)
    assert first is not None
    session = people.enter(first.rpartition("/")[2], NOW, "a test")
    assert people.signed_in(session, NOW) == Person("local", Standing.ADMIN)
    people.put(Person("local", Standing.VIEWER), NOW, "a test")
    first_link(where, people, NOW)
    assert people.signed_in(session, NOW) == Person("local", Standing.VIEWER)
    people.disable("local", NOW, "a test")
    assert first_link(where, people, NOW) is None
    assert people.signed_in(session, NOW) is None


def test_a_file_that_others_may_read_is_closed_to_them(state: Path) -> None:
    People(state / FILE)
    (state / FILE).chmod(0o644)
    People(state / FILE)
    assert stat.S_IMODE((state / FILE).stat().st_mode) == 0o600


def test_signing_somebody_out_takes_back_their_tokens_too(state: Path) -> None:
    armillary(state, "add", "vera")
    token = armillary(state, "token", "vera").stdout.strip()
    said = armillary(state, "sign-out", "vera").stdout
    assert said == "vera: ended 0 sessions, 1 tokens, 0 links, 1 invitations\n"
    assert People(state / FILE).of_token(token, NOW) is None
    audit = armillary(state, "audit").stdout
    assert "got a new token" in audit
    assert "1 of kind token ended" in audit


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add", "Cora!"), "cannot be a name"),
        (("add", "cora", "--role", "king"), "no role"),
        (("add", "otto", "--role", "operator"), "--telescope"),
        (("add", "cora", "--role", "coordinator", "--telescope", "tca"), "--telescope"),
        (("link", "nobody"), "no open account"),
        (("remove", "nobody"), "no open account"),
        (("sign-out", "nobody"), "no open account"),
    ],
)
def test_bad_input_is_one_clear_line(state: Path, words: tuple[str, ...], says: str) -> None:
    result = armillary(state, *words)
    assert result.exit_code != 0
    assert isinstance(result.exception, Refused)
    assert says in str(result.exception)
