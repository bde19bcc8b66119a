"""The operator's side over a real port."""

import json
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from armillary.operator.v1 import operator_pb2 as pb
from armillary.operator.v1 import operator_pb2_grpc

from coordinator.dispatch.facts import OperatorActed

Code = grpc.StatusCode
MEBIBYTE = 1 << 20


async def test_telescopes_are_listed_and_unknown_is_absent(gateway: Any) -> None:
    answer = await gateway.operator().ListTelescopes(pb.ListTelescopesRequest())
    assert [each.telescope_id for each in answer.telescopes] == ["tca", "zadko"]
    first = answer.telescopes[0]
    assert (first.state, first.HasField("lease_left_s"), first.HasField("since_time")) == ("idle", False, True)


async def test_pause_resume_and_veto_become_actions_with_their_reasons(gateway: Any) -> None:
    desk = gateway.operator()
    said = {"operator": "Ada", "reason": "dome wheel"}
    paused = await desk.PauseTelescope(pb.PauseTelescopeRequest(action_id="a1", telescope_id="tca", **said))
    resumed = await desk.ResumeTelescope(pb.ResumeTelescopeRequest(action_id="a2", telescope_id="tca", **said))
    vetoed = await desk.VetoPointing(pb.VetoPointingRequest(action_id="a3", pointing_id="p1", **said))
    assert (paused.seq, resumed.seq, vetoed.seq) == (1, 2, 3)
    assert list(gateway.desk.actions.values()) == [
        OperatorActed("a1", "pause", "tca", "Ada", "dome wheel"),
        OperatorActed("a2", "resume", "tca", "Ada", "dome wheel"),
        OperatorActed("a3", "veto", "p1", "Ada", "dome wheel"),
    ]


async def test_a_person_approves_and_dismisses_events_with_a_reason(gateway: Any, failure: Any) -> None:
    said = {"event_key": "lvk:S190814bv", "operator": "Ada", "reason": "it looks real"}
    approved = await gateway.operator().ApproveEvent(pb.ApproveEventRequest(action_id="a1", **said))
    dismissed = await gateway.operator().DismissEvent(pb.DismissEventRequest(action_id="a2", **said))
    assert (approved.seq, dismissed.seq) == (1, 2)
    assert [(a.action, a.subject) for a in gateway.desk.actions.values()] == [
        ("approve", "lvk:S190814bv"),
        ("dismiss", "lvk:S190814bv"),
    ]
    failed = await failure(gateway.operator().ApproveEvent(pb.ApproveEventRequest(action_id="a3", event_key="S1")))
    assert set(failed.violations) == {"event_key", "operator", "reason"}


async def test_a_repeated_action_changes_nothing(gateway: Any) -> None:
    request = pb.PauseTelescopeRequest(action_id="a1", telescope_id="tca", operator="Ada", reason="wind")
    seqs = [(await gateway.operator().PauseTelescope(request)).seq for _ in range(2)]
    assert seqs == [1, 1]
    assert len(gateway.desk.actions) == 1


async def test_an_action_without_reason_id_or_name_is_refused(gateway: Any, failure: Any) -> None:
    failed = await failure(gateway.operator().VetoPointing(pb.VetoPointingRequest(reason=" \n ")))
    assert failed.code == Code.INVALID_ARGUMENT
    assert set(failed.violations) == {"action_id", "pointing_id", "operator", "reason"}


async def test_a_telescope_that_does_not_exist_cannot_be_paused(gateway: Any, failure: Any) -> None:
    request = pb.PauseTelescopeRequest(action_id="a", telescope_id="nowhere", operator="Ada", reason="wind")
    failed = await failure(gateway.operator().PauseTelescope(request))
    assert (failed.code, failed.reason) == (Code.NOT_FOUND, "NOT_FOUND")


async def test_an_alert_in_pieces_arrives_whole(gateway: Any) -> None:
    pieces = [
        pb.SubmitAlertRequest(name="map.fits", purpose="test", event_key="lvk:S190814bv", data=b"a" * MEBIBYTE),
        pb.SubmitAlertRequest(data=b"b" * MEBIBYTE),
        pb.SubmitAlertRequest(data=b"c"),
    ]
    answer = await gateway.operator().SubmitAlert(iter(pieces))
    assert (answer.seq, answer.outcome, answer.event_key) == (1, "alert", "lvk:S190814bv")
    assert gateway.desk.alerts == [("map.fits", b"".join(each.data for each in pieces), "test", "lvk:S190814bv")]


BAD = {
    "nothing": ([], {"data"}),
    "empty": ([pb.SubmitAlertRequest(name="x")], {"data"}),
    "unnamed": ([pb.SubmitAlertRequest(data=b"x")], {"pieces[0].name"}),
    "purpose": ([pb.SubmitAlertRequest(name="x", data=b"x", purpose="fun")], {"pieces[0].purpose"}),
    "event": ([pb.SubmitAlertRequest(name="x", data=b"x", event_key="S190814bv")], {"pieces[0].event_key"}),
    "long piece": ([pb.SubmitAlertRequest(name="x", data=b"x" * (MEBIBYTE + 1))], {"pieces[0].data"}),
    "two names": (
        [pb.SubmitAlertRequest(name="x", data=b"x"), pb.SubmitAlertRequest(name="y", data=b"y")],
        {"pieces[1].name"},
    ),
}


@pytest.mark.parametrize("case", BAD)
async def test_a_bad_submission_is_refused_by_field_and_not_kept(gateway: Any, failure: Any, case: str) -> None:
    pieces, violations = BAD[case]
    failed = await failure(gateway.operator().SubmitAlert(iter(pieces)))
    assert (failed.code, set(failed.violations)) == (Code.INVALID_ARGUMENT, violations)
    assert gateway.desk.alerts == []


async def test_a_file_that_is_too_large_is_stopped_on_the_way(serve: Any, failure: Any) -> None:
    """By a client that waits, as ours does: grpc.aio itself says INTERNAL where a piece cannot go out any more."""
    gateway = await serve(operator={"most_alert_bytes": 3 * MEBIBYTE})

    def endless() -> Iterator[pb.SubmitAlertRequest]:
        yield pb.SubmitAlertRequest(name="x", data=b"x" * MEBIBYTE)
        while True:
            yield pb.SubmitAlertRequest(data=b"x" * MEBIBYTE)

    def submitted() -> None:
        with grpc.insecure_channel(gateway.address) as channel:
            operator_pb2_grpc.OperatorServiceStub(channel).SubmitAlert(endless(), timeout=60.0)

    failed = await failure(submitted)
    assert failed.violations == {"pieces[3].data": f"makes the file larger than {3 * MEBIBYTE} bytes"}
    assert gateway.desk.alerts == []


async def test_submissions_beyond_those_held_at_once_wait_their_turn(gateway: Any) -> None:
    def one(i: int) -> Iterator[pb.SubmitAlertRequest]:
        yield pb.SubmitAlertRequest(name=f"f{i}", data=b"x")

    stub = gateway.operator()
    for call in [stub.SubmitAlert(one(i)) for i in range(8)]:
        assert (await call).outcome == "alert"
    assert len(gateway.desk.alerts) == 8


async def test_the_status_is_a_document_of_json(gateway: Any) -> None:
    answer = await gateway.operator().GetStatus(pb.GetStatusRequest())
    document = json.loads(answer.document)
    assert document["schema"] == "armillary.status/1"
    assert [each["id"] for each in document["telescopes"]] == ["tca", "zadko"]
