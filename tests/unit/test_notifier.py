"""Nobody has to watch a page: what the journal brings is told by rule, once, at least once, and written down."""

from datetime import timedelta

from builders.dispatch import START
from builders.telling import EVERYTHING, Drawer, Night

from coordinator.alerts.alert import Purpose
from coordinator.dispatch.facts import TelescopeStatusChanged
from coordinator.events.rules import Action, Decision
from coordinator.services.facts import entry_of
from coordinator.services.journal import Entry
from coordinator.services.notifier import Perseverance
from coordinator.services.notify_settings import NotifyRule
from coordinator.vetting.facts import FollowUpRequested
from telescopes.description.errors import Refused, RetryLater

AWAY = RetryLater("is away", where="there", mend="wait", after_s=0.0)


async def test_every_kind_of_news_is_told_with_a_link_to_the_page() -> None:
    night, drawer = Night(), Drawer()
    async with night.told({"shift": drawer}):
        for number, happens in enumerate(
            [night.event, night.candidate, night.lost, night.silent, night.riddle, lambda: night.event(retracted=True)]
        ):
            await happens()
            await night.settled(number + 1)
    assert drawer.titles == [
        "new event S1: BNS 0.92, 90 % in 118 deg²",
        "c1 may be the counterpart of lvk:S1: probability 0.9",
        "telescope tca does not answer; it holds 0 pointings",
        "stream lvk is silent: nothing for 90 s",
        "a message from files is not understood: no JSON",
        "S1 is retracted: stop looking",
    ]
    assert [letter.link for letter in drawer.letters] == [
        "https://page/?event=lvk%3AS1",
        "https://page/events/lvk%3AS1/candidates/c1",
        "https://page/telescopes/tca",
        "https://page/system",
        "https://page/quarantine",
        "https://page/?event=lvk%3AS1",
    ]
    assert [(e.body["outlet"], e.subject) for e in night.of("notice_told")][:2] == [
        ("shift", "lvk:S1"), ("shift", "lvk:S1/c1"),
    ]  # fmt: skip


async def test_what_waits_for_a_person_is_told_when_it_begins_to_wait() -> None:
    night, drawer = Night(), Drawer()
    async with night.told({"shift": drawer}, NotifyRule(("waiting",), ("shift",))):
        await night.event(significant=False)
        await night.decided(Action.ASK)
        await night.settled(1)
        await night.decided(Action.ASK)
        await night.event("S2", key="lvk:S2")
        await night.decided(Action.ASK, "lvk:S2")
        await night.settled(2)
    assert [title.partition(" waits")[0] for title in drawer.titles] == ["S1", "S2"]


async def test_an_event_is_told_once_however_often_it_is_revised_and_decided() -> None:
    night, drawer = Night(), Drawer()
    async with night.told({"shift": drawer}, NotifyRule(("event", "quarantine"), ("shift",))):
        for _ in range(3):
            await night.event()
            await night.decided(Action.FOLLOW)
        await night.riddle()
        await night.settled(2)
    assert [letter.notices[0]["about"] for letter in drawer.letters] == ["event", "quarantine"]


async def test_a_subject_to_which_it_happens_again_is_told_again_after_a_while() -> None:
    night, drawer = Night(), Drawer()
    rule = NotifyRule(("telescope_lost",), ("shift",), again_after_min=1 / 60)  # the journal counts a second an entry
    async with night.told({"shift": drawer}, rule):
        first = await night.lost()
        await night.settled(1)
        again = await night.lost()  # the entry that tells of the first stands between: two seconds
        await night.settled(2)
    assert [letter.notices[0]["journal_seq"] for letter in drawer.letters] == [first.seq, again.seq]

    night, drawer = Night(), Drawer()
    async with night.told({"shift": drawer}, NotifyRule(("telescope_lost", "quarantine"), ("shift",))):
        await night.lost()
        await night.lost()
        await night.lost("tch")
        await night.riddle()
        await night.settled(3)
    assert [letter.notices[0]["subject"] for letter in drawer.letters] == ["tca", "tch", "files"]


