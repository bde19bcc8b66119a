"""Signs of life of a stream: silence is an alarm, a person's message is no sign of the stream."""

from coordinator.dashboard.sentences import sentence
from coordinator.services.assess import MapSummary
from coordinator.services.documents import document
from coordinator.services.intake import Intake
from coordinator.services.journal import InMemoryBlobs, InMemoryJournal, Writer
from coordinator.services.state import ObservatoryState
from coordinator.services.state_snapshot import read_state, write_state
from coordinator.sources.pulse import Pulse
from telescopes.description.clocks import LinkTime, SystemSkyClock


async def no_map(data: bytes) -> MapSummary:
    raise AssertionError("no map in these messages")


class Hand:
    """A link clock set by hand."""

    at = 100.0

    def now(self) -> LinkTime:
        return LinkTime(self.at)


def test_silence_becomes_an_alarm_and_ends_with_the_next_sign() -> None:
    link = Hand()
    pulse = Pulse("gcn", link, silence_after_s=60.0)
    link.at += 60.0
    assert (pulse.state, pulse.alarm) == ("watching", False)
    link.at += 1.0
    assert (pulse.state, pulse.alarm) == ("silent", True)
    assert pulse.because == "no sign of life for 61 s"
    pulse.handed_over()
    assert pulse.state == "silent" and pulse.says()["last_message_age_s"] == 0.0
    pulse.sign("heartbeats")
    assert (pulse.state, pulse.because) == ("watching", None)


def test_a_stream_that_may_be_silent_never_alarms() -> None:
    link = Hand()
    pulse = Pulse("files", link)
    link.at += 1e6
    assert (pulse.state, pulse.says()["last_message_age_s"]) == ("watching", None)


def test_who_cannot_be_reached_is_away_until_something_comes() -> None:
    link = Hand()
    pulse = Pulse("gcn", link, silence_after_s=60.0)
    pulse.away_because = "all brokers are down"
    assert (pulse.state, pulse.because) == ("away", "all brokers are down")
    link.at += 61.0
    assert (pulse.state, pulse.because) == ("silent", "no sign of life for 61 s; all brokers are down")
    pulse.message("alert")
    assert pulse.state == "watching" and pulse.counts == {"alert": 1}


def test_a_stream_that_cannot_run_says_why() -> None:
    pulse = Pulse("gcn", Hand())
    pulse.refused_because = "environment variable GCN_ID: is not set"
    assert (pulse.state, pulse.alarm, pulse.because) == ("refused", True, "environment variable GCN_ID: is not set")


async def test_a_silence_is_in_the_journal_and_in_what_is_read_of_it() -> None:
    journal = InMemoryJournal()
    writer = await Writer.elected(journal, "source/gcn")
    intake = Intake(writer, InMemoryBlobs(), SystemSkyClock(), no_map, "gcn")
    await intake.note_stream("silent", "no sign of life for 61 s")
    state = ObservatoryState()
    touched = [state.apply(stored) for stored in journal.stored]
    assert touched[-1] == {("stream", "gcn")}
    shown = document(state, "stream", "gcn")
    assert shown is not None and (shown["state"], shown["because"]) == ("silent", "no sign of life for 61 s")
    again = read_state(write_state(state, "j"), "j")
    assert again.streams == state.streams
    assert sentence(journal.stored[-1].entry) == "stream gcn is silent (no sign of life for 61 s)"
