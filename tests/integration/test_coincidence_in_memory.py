"""Two streams and one source, in an observatory in memory: searched once, on the common sky, in any order."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders.correlating import BURST, PACE, WAVE, Hand, a_cone_map, on_hand
from builders.notices import a_map

from coordinator.services.state import ObservatoryState
from coordinator.services.state_snapshot import read_state, write_state
from coordinator.sky.read import read_skymap
from telescopes.description.states import LIVE


def live_events(hand: Hand) -> set[str]:
    every = hand.state.pointings.assignments.values()
    return {a.offered.pointing.event_id for a in every if a.state in LIVE and a.revocation is None}


def together(hand: Hand) -> None:
    """Check what must stand once both have come in."""
    wave, burst, fact = hand.event(WAVE), hand.event(BURST), hand.found()
    assert fact.sky is not None and wave.skymap_sha256 == fact.sky.skymap_sha256
    assert burst.searched_as == WAVE and hand.planned() == (WAVE,)
    assert live_events(hand) == {WAVE}, "the burst's open pointings are asked back"
    tie = fact.partners[0]
    assert (tie.key, tie.dt_s, tie.window_s) == (BURST, 2.0, (-1.0, 5.0))
    assert tie.overlap is not None and tie.overlap > 10
    assert tie.far_temporal_hz == pytest.approx(6 * 1e-11 * 325 / (365 * 86400))
    assert tie.far_spacetime_hz == pytest.approx(tie.far_temporal_hz / tie.overlap)
    assert "GRB" in fact.partners[0].kind and "S260320ab" in fact.because
    sky = read_skymap(hand.observatory.blobs.data[fact.sky.skymap_sha256])
    assert sky.has_distance and sky.probability.sum() == pytest.approx(1.0)


def test_a_burst_that_comes_after_the_wave_makes_a_new_plan_on_the_common_sky() -> None:
    async def play(hand: Hand) -> None:
        await hand.wave()
        await hand.settle()
        own = hand.event(WAVE).skymap_sha256
        assert hand.planned() == (WAVE,) and hand.told() == []
        await hand.burst()
        await hand.settle()
        together(hand)
        assert hand.event(WAVE).coincidence.own_skymap_sha256 == own  # type: ignore[union-attr]
        await hand.take_back_burst()
        await hand.settle()
        assert hand.told() == ["coincidence_found", "coincidence_lost"]
        assert hand.event(WAVE).skymap_sha256 == own and hand.event(WAVE).coincidence is None
        assert hand.planned() == (WAVE,)

    on_hand(play)


@pytest.mark.slow
def test_a_wave_that_comes_after_the_burst_takes_its_search_over_and_gives_it_back() -> None:
    async def play(hand: Hand) -> None:
        await hand.burst()
        await hand.settle()
        own = hand.event(BURST).skymap_sha256
        assert hand.planned() == (BURST,) and live_events(hand) == {BURST}
        await hand.wave()
        await hand.settle(120.0)
        together(hand)
        await hand.wave("RETRACTION", 60)
        await hand.settle()
        assert hand.event(BURST).skymap_sha256 == own and hand.event(BURST).searched_as is None
        assert hand.planned() == (BURST,) and live_events(hand) == {BURST}

    on_hand(play)


def stands(hand: Hand) -> tuple[object, ...]:
    return hand.state.event_hash(), hand.state.coincidences, hand.state.events


@pytest.mark.slow
def test_whoever_came_first_the_same_stands_in_the_end() -> None:
    ends = []

    async def wave_first(hand: Hand) -> None:
        await hand.wave()
        await hand.settle()
        await hand.burst()
        await hand.settle(120.0)
        ends.append(stands(hand))

    async def burst_first(hand: Hand) -> None:
        await hand.burst()
        await hand.settle()
        await hand.wave()
        await hand.wave()
        await hand.settle(120.0)
        ends.append(stands(hand))

    on_hand(wave_first)
    on_hand(burst_first)
    assert ends[0] == ends[1]


@pytest.mark.slow
def test_a_newer_map_of_the_wave_makes_a_newer_common_sky() -> None:
    async def play(hand: Hand) -> None:
        await hand.wave()
        await hand.burst()
        await hand.settle()
        before = hand.found()
        await hand.wave("UPDATE", 600, a_map(7))
        await hand.settle()
        after = hand.found()
        assert before.own[WAVE] != after.own[WAVE]
        assert hand.event(WAVE).skymap_sha256 == after.sky.skymap_sha256  # type: ignore[union-attr]
        assert "coincidence_lost" not in hand.told()

    on_hand(play)


@pytest.mark.slow
def test_a_burst_out_of_time_or_elsewhere_on_the_sky_is_searched_on_its_own() -> None:
    async def late(hand: Hand) -> None:
        await hand.wave()
        await hand.burst(a_cone_map(after_s=60.0))
        await hand.settle()
        assert hand.told() == [] and set(hand.planned()) == {WAVE, BURST}

    async def elsewhere(hand: Hand) -> None:
        await hand.wave()
        await hand.burst(a_cone_map(dec_deg=-50.0))
        await hand.settle()
        assert hand.found().tell and hand.found().sky is None
        assert set(hand.planned()) == {WAVE, BURST}

    on_hand(late)
    on_hand(elsewhere)


def test_a_scheduler_that_is_killed_says_nothing_twice_and_its_snapshot_holds_the_coincidence() -> None:
    async def play(hand: Hand) -> None:
        await hand.wave()
        await hand.burst()
        await hand.settle()
        hand.observatory.scheduler.kill(5.0)
        await hand.settle()
        assert hand.told() == ["coincidence_found"]
        together(hand)
        state = hand.state
        again: ObservatoryState = read_state(write_state(state, "memory"), "memory")
        assert again.coincidences == state.coincidences and again.hash() == state.hash()

    on_hand(play)


@pytest.mark.slow
def test_a_burst_that_its_stream_takes_for_none_gives_the_wave_its_own_sky_back_at_once() -> None:
    async def play(hand: Hand) -> None:
        await hand.wave()
        await hand.settle()
        own = hand.event(WAVE).skymap_sha256
        await hand.burst()
        await hand.settle()
        assert hand.event(WAVE).skymap_sha256 != own
        await hand.close_burst()
        await hand.settle(1.0)
        assert hand.event(WAVE).skymap_sha256 == own and hand.event(BURST).closed == "a particle"
        await hand.settle()
        assert hand.told() == ["coincidence_found", "coincidence_lost"]
        assert hand.planned() == (WAVE,) and live_events(hand) == {WAVE}

    on_hand(play)


def test_a_map_that_is_fetched_later_makes_a_common_sky_as_soon_as_it_is_there() -> None:
    async def play(hand: Hand) -> None:
        await hand.wave()
        await hand.linked_burst()
        await hand.settle()
        assert hand.found().sky is None, "a burst without a map raises the wave and leaves its sky"
        await hand.fetched()
        await hand.settle(30.0)
        together(hand)

    on_hand(play)


def apart(hand: Hand) -> None:
    """Check what must stand once a person, or time, has parted the two."""
    assert hand.event(WAVE).coincidence is None and hand.event(BURST).coincidence is None
    assert hand.told()[-1] == "coincidence_lost"


@pytest.mark.slow
def test_a_person_who_dismisses_the_wave_leaves_the_burst_its_own_search_and_its_candidate() -> None:
    async def play(hand: Hand) -> None:
        await hand.wave()
        await hand.burst()
        await hand.settle()
        own = hand.found().own[BURST]
        visit = await hand.follow_up(BURST)
        await hand.settle(15.0)
        told = hand.looked_at_under(visit)
        assert set(told) == {WAVE}, "while both are searched as one"
        await hand.decide("dismiss", WAVE)
        await hand.settle()
        apart(hand)
        assert hand.event(BURST).skymap_sha256 == own and hand.planned() == (BURST,)
        assert live_events(hand) == {BURST}
        # What the two telescopes hold is asked back for it, and they never answer: their offers must run out first.
        await hand.settle(60.0)
        assert set(hand.looked_at_under(visit)[len(told) :]) == {BURST}, "nobody looked yet: it is offered again"
        await hand.decide("approve", WAVE)
        await hand.settle(120.0)
        together(hand)

    on_hand(play)


@pytest.mark.slow
def test_a_person_who_dismisses_the_burst_gives_the_wave_its_own_sky_back() -> None:
    async def play(hand: Hand) -> None:
        await hand.wave()
        await hand.settle()
        own = hand.event(WAVE).skymap_sha256
        await hand.burst()
        await hand.settle()
        await hand.decide("dismiss", BURST)
        await hand.settle(1.0)
        assert hand.event(WAVE).skymap_sha256 == own, "at once"
        await hand.settle()
        apart(hand)
        assert hand.planned() == (WAVE,) and live_events(hand) == {WAVE}

    on_hand(play)


@pytest.mark.slow
def test_a_wave_that_runs_out_frees_its_burst_at_once_and_a_person_may_open_it_again() -> None:
    async def play(hand: Hand) -> None:
        await hand.weak_wave()
        await hand.burst()
        await hand.settle()
        assert hand.event(BURST).searched_as == WAVE
        await hand.settle(105.0)
        assert hand.event(BURST).searched_as == WAVE, "it runs out three minutes after the start"
        await hand.settle(30.0)
        apart(hand)
        assert hand.planned() == (BURST,) and live_events(hand) == {BURST}
        await hand.decide("approve", WAVE)
        await hand.settle(120.0)
        assert hand.event(BURST).searched_as == WAVE and hand.planned() == (WAVE,)

    on_hand(play, replace(PACE, scheduler=replace(PACE.scheduler, expire_after=timedelta(minutes=33))))