async def test_a_rule_tells_its_own_of_what_it_names_alone() -> None:
    night, shift, chief = Night(), Drawer(), Drawer()
    rules = (
        NotifyRule(("event", "retraction"), ("chief",), purposes=("observation", "test")),
        NotifyRule(("candidate", "quarantine"), ("shift", "chief"), least_probability=0.8),
    )
    async with night.told({"shift": shift, "chief": chief}, *rules):
        await night.event("T1", key="lvk:T1", purpose=Purpose.TEST)
        await night.event("M1", key="lvk:M1", purpose=Purpose.MOCK)
        await night.event("S9", key="lvk:S9", significant=None)
        await night.candidate("faint", 0.79)
        await night.candidate("bright", 0.81)
        await night.settled(3)
    assert [letter.notices[0]["subject"] for letter in shift.letters] == ["lvk:S1/bright"]
    assert [letter.notices[0]["subject"] for letter in chief.letters] == ["lvk:T1", "lvk:S1/bright"]


async def test_who_is_away_is_asked_again_and_keeps_nobody_else_waiting() -> None:
    night, away, there = Night(), Drawer(errors=[AWAY, AWAY, AWAY]), Drawer()
    async with night.told({"away": away, "there": there}):
        await night.event()
        told = await night.settled(2)
    assert {e.body["outlet"]: e.body["tries"] for e in told} == {"away": 4, "there": 1}
    assert away.titles == there.titles


async def test_what_is_refused_is_written_down_with_the_reason_and_the_next_goes_out() -> None:
    night = Night()
    drawer = Drawer(errors=[Refused("answers 410 Gone", where="there", mend="look")])
    async with night.told({"shift": drawer}):
        await night.event()
        await night.settled(1)
        await night.lost()
        await night.settled(2)
    (refused,) = night.of("notice_not_told")
    assert (refused.body["because"], refused.body["tries"]) == ("answers 410 Gone", 1)
    assert drawer.titles == ["telescope tca does not answer; it holds 0 pointings"]


async def test_what_was_under_way_when_the_notifier_died_is_told_by_the_next_and_nothing_twice() -> None:
    night, drawer = Night(), Drawer()
    async with night.told({"shift": drawer}):
        await night.event()
        await night.settled(1)
        drawer.errors = [AWAY] * 1_000_000
        await night.lost()
        await drawer.asked(4)
    await night.riddle()  # while nobody tells
    drawer.errors = []
    async with night.told({"shift": drawer}):
        await night.settled(3)
    async with night.told({"shift": drawer}):
        await night.silent()
        await night.settled(4)
    assert [letter.notices[0]["about"] for letter in drawer.letters] == [
        "event", "telescope_lost", "quarantine", "stream_silent",
    ]  # fmt: skip


async def test_the_first_notifier_of_a_journal_tells_nothing_of_what_was_before() -> None:
    night, drawer = Night(), Drawer()
    await night.event()
    await night.lost()
    async with night.told({"shift": drawer}):
        await night.lost("tch")
        await night.settled(1)
    assert drawer.titles == ["telescope tch does not answer; it holds 0 pointings"]


async def test_in_quiet_hours_nothing_is_sent_and_then_it_comes() -> None:
    night, drawer = Night(), Drawer()
    night.utc = night.utc.replace(hour=1)
    quiet = NotifyRule(EVERYTHING, ("shift",), quiet_hours="22:00-06:30")
    loud = NotifyRule(("retraction",), ("loud",))
    other = Drawer()
    async with night.told({"shift": drawer, "loud": other}, quiet, loud):
        await night.event()
        await night.event(retracted=True)
        await night.settled(1)
        assert (drawer.tried, len(other.letters)) == (0, 1)
    night.later(hours=5.6)
    async with night.told({"shift": drawer, "loud": other}, quiet, loud):
        await night.settled(3)
    assert [letter.notices[0]["about"] for letter in drawer.letters] == ["event", "retraction"]


async def test_what_is_a_day_old_is_given_up_and_says_so() -> None:
    night, drawer = Night(), Drawer(errors=[AWAY] * 1_000_000)
    patience = Perseverance(0.001, 0.002, timedelta(hours=24))
    async with night.told({"shift": drawer}, patience=patience):
        await night.event()
        await drawer.asked(1)
        night.later(hours=25)
        (entry,) = await night.settled(1)
    assert entry.kind == "notice_not_told"
    assert entry.body["because"] == "given up: it is too old now; is away"


