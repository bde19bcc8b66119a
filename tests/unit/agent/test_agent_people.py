"""A person's word at the site: it wins, it is durable, it is told, and it is taken back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from telescopes.agent.people import Act, Closed, Wishes, Word, heard
from telescopes.agent.safety import No
from telescopes.agent.store import Store
from telescopes.description.errors import Refused
from telescopes.description.messages import Revocation
from telescopes.description.states import PointingState, Reason
from telescopes.description.telescope import Link, SitePolicy

S = PointingState
T0 = datetime(2026, 1, 1, tzinfo=UTC)


def after(seconds):
    return T0 + timedelta(seconds=seconds)


def a_word(act, subject="", **changes):
    return Word(act, "Ada", "dome work", subject, **changes)


def last(rig, name="p1"):
    report = rig.coordinator.reports_of(name)[-1]
    return report.state, report.reason


def test_a_pause_stops_what_runs_gives_back_what_waits_and_is_told_at_once(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing("runs", start_s=10.0))
            rig.coordinator.offer(pointing("waits", start_s=600.0))
            await rig.sky_s(100)
            assert rig.desk.take(a_word(Act.PAUSE)).startswith("paused until somebody resumes it; 1 pointing")
            await rig.sky_s(101)
            assert last(rig, "runs") == (S.PARTIAL, Reason.VETOED_BY_OPERATOR)
            assert last(rig, "waits") == (S.REJECTED, Reason.VETOED_BY_OPERATOR)
            status = rig.coordinator.status
            assert (status.blocking_reasons, status.unavailable_until) == ((Reason.VETOED_BY_OPERATOR,), None)
            rig.coordinator.offer(pointing("offered", start_s=700.0))
            await rig.sky_s(102)
            assert last(rig, "offered") == (S.REJECTED, Reason.VETOED_BY_OPERATOR)
            rig.desk.take(a_word(Act.RESUME))
            await rig.sky_s(103)
            assert rig.coordinator.status.blocking_reasons == ()
            rig.coordinator.offer(pointing("again", start_s=800.0))
            await rig.sky_s(1500)
        assert last(rig, "again")[0] is S.COMPLETED

    play(scenario)


def test_a_pause_may_let_finish_what_runs(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing("runs", start_s=10.0))
            rig.coordinator.offer(pointing("waits", start_s=600.0))
            await rig.sky_s(50)
            rig.desk.take(a_word(Act.PAUSE, let_finish=True))
            await rig.sky_s(51)
            assert last(rig, "waits") == (S.REJECTED, Reason.VETOED_BY_OPERATOR)
            await rig.sky_s(1000)
        assert last(rig, "runs")[0] is S.COMPLETED

    play(scenario)


def test_a_pause_with_an_end_gives_the_telescope_back_by_itself(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.desk.take(a_word(Act.PAUSE, until=after(300)))
            await rig.sky_s(10)
            assert rig.coordinator.status.unavailable_until == after(300)
            rig.coordinator.offer(pointing("before", start_s=200.0))
            rig.coordinator.offer(pointing("beyond", start_s=400.0))
            await rig.sky_s(301)
            assert rig.coordinator.status.blocking_reasons == ()
            await rig.sky_s(1000)
        assert last(rig, "before") == (S.REJECTED, Reason.VETOED_BY_OPERATOR)
        assert last(rig, "beyond")[0] is S.COMPLETED

    play(scenario)


def test_a_vetoed_event_is_refused_until_it_is_welcome_again_and_others_go_on(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing("held", start_s=300.0))
            rig.coordinator.offer(pointing("other", start_s=900.0, event_id="lvk:S2"))
            await rig.sky_s(10)
            rig.desk.take(a_word(Act.VETO_EVENT, "lvk:S1"))
            await rig.sky_s(11)
            assert rig.coordinator.status.vetoed_events == ("lvk:S1",)
            assert rig.coordinator.status.blocking_reasons == ()
            rig.coordinator.offer(pointing("later", start_s=500.0))
            await rig.sky_s(12)
            assert last(rig, "held") == last(rig, "later") == (S.REJECTED, Reason.VETOED_BY_OPERATOR)
            rig.desk.take(a_word(Act.ALLOW_EVENT, "lvk:S1"))
            rig.coordinator.offer(pointing("again", start_s=400.0))
            await rig.sky_s(2000)
        assert last(rig, "again")[0] is last(rig, "other")[0] is S.COMPLETED

    play(scenario)


def test_one_vetoed_pointing_is_given_back_and_the_next_goes_on(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing("bad", start_s=300.0))
            rig.coordinator.offer(pointing("good", start_s=600.0))
            await rig.sky_s(10)
            rig.desk.take(a_word(Act.VETO_POINTING, "bad"))
            await rig.sky_s(2000)
            with pytest.raises(Refused, match="is rejected already"):
                rig.desk.take(a_word(Act.VETO_POINTING, "bad"))
            with pytest.raises(Refused, match="was never offered here"):
                rig.desk.take(a_word(Act.VETO_POINTING, "unknown"))
        assert rig.told("bad") == ["accepted", "rejected"]
        assert last(rig, "good")[0] is S.COMPLETED

    play(scenario)


def test_a_vetoed_night_ends_at_the_next_noon(play, pointing):
    # The rig's telescope stands at longitude -90: its noon is at 18 h UTC.
    async def scenario(rig):
        async with rig.running():
            rig.desk.take(a_word(Act.VETO_NIGHT))
            await rig.sky_s(1)
            assert rig.coordinator.status.unavailable_until == after(18 * 3600)
            await rig.sky_s(18 * 3600 + 1)
            assert rig.coordinator.status.blocking_reasons == ()

    play(scenario)


@pytest.mark.parametrize("act", [Act.PAUSE, Act.VETO_NIGHT, Act.VETO_EVENT])
def test_a_word_survives_a_kill_in_whatever_state(play, pointing, tmp_path, act):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing("runs", start_s=10.0))
            rig.coordinator.offer(pointing("waits", start_s=600.0))
            await rig.sky_s(100)
            rig.desk.take(a_word(act, "lvk:S1" if act is Act.VETO_EVENT else ""))
        async with rig.running():
            await rig.sky_s(110)
            rig.coordinator.offer(pointing("offered", start_s=700.0))
            await rig.sky_s(120)
            assert last(rig, "runs") == (S.PARTIAL, Reason.VETOED_BY_OPERATOR)
            assert last(rig, "waits") == last(rig, "offered") == (S.REJECTED, Reason.VETOED_BY_OPERATOR)

    play(scenario, state=tmp_path)


def test_a_word_is_obeyed_without_a_link_and_told_when_it_is_back(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing("waits", start_s=300.0))
            await rig.sky_s(10)
            rig.link.cut(10.0)
            rig.desk.take(a_word(Act.PAUSE))
            await rig.sky_s(400)
        assert rig.told("waits") == ["accepted", "rejected"]
        assert last(rig, "waits")[1] is Reason.VETOED_BY_OPERATOR

    play(scenario)


def test_a_person_says_yes_to_an_offer_before_its_deadline(play, pointing, telescope):
    careful = telescope(policy=SitePolicy(human_approval=True), link=Link(kind="human", acceptance_s=600.0))

    async def scenario(rig):
        async with rig.running():
            for name, start_s in (("yes", 800.0), ("never", 2000.0)):
                rig.coordinator.offer(pointing(name, start_s=start_s, accept_within_s=600.0))
            await rig.sky_s(300)
            assert rig.told("yes") == []
            row = rig.desk.status()["pointings"][0]
            assert (row["id"], row["state"]) == ("yes", "offered")
            assert row["answer_within_s"] == pytest.approx(300.0, abs=1.0)
            assert "yes is accepted" in rig.desk.take(a_word(Act.APPROVE, "yes"))
            await rig.sky_s(1500)
            with pytest.raises(Refused, match="is expired already"):
                rig.desk.take(a_word(Act.APPROVE, "never"))
        assert rig.told("yes") == ["accepted", "slewing", "exposing", "completed"]
        assert "accepted" not in rig.told("never")

    play(scenario, telescope=careful)


def test_a_yes_that_comes_when_it_can_no_longer_be_done_is_refused_and_told(play, pointing, telescope):
    careful = telescope(policy=SitePolicy(human_approval=True))

    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(accept_within_s=600.0))
            await rig.sky_s(10)
            rig.desk.take(a_word(Act.PAUSE))
            await rig.sky_s(11)
            assert last(rig) == (S.REJECTED, Reason.VETOED_BY_OPERATOR)
            with pytest.raises(Refused, match="is rejected already"):
                rig.desk.take(a_word(Act.APPROVE, "p1"))

    play(scenario, telescope=careful)


def test_what_is_over_cannot_be_paused_until_and_the_longer_closing_counts():
    with pytest.raises(Refused, match="is over"):
        heard(Wishes(), a_word(Act.PAUSE, until=after(-1)), T0, after(9))
    both = Wishes(paused=Closed("a", after(5)), night=Closed("b", after(9)))
    assert both.closed_at(after(1)) == both.night
    assert both.closed_at(after(9)) is None
    assert both.next_change(after(6)) == after(9)
    assert Wishes(paused=Closed("a"), night=Closed("b", after(9))).closed_at(after(1)) == Closed("a")


def test_a_site_that_allows_no_interruption_lets_finish_what_runs(play, pointing, telescope):
    def scene(allowed):
        async def scenario(rig):
            async with rig.running():
                rig.coordinator.offer(pointing("runs", start_s=10.0))
                await rig.sky_s(100)
                rig.coordinator.revoke(Revocation("runs", 1, Reason.BUSY_HIGHER_PRIORITY, abort_if_started=True))
                await rig.sky_s(101)
                assert rig.coordinator.state("runs") is (S.PARTIAL if allowed else S.EXPOSING)
                await rig.sky_s(1000)
                assert rig.coordinator.state("runs") is (S.PARTIAL if allowed else S.COMPLETED)

        return scenario

    for allowed in (True, False):
        play(scene(allowed), telescope=telescope(policy=SitePolicy(may_interrupt=allowed)))


@pytest.mark.parametrize(
    "name", ["S1", "", "lvk:", "lvk:S 1", "lvk:S1\n", "lvk:S\x00", "lvk:" + "S" * 253, "LVK:S1", "é:S1"]
)
def test_what_can_be_no_event_is_not_vetoed_and_no_session_ends_for_it(play, pointing, name):
    async def scenario(rig):
        async with rig.running():
            with pytest.raises(Refused, match="is no event key; give namespace:id, as in lvk:S190814bv"):
                rig.desk.take(a_word(Act.VETO_EVENT, name))
            rig.coordinator.offer(pointing())
            await rig.sky_s(1000)
        assert last(rig)[0] is S.COMPLETED
        assert rig.coordinator.status.vetoed_events == ()

    play(scenario)


def test_a_veto_says_whether_it_met_anything_and_only_what_is_vetoed_is_welcome_again(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing("waits", start_s=300.0))
            await rig.sky_s(10)
            assert rig.desk.take(a_word(Act.VETO_EVENT, "lvk:S9")) == "nothing more of lvk:S9; nothing of it was here"
            assert rig.desk.take(a_word(Act.VETO_EVENT, "lvk:S1")) == "nothing more of lvk:S1; 1 pointing given back"
            with pytest.raises(Refused, match="lvk:S2: is not vetoed here"):
                rig.desk.take(a_word(Act.ALLOW_EVENT, "lvk:S2"))

    play(scenario)


def test_a_memory_with_words_that_no_coordinator_takes_keeps_them_to_itself_until_they_are_taken_back(play, tmp_path):
    async def scenario(rig):
        store = Store(tmp_path / "agent.sqlite", rig.telescope.id)
        store.keep_wishes(Wishes(events={"nonsense": "old", "lvk:S1": "old", "x" * 500: "old"}))
        store.close()
        async with rig.running():
            await rig.sky_s(10)
            assert rig.coordinator.status.vetoed_events == ("lvk:S1",)
            assert rig.desk.take(a_word(Act.ALLOW_EVENT, "nonsense")) == "nonsense is welcome again"

    play(scenario, state=tmp_path)


def test_a_veto_has_its_reason_and_its_words(pointing):
    wishes = heard(Wishes(), a_word(Act.VETO_EVENT, "lvk:S1"), T0, after(9))
    assert wishes.veto_of(pointing(), T0) == No(Reason.VETOED_BY_OPERATOR, "dome work (Ada)")


@pytest.mark.parametrize("enough", [True, False])
def test_a_yes_from_the_coordinator_is_enough_where_the_site_says_so(play, pointing, telescope, enough):
    policy = SitePolicy(human_approval=True, coordinator_may_approve=enough)

    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=300.0, accept_within_s=600.0))
            await rig.sky_s(100)
            assert rig.told() == []
            approved = pointing(start_s=300.0, accept_within_s=600.0, revision=2, approved_by="Ada")
            rig.coordinator.offer(approved)
            await rig.sky_s(1000)
        assert rig.told() == (["accepted", "slewing", "exposing", "completed"] if enough else [])

    play(scenario, telescope=telescope(policy=policy))


def test_a_second_yes_makes_nobody_observe_twice(play, pointing, telescope):
    """A person at the site said yes, the look is done, and the coordinator's own yes comes after it."""
    policy = SitePolicy(human_approval=True, coordinator_may_approve=True)

    async def scenario(rig):
        async with rig.running():
            offer = pointing(start_s=300.0, accept_within_s=600.0)
            rig.coordinator.offer(offer)
            await rig.sky_s(100)
            rig.desk.take(a_word(Act.APPROVE, offer.pointing_id))
            await rig.sky_s(1000)
            assert rig.told() == ["accepted", "slewing", "exposing", "completed"]
            rig.coordinator.offer(replace(offer, revision=2, approved_by="Ada"))
            await rig.sky_s(3000)
            assert rig.told() == ["accepted", "slewing", "exposing", "completed"]

    play(scenario, telescope=telescope(policy=policy))
