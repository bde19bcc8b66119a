"""The rules of the door: rates, roles, identities, transports; nothing here opens a socket."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from armillary.enrolment.v1 import enrolment_pb2
from armillary.operator.v1 import operator_pb2
from armillary.telescope.v1 import telescope_pb2
from builders.secured import SmallAuthority
from hypothesis import given
from hypothesis import strategies as st

from coordinator.gateway.claims import claim_of, sign_decision
from coordinator.security.authority import MOST_REQUEST_BYTES, make_authority, public_key_in
from coordinator.security.buckets import Bucket, Rate, full, take
from coordinator.security.identity import Identity, Role, identity_in
from coordinator.security.meters import BYTES, REPORTS, Cost, Meters, TooFast
from coordinator.security.own_certificates import OwnCertificates
from coordinator.security.refusals import Refusals
from coordinator.security.register import FILE, Register, Revocations
from coordinator.security.roles import roles_for
from coordinator.security.strangers import Strangers
from coordinator.security.transport import transport_for
from coordinator.security.turns import AT_ONCE
from telescopes.credentials.enrolment_token import EnrolmentToken, token_of
from telescopes.credentials.key_pair import new_key, signing_request
from telescopes.description.errors import Refused

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
RATE = Rate(20.0, 200.0)
SERVICES = [
    file.services_by_name[name]
    for file, name in (
        (telescope_pb2.DESCRIPTOR, "TelescopeService"),
        (operator_pb2.DESCRIPTOR, "OperatorService"),
        (enrolment_pb2.DESCRIPTOR, "EnrolmentService"),
    )
]


def test_a_bucket_gives_its_burst_at_once_and_then_its_rate() -> None:
    bucket, wait_s = take(full(RATE, 0.0), RATE, 200.0, 0.0)
    assert (bucket.level, wait_s) == (0.0, 0.0)
    assert take(bucket, RATE, 1.0, 0.0)[1] == pytest.approx(0.05)
    assert take(bucket, RATE, 20.0, 1.0) == (Bucket(0.0, 1.0), 0.0)


def test_a_batch_larger_than_the_burst_passes_once_and_is_paid_for() -> None:
    bucket, wait_s = take(full(RATE, 0.0), RATE, 500.0, 0.0)
    assert (bucket.level, wait_s) == (-300.0, 0.0)
    assert take(bucket, RATE, 500.0, 0.0)[1] == pytest.approx(25.0)


@given(st.lists(st.tuples(st.floats(0.0, 30.0), st.integers(1, 150)), max_size=60))
def test_over_any_time_no_more_passes_than_burst_and_rate_allow(asked: list[tuple[float, int]]) -> None:
    now, passed, bucket = 0.0, 0.0, full(RATE, 0.0)
    for pause_s, cost in asked:
        now += pause_s
        bucket, wait_s = take(bucket, RATE, float(cost), now)
        passed += cost if wait_s == 0.0 else 0
        assert passed <= RATE.burst + RATE.per_s * now + 1e-6


def test_a_clock_that_goes_back_gives_nothing() -> None:
    assert take(Bucket(0.0, 10.0), RATE, 1.0, 5.0)[1] > 0.0


def test_meters_are_each_ones_own_and_take_all_or_nothing() -> None:
    now = [0.0]
    meters = Meters(lambda: now[0])
    meters.pay("a", Cost({"calls": 1.0, REPORTS: 200.0}))
    for _ in range(1000):  # what is refused costs nothing
        with pytest.raises(TooFast, match="too many reports; send less: 200 at once, and 20 a second"):
            meters.pay("a", Cost({"calls": 1.0, REPORTS: 10.0}))
    meters.pay("a", Cost({"calls": 1.0}))
    meters.pay("b", Cost({REPORTS: 200.0}))
    now[0] = 0.5
    meters.pay("a", Cost({"calls": 1.0, REPORTS: 10.0}))


def test_strangers_are_known_by_their_address_and_only_the_last_ones_are_remembered() -> None:
    now = [0.0]
    strangers = Strangers(lambda: now[0], Rate(1.0, 2.0), most_kept=2)
    for address in ("192.0.2.1", "::ffff:192.0.2.1"):
        strangers.pay(address)
    with pytest.raises(TooFast, match=r"address 192.0.2.1: too many enrolments; send less: 2 at once"):
        strangers.pay("192.0.2.1")
    strangers.pay("2001:db8:0:1::1")
    strangers.pay("2001:db8:0:1:ffff::9")
    with pytest.raises(TooFast, match="address 2001:db8:0:1::/64"):
        strangers.pay("2001:db8:0:1::2")
    strangers.pay("unix")
    strangers.pay("192.0.2.1")
    now[0] = 1.0
    strangers.pay("2001:db8:0:1::2")


def test_all_strangers_together_have_one_bucket_more() -> None:
    now = [0.0]
    strangers = Strangers(lambda: now[0], Rate(1.0, 2.0), of_all=Rate(1.0, 4.0))
    for site in range(4):
        strangers.pay(f"2001:db8:0:{site}::1")
    with pytest.raises(TooFast, match="all addresses: too many enrolments; send less: 4 at once"):
        strangers.pay("2001:db8:0:5::1")
    now[0] = 1.0
    strangers.pay("2001:db8:0:5::1")


def test_of_many_refusals_the_first_is_told_and_then_their_number_once_a_minute() -> None:
    now = [0.0]
    refusals = Refusals(lambda: now[0])
    assert [refusals.note("telescope tca", "RATE") for _ in range(1000)] == [1] + [0] * 999
    assert refusals.note("telescope tca", "IDENTITY_MISMATCH") == 1
    now[0] = 60.0
    assert [refusals.note("telescope tca", "RATE") for _ in range(2)] == [1000, 0]


def test_every_method_of_every_service_has_somebody_or_nobody_on_purpose() -> None:
    methods = [f"/{service.full_name}/{method.name}" for service in SERVICES for method in service.methods]
    assert [name for name in methods if not roles_for(name)] == ["/armillary.enrolment.v1.EnrolmentService/Enroll"]
    assert roles_for("/armillary.operator.v1.OperatorService/VetoPointing") == {Role.OPERATOR}
    assert roles_for("/armillary.telescope.v1.TelescopeService/OpenSession") == {Role.TELESCOPE}
    assert roles_for("/elsewhere.v1.Service/Method") == roles_for("") == frozenset()


def test_every_request_of_a_telescope_says_for_whom_it_speaks() -> None:
    (service,) = [each for each in SERVICES if each.name == "TelescopeService"]
    for method in service.methods:
        request = getattr(telescope_pb2, method.input_type.name)()
        setattr(request, "telescope_id" if method.name == "OpenSession" else "session_id", "tca:1:x")
        assert claim_of(request).telescope_id in ("tca", "tca:1:x"), method.name


@pytest.mark.parametrize(
    ("uri", "found"),
    [
        ("spiffe://armillary/telescope/tca", Identity(Role.TELESCOPE, "tca")),
        ("spiffe://armillary/king/tca", None),
        ("spiffe://elsewhere/telescope/tca", None),
        ("spiffe://armillary/telescope/tca/x", None),
        ("spiffe://armillary/telescope/tca\n", None),
        ("spiffe://armillary/telescope/TCA", None),
        ("", None),
    ],
)
def test_an_identity_is_read_strictly(uri: str, found: Identity | None) -> None:
    assert identity_in(uri) == found


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.2.3", "gateway.example.org", "192.168.0.4"])
def test_an_address_that_others_reach_wants_a_certificate_or_a_word(host: str) -> None:
    with pytest.raises(Refused, match="armillary ca init"):
        transport_for(host, has_certificate=False, insecure=False)
    assert transport_for(host, has_certificate=True, insecure=False).tls
    allowed = transport_for(host, has_certificate=True, insecure=True)
    assert not allowed.tls and "whoever reaches it can be any telescope" in allowed.said


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.0.0.53"])
def test_on_this_machine_alone_plain_text_is_said_and_allowed(host: str) -> None:
    plain = transport_for(host, has_certificate=False, insecure=False)
    assert not plain.tls and plain.said.startswith("without TLS, for this machine alone")
    assert transport_for(host, has_certificate=True, insecure=False).tls


def test_a_token_is_read_as_it_was_written() -> None:
    token = EnrolmentToken("telescope", "oaj-t80", 50052, "s" * 43, "a" * 64)
    assert token_of(f" {token}\n") == token
    for broken in ("", str(token)[:-1], f"{token}0", str(token).replace("armillary1", "armillary2")):
        with pytest.raises(Refused, match="is no enrolment token"):
            token_of(broken)


def test_a_token_that_ran_out_or_was_taken_back_is_refused(tmp_path: Path) -> None:
    authority = SmallAuthority(tmp_path)
    register, who = authority.register, Identity(Role.TELESCOPE, "tca")

    def spend(secret: str, now: datetime) -> None:
        register.spend(secret, "key", now, lambda _: pytest.fail("it was signed"))

    late, _ = register.new_token(who, NOW, hours=1.0)
    with pytest.raises(Refused, match="ran out at"):
        spend(late, NOW + timedelta(hours=1))
    back, _ = register.new_token(who, NOW)
    register.revoke("tca", NOW, "")
    with pytest.raises(Refused, match="was taken back"):
        spend(back, NOW)
    with pytest.raises(Refused, match="is not known here"):
        spend("guess", NOW)


def test_what_is_taken_back_is_known_at_once_to_who_looks(tmp_path: Path) -> None:
    authority = SmallAuthority(tmp_path / "ca")
    revocations = Revocations(tmp_path / "ca" / FILE)
    authority.identity(tmp_path, "tca")
    authority.identity(tmp_path, "zadko")
    first, second = (one.serial for one in authority.register.certificates())
    assert not revocations.holds(first) and not revocations.holds(second)
    (taken,) = Register(tmp_path / "ca" / FILE).revoke(first[:16].upper(), datetime.now(UTC), "lost")
    assert taken.serial == first
    assert revocations.holds(first) and not revocations.holds(second)
    revocations.close()


@pytest.mark.parametrize(
    "request_pem",
    [
        b"",
        b"x" * (MOST_REQUEST_BYTES + 1),
        b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
    ],
)
def test_a_bad_request_is_refused(request_pem: bytes) -> None:
    with pytest.raises(Refused, match="signing_request_pem"):
        public_key_in(request_pem)


def test_a_host_that_no_certificate_can_name_is_refused_and_nothing_is_signed(tmp_path: Path) -> None:
    make_authority(tmp_path, NOW)
    with pytest.raises(Refused, match=r"'münchen' is no host that a certificate can name; .*xn--"):
        OwnCertificates(tmp_path, ("localhost", "münchen"), lambda: NOW).make_fresh()
    assert not (tmp_path / "gateway.pem").exists()
    OwnCertificates(tmp_path, ("localhost", "::1"), lambda: NOW).make_fresh()
    assert (tmp_path / "gateway.pem").exists()


def test_a_request_whose_signature_is_not_its_keys_is_refused() -> None:
    lines = signing_request(new_key(), "tca").splitlines()
    middle = lines[-2]
    lines[-2] = middle[:-8] + bytes(reversed(middle[-8:-4])) + middle[-4:]
    with pytest.raises(Refused):
        public_key_in(b"\n".join(lines) + b"\n")


@pytest.mark.parametrize(
    "name", [n for n, m in operator_pb2.DESCRIPTOR.message_types_by_name.items() if "action_id" in m.fields_by_name]
)
def test_every_decision_carries_the_name_in_the_certificate(name: str) -> None:
    decision = getattr(operator_pb2, name)(operator="Ada")
    sign_decision(decision, Identity(Role.OPERATOR, "ada"))
    assert decision.operator == "Ada [ada]"


def test_whoever_sends_large_requests_gets_no_more_at_once_than_is_read_at_once() -> None:
    """A certificate that is admitted with 4 MiB again and again costs everybody else until its measure is spent."""
    meters = Meters(lambda: 0.0)
    for _ in range(AT_ONCE):
        meters.pay("tca", Cost({BYTES: float(4 << 20)}))
    with pytest.raises(TooFast) as refused:
        meters.pay("tca", Cost({BYTES: float(4 << 20)}))
    assert refused.value.after_s == 1.0, "and a long backlog goes on, at its pace"
