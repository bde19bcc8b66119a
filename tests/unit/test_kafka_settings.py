"""What librdkafka is given. SCRAM and TLS are not tried against the live services: these are the settings alone."""

import pytest

from coordinator.services.streams import StreamSettings
from coordinator.sources.hop import read_hop_headers
from coordinator.sources.kafka_settings import consumer_settings
from coordinator.sources.record_headers import MAX_HEADERS, read_headers

GCN = StreamSettings("gcn", kind="kafka", preset="gcn", topics=("igwn.gwalert",))
COLIBRI = StreamSettings("colibri", kind="kafka", preset="scram", brokers=("b:9092",), topics=("t",))
HOP = StreamSettings("hop", kind="hop", topics=("igwn.gwalert",))
PLAIN = StreamSettings("plain", kind="kafka", brokers=("a:1", "b:2"), topics=("t",))


@pytest.mark.parametrize("stream", [GCN, COLIBRI, HOP, PLAIN], ids=lambda stream: stream.id)
def test_no_message_is_ever_passed_over(stream: StreamSettings) -> None:
    made = consumer_settings(stream, journal_id="0123456789abcdef", user="me", secret="hush")
    assert made["enable.auto.commit"] is False and made["enable.auto.offset.store"] is False
    assert made["auto.offset.reset"] == "earliest"
    assert made["group.id"].endswith(f"armillary-{stream.id}-0123456789ab")
    assert made["fetch.message.max.bytes"] >= 8 * 2**20
    assert made["receive.message.max.bytes"] > made["fetch.max.bytes"] >= made["fetch.message.max.bytes"]


def test_gcn_is_entered_by_oidc() -> None:
    made = consumer_settings(GCN, journal_id="j", user="me", secret="hush")
    assert made["bootstrap.servers"] == "kafka.gcn.nasa.gov"
    assert made["security.protocol"] == "sasl_ssl" and made["sasl.mechanisms"] == "OAUTHBEARER"
    assert made["sasl.oauthbearer.method"] == "oidc"
    assert (made["sasl.oauthbearer.client.id"], made["sasl.oauthbearer.client.secret"]) == ("me", "hush")
    assert made["sasl.oauthbearer.token.endpoint.url"] == "https://auth.gcn.nasa.gov/oauth2/token"
    test = StreamSettings("gcn", kind="kafka", preset="gcn", topics=("t",), domain="test.gcn.nasa.gov")
    made = consumer_settings(test, journal_id="j", user="m", secret="h")
    assert made["bootstrap.servers"] == "kafka.test.gcn.nasa.gov"


@pytest.mark.parametrize(("stream", "mechanism"), [(COLIBRI, "sasl.mechanisms"), (HOP, "sasl.mechanism")])
def test_others_are_entered_by_scram_over_tls(stream: StreamSettings, mechanism: str) -> None:
    made = consumer_settings(stream, journal_id="j", user="me", secret="hush")
    assert made["security.protocol"] == "SASL_SSL" and made[mechanism] == "SCRAM-SHA-512"
    assert (made["sasl.username"], made["sasl.password"]) == ("me", "hush")
    assert made["ssl.ca.location"]


def test_groups_begin_as_their_brokers_want() -> None:
    assert consumer_settings(HOP, journal_id="j", user="me-1", secret="h")["group.id"] == "me-1-armillary-hop-j"
    assert consumer_settings(COLIBRI, journal_id="j", user="me", secret="h")["group.id"] == "me.armillary-colibri-j"
    assert consumer_settings(HOP, journal_id="j", user="me", secret="h")["bootstrap.servers"] == "kafka.scimma.org:9092"
    assert consumer_settings(PLAIN, journal_id="j")["bootstrap.servers"] == "a:1,b:2"


def test_options_lie_over_ours_but_lose_no_message() -> None:
    options: dict[str, str | int | float | bool] = {"session.timeout.ms": 9000, "enable.auto.commit": True}
    stream = StreamSettings("p", kind="kafka", brokers=("a:1",), topics=("t",), group_id="mine", options=options)
    made = consumer_settings(stream, journal_id="j")
    assert (made["session.timeout.ms"], made["enable.auto.commit"], made["group.id"]) == (9000, False, "mine")


def test_headers_come_as_text_and_none_hides_another() -> None:
    raw = [("a", b"text"), ("b", b"\xff\x00"), ("c", None), ("d", b"1"), ("d", b"2"), ("d", b"1, 2")]
    assert read_headers(raw) == {"a": "text", "b": "ff00", "c": "", "d": "1, 2"}
    assert read_headers(None) == {}
    assert len(read_headers([(str(number), b"x") for number in range(1000)])) == MAX_HEADERS


@pytest.mark.parametrize("said", [b"true", b"false", b"", None])
def test_whoever_sends_a_test_header_to_hop_sends_a_test(said: bytes | None) -> None:
    assert read_hop_headers([("_id", b"0123456789abcdef"), ("_test", said)]) == {
        "_id": b"0123456789abcdef".hex(),
        "_test": "true",
    }


def test_a_test_header_is_found_behind_however_many_others() -> None:
    raw = [*((str(number), b"x") for number in range(1000)), ("_test", b"true")]
    assert read_hop_headers(raw)["_test"] == "true"
    assert read_headers(raw)["_test"] == "true"
