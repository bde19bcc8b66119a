"""Opening sessions over a real port."""

from collections.abc import Callable
from typing import Any

import grpc
import pytest

from coordinator.gateway.convert.fields import InvalidRequest, Violation
from telescopes.description.errors import Broken, Refused, RetryLater

Code = grpc.StatusCode


async def test_an_agent_that_announces_itself_gets_a_session_and_the_clocks(gateway: Any, announce: Any) -> None:
    opened = await gateway.stub().OpenSession(announce("tca"))
    assert opened.session_id.startswith("tca:1:")
    assert opened.session_epoch == 1
    assert opened.heartbeat_interval.ToTimedelta().total_seconds() == 0.05
    assert opened.lease_duration.ToTimedelta().total_seconds() == 90.0
    assert opened.HasField("server_time")
    assert opened.sky_clock.rate == 1.0


async def test_an_unknown_telescope_is_not_found_and_told_how_to_mend_it(
    gateway: Any, announce: Any, failure: Any
) -> None:
    failed = await failure(gateway.stub().OpenSession(announce("nowhere")))
    assert (failed.code, failed.reason, failed.domain) == (Code.NOT_FOUND, "NOT_FOUND", "armillary")
    assert failed.metadata == {"where": "nowhere", "mend": "ListTelescopes names those that exist"}


async def test_every_bad_field_of_an_announcement_is_named_in_one_go(
    gateway: Any, announce: Callable[..., Any], failure: Any
) -> None:
    request = announce("TCA with spaces", last_applied_seq=2**64 - 1)
    request.boot_id = "new\nline"
    request.client_time.seconds = -(2**62)
    request.capabilities.overhead_s = float("nan")
    request.capabilities.config_sha256 = b"short"
    instrument = request.capabilities.instruments.add(instrument_id="main", filters=["g" * 1000])
    instrument.footprint.polygons.polygons.add().vertices.add(x_east_deg=1e300)
    request.capabilities.instruments.add(instrument_id="two")
    request.capabilities.limits.min_altitude_deg = 91.0

    failed = await failure(gateway.stub().OpenSession(request))
    assert (failed.code, failed.reason) == (Code.INVALID_ARGUMENT, "INVALID")
    assert set(failed.violations) == {
        "telescope_id",
        "boot_id",
        "last_applied_seq",
        "client_time",
        "capabilities.instruments[0].filters[0]",
        "capabilities.instruments[0].footprint.polygons.polygons[0].vertices",
        "capabilities.instruments[1].footprint.shape",
        "capabilities.limits.min_altitude_deg",
        "capabilities.overhead_s",
        "capabilities.config_sha256",
    }
    assert failed.violations["capabilities.overhead_s"] == "nan is not between 0 and 86400"


async def test_an_announcement_without_a_time_says_that_it_is_missing(
    gateway: Any, announce: Any, failure: Any
) -> None:
    request = announce("tca")
    request.ClearField("client_time")
    failed = await failure(gateway.stub().OpenSession(request))
    assert failed.violations == {"client_time": "is missing"}


ERRORS = [
    (Refused("no", where="tca", mend="m", reason="IDENTITY_MISMATCH"), Code.PERMISSION_DENIED),
    (Refused("no", where="tca", mend="m", reason="SESSION_STALE"), Code.FAILED_PRECONDITION),
    (Refused("no", where="tca", mend="m", reason="ILLEGAL_TRANSITION"), Code.FAILED_PRECONDITION),
    (Refused("no", where="tca", mend="m", reason="REVISION_STALE"), Code.FAILED_PRECONDITION),
    (Refused("no", where="tca", mend="m", reason="LEASE_EXPIRED"), Code.FAILED_PRECONDITION),
    (Refused("no", where="tca", mend="m", reason="SESSION_SUPERSEDED"), Code.ABORTED),
    (Refused("no", where="tca", mend="m", reason="CURSOR_AHEAD"), Code.OUT_OF_RANGE),
    (Refused("no", where="tca", mend="m", reason="CURSOR_COMPACTED"), Code.OUT_OF_RANGE),
    (Refused("no", where="tca", mend="m", reason="NOT_FOUND"), Code.NOT_FOUND),
    (Refused("no", where="tca", mend="m", reason="A_NEW_WORD"), Code.FAILED_PRECONDITION),
    (Refused("no", where="tca", mend="m"), Code.INVALID_ARGUMENT),
]


@pytest.mark.parametrize(("error", "code"), ERRORS, ids=lambda v: getattr(v, "reason", ""))
async def test_each_refusal_has_its_code_and_keeps_its_reason(
    gateway: Any, announce: Any, failure: Any, error: Refused, code: grpc.StatusCode
) -> None:
    await gateway.telescopes["tca"].fail(error)
    failed = await failure(gateway.stub().OpenSession(announce("tca")))
    assert (failed.code, failed.reason, failed.domain) == (code, error.reason, "armillary")
    assert failed.metadata == {"where": "tca", "mend": "m"}
    assert failed.retry_after_s is None


async def test_what_may_heal_is_unavailable_with_the_time_to_wait(gateway: Any, announce: Any, failure: Any) -> None:
    await gateway.telescopes["tca"].fail(RetryLater("restarting", where="tca", mend="wait", after_s=2.5))
    failed = await failure(gateway.stub().OpenSession(announce("tca")))
    assert (failed.code, failed.reason, failed.retry_after_s) == (Code.UNAVAILABLE, "RETRY_LATER", 2.5)


async def test_our_own_fault_is_internal_and_in_our_log(
    gateway: Any, announce: Any, failure: Any, caplog: pytest.LogCaptureFixture
) -> None:
    await gateway.telescopes["tca"].fail(Broken("the disk is gone", where="journal", mend="shout"))
    failed = await failure(gateway.stub().OpenSession(announce("tca")))
    assert (failed.code, failed.reason) == (Code.INTERNAL, "BROKEN")
    assert "the disk is gone" in caplog.text


async def test_a_fault_that_nobody_foresaw_is_internal_and_its_text_stays_here(
    gateway: Any, announce: Any, failure: Any, caplog: pytest.LogCaptureFixture
) -> None:
    await gateway.telescopes["tca"].fail(ZeroDivisionError("secret path /x/y"))
    call = gateway.stub().OpenSession(announce("tca"))
    failed = await failure(call)
    assert failed.code == Code.INTERNAL
    assert "secret" not in f"{await call.details()}{failed}"
    assert "secret path" in caplog.text


LONG = "\N{GREEK SMALL LETTER SIGMA}\N{TELESCOPE}" * 5_000


@pytest.mark.parametrize(
    "error",
    [
        Refused(LONG, where=LONG, mend=LONG, reason="NOT_FOUND"),
        InvalidRequest([Violation(f"reports[{i}].{LONG}", LONG) for i in range(500)]),
    ],
    ids=["long", "many"],
)
async def test_a_very_long_refusal_still_fits_into_the_trailers(
    gateway: Any, announce: Any, failure: Any, error: Refused
) -> None:
    await gateway.telescopes["tca"].fail(error)
    failed = await failure(gateway.stub().OpenSession(announce("tca")))
    assert (failed.code, failed.reason) == (
        Code.NOT_FOUND if error.reason == "NOT_FOUND" else Code.INVALID_ARGUMENT,
        error.reason,
    )
    assert failed.metadata["mend"]
    assert (len(failed.violations) > 0) == isinstance(error, InvalidRequest)