async def test_many_at_once_become_one_letter() -> None:
    night, drawer = Night(), Drawer(errors=[AWAY] * 50)
    async with night.told({"shift": drawer}, patience=Perseverance(0.02, 0.02)):
        await night.riddle()
        for number in range(12):
            await night.lost(f"tel-{number:02d}")
        drawer.errors = []
        await night.settled(13)
    assert [len(letter.notices) for letter in drawer.letters] == [1, 12]
    assert drawer.titles[1] == "12 things, the first: telescope tel-00 does not answer; it holds 0 pointings"
    assert len(drawer.letters[1].lines) == 12


async def test_text_from_outside_stays_on_its_line() -> None:
    night, drawer = Night(), Drawer()
    async with night.told({"shift": drawer}):
        await night.event("S1\r\nBcc: everybody@example.org\u2028\x00" + "x" * 1000)
        await night.settled(1)
    (letter,) = drawer.letters
    assert letter.title.startswith("new event S1 Bcc: everybody@example.org xxx")
    assert len(letter.title) == 300
    assert all(line.isprintable() for line in (letter.title, *letter.lines))


async def test_how_far_the_journal_was_read_is_written_down_when_nothing_happens() -> None:
    night, drawer = Night(), Drawer()
    async with night.told({"shift": drawer}):
        for _ in range(51):
            for _ in range(100):
                await night.write(Entry("log", {}, night.utc))
        await night.until("notices_read", 2)
    assert night.of("notices_read")[-1].body["upto"] >= 5000
    assert drawer.letters == []


async def test_what_began_to_wait_before_something_else_of_the_same_moment_outlives_a_restart() -> None:
    night, shift, other = Night(), Drawer(), Drawer()
    night.utc = night.utc.replace(hour=1)
    quiet = NotifyRule(("waiting",), ("shift",), quiet_hours="22:00-06:30")
    loud = NotifyRule(("telescope_lost",), ("loud",))
    async with night.told({"shift": shift, "loud": other}, quiet, loud):
        await night.event(significant=False)
        ask = entry_of("event_decided", Decision(Action.ASK, "a rule", "?"), sky_time=START, event="lvk:S1")
        lost = entry_of("telescope_status_changed", TelescopeStatusChanged("lost"), sky_time=START, telescope="tca")
        await night.write(ask, lost)
        await night.settled(1)
    night.later(hours=5.6)
    async with night.told({"shift": shift, "loud": other}, quiet, loud):
        await night.settled(2)
    assert [title.partition(" waits")[0] for title in shift.titles] == ["S1"]


async def test_what_waits_of_an_event_that_is_a_test_wakes_nobody_who_is_not_told_of_tests() -> None:
    night, drawer = Night(), Drawer()
    async with night.told({"shift": drawer}, NotifyRule(("waiting", "telescope_lost"), ("shift",))):
        await night.event(purpose=Purpose.TEST)
        look = FollowUpRequested("lvk:S1", "c1", "follow-up:c1:r:1", 1.0, 2.0, ("r",), 19.0, "x", wants_yes=True)
        await night.happens("follow_up_requested", look, event="lvk:S1", subject="c1")
        await night.lost()
        await night.settled(1)
    assert [letter.notices[0]["about"] for letter in drawer.letters] == ["telescope_lost"]


async def test_a_coincidence_is_told_of_and_one_that_wants_a_look_says_so() -> None:
    night, drawer = Night(), Drawer()
    rule = NotifyRule(("coincidence",), ("shift",), again_after_min=1 / 60)  # the journal counts a second an entry
    async with night.told({"shift": drawer}, rule):
        await night.event()
        await night.coincidence(tell=False)
        await night.settled(1)
        await night.coincidence(tell=True, because="Their maps exclude each other.")
        await night.settled(2)
    assert drawer.titles == [
        "S1: GRB 1 came +2 s from S1.", "a person should look at S1: Their maps exclude each other.",
    ]  # fmt: skip
    assert {letter.notices[0]["about"] for letter in drawer.letters} == {"coincidence"}


async def test_who_is_told_of_what_waits_hears_of_a_coincidence_that_wants_a_look_alone() -> None:
    night, drawer = Night(), Drawer()
    async with night.told({"shift": drawer}, NotifyRule(("waiting",), ("shift",))):
        await night.event()
        await night.coincidence(tell=False)
        await night.coincidence(tell=True, because="Their maps exclude each other.")
        await night.settled(1)
    (title,) = drawer.titles
    assert "Their maps exclude each other" in title
