"""Messages of HOPSKOTCH: payloads, envelopes, blobs, and those that lie in an archive."""

import asyncio
import base64
import json
from typing import Any

import pytest
from builders.archive import archived, bson
from builders.avro import ZTF_SCHEMA, a_ztf_packet, container

from coordinator.alerts.alert import Purpose
from coordinator.alerts.document import alerts_document
from coordinator.alerts.hopskotch_archive import read_archived
from coordinator.alerts.message import Alerts, Elsewhere, Ignored, Rejected, Understood
from coordinator.alerts.registry import understand
from coordinator.services.assess import Delivery, MapSummary, assess
from coordinator.services.offloaded import Fetch, follow
from telescopes.description.errors import Refused, RetryLater

URL = "https://archive.example/msg/f0b3f5b6"
NOTICE = {
    "superevent_id": "S261122qx",
    "alert_type": "RETRACTION",
    "time_created": "2026-11-22T21:18:31Z",
    "event": None,
}
POINTER = json.dumps({"url": URL}).encode()


async def read_map(_: bytes) -> MapSummary:
    raise AssertionError("no map is here")


def followed(pointer: bytes, fetch: Fetch | None, **headers: str) -> Understood:
    async def run() -> Understood:
        delivery = Delivery(pointer, "x", "test", headers=headers)
        meaning = await assess(delivery, read_map)
        assert isinstance(meaning, Elsewhere)
        return (await follow(delivery, meaning, lambda one: assess(one, read_map), fetch))[1]

    return asyncio.run(run())


def giving(data: bytes) -> Fetch:
    async def fetch(url: str) -> bytes:
        assert url == URL
        return data

    return fetch


def alert_key(meaning: Understood) -> str:
    assert isinstance(meaning, Alerts), meaning
    return meaning.alerts[0].event_key


@pytest.mark.parametrize("kind", ["json", "blob", "gcntextnotice"])
def test_a_payload_is_known_by_its_content_whatever_the_header_says(kind: str) -> None:
    assert alert_key(understand(json.dumps(NOTICE).encode(), name="x", headers={"_format": kind})) == "lvk:S261122qx"


def test_an_avro_payload_is_read() -> None:
    raw = container(ZTF_SCHEMA, a_ztf_packet())
    assert alert_key(understand(raw, name="x", headers={"_format": "avro"})) == "ztf.object:ZTF26aaabcde"


def test_the_envelope_of_old_messages_is_taken_off() -> None:
    for kind, content in (("json", NOTICE), ("blob", NOTICE), ("blob", json.dumps(NOTICE))):
        raw = json.dumps({"format": kind, "content": content}).encode()
        meaning = understand(raw, name="x")
        assert alert_key(meaning) == "lvk:S261122qx"
    assert isinstance(meaning, Alerts)
    twin = understand(json.dumps(NOTICE).encode(), name="x")
    assert isinstance(twin, Alerts) and twin.alerts[0].notice_id == meaning.alerts[0].notice_id


def test_avro_in_an_envelope_is_read() -> None:
    packed = base64.b64encode(container(ZTF_SCHEMA, a_ztf_packet())).decode()
    raw = json.dumps({"format": "avro", "content": packed}).encode()
    assert alert_key(understand(raw, name="x")) == "ztf.object:ZTF26aaabcde"


def test_an_envelope_in_an_envelope_is_not_opened() -> None:
    inner = {"format": "json", "content": NOTICE}
    assert isinstance(understand(json.dumps({"format": "json", "content": inner}).encode(), name="x"), Rejected)


def test_a_blob_without_any_form_is_kept() -> None:
    assert isinstance(understand(b"\xfe\xfd\xfc", name="x", headers={"_format": "blob"}), Rejected)
    assert isinstance(understand(b"\xfe\xfd\xfc", name="x"), Rejected)


def test_prose_is_ignored_and_a_text_of_fields_is_kept() -> None:
    assert isinstance(understand(b"Nothing here is told in any form.", name="x"), Ignored)
    assert isinstance(understand(b"TRIGGER: 12\nSRC_RA: 12.5 and so on and on", name="x"), Rejected)


def test_an_off_loaded_message_says_where_it_lies() -> None:
    assert understand(POINTER, name="x", headers={"_format": "external"}) == Elsewhere(URL)
    assert understand(POINTER, name="x") == Elsewhere(URL)


@pytest.mark.parametrize("url", [None, 7, "file:///etc/passwd", "https://" + "x" * 4000])
def test_an_off_loaded_message_with_a_bad_url_is_rejected(url: Any) -> None:
    assert isinstance(understand(json.dumps({"url": url}).encode(), name="x"), Rejected)


def test_what_cannot_be_fetched_is_kept_with_its_url() -> None:
    meaning = followed(POINTER, None)
    assert isinstance(meaning, Rejected) and meaning.reason.startswith(f"off-loaded: {URL}")
    document = alerts_document([("x", Elsewhere(URL))])
    assert URL in document["rejected"][0]["reason"]


def test_the_real_message_is_read_in_the_place_of_its_pointer() -> None:
    data = archived(json.dumps(NOTICE).encode(), _format=b"json", _id=bytes(range(240, 256)))
    assert alert_key(followed(POINTER, giving(data))) == "lvk:S261122qx"


def test_a_test_by_either_header_stays_a_test() -> None:
    plain, marked = archived(json.dumps(NOTICE).encode()), archived(json.dumps(NOTICE).encode(), _test=b"true")
    for meaning in (followed(POINTER, giving(plain), _test="true"), followed(POINTER, giving(marked))):
        assert isinstance(meaning, Alerts) and meaning.alerts[0].purpose is Purpose.TEST


def test_of_two_marks_the_stricter_holds_whichever_comes_first() -> None:
    yes, no = ["_test", b"true"], ["_test", b"false"]
    message = json.dumps(NOTICE).encode()
    for data, of_pointer in (
        (archived(message, yes, no), {}),
        (archived(message, no, yes), {}),
        (archived(message, yes), {"_test": "false"}),
        (archived(message, no), {"is_test": "1"}),
    ):
        meaning = followed(POINTER, giving(data), **of_pointer)
        assert isinstance(meaning, Alerts) and meaning.alerts[0].purpose is Purpose.TEST


@pytest.mark.parametrize("data", [b"", b"<html>", bson({"no": 1}), archived(b"x")[:-3], archived(POINTER)])
def test_what_is_no_archived_message_is_kept_with_its_url(data: bytes) -> None:
    meaning = followed(POINTER, giving(data))
    assert isinstance(meaning, Rejected) and URL in meaning.reason


def test_a_host_that_is_not_allowed_is_said_and_one_that_is_away_is_asked_again() -> None:
    async def forbidden(_: str) -> bytes:
        raise Refused("host not allowed", where=URL, mend="allow it")

    async def away(_: str) -> bytes:
        raise RetryLater("away", where=URL, mend="wait", after_s=5.0)

    meaning = followed(POINTER, forbidden)
    assert isinstance(meaning, Rejected) and "host not allowed" in meaning.reason
    with pytest.raises(RetryLater):
        followed(POINTER, away)


def test_headers_of_an_archived_message_come_as_text() -> None:
    message, headers = read_archived(archived(b"x", _format=b"voevent", _sender=b"me"), {})
    assert message == b"x" and headers == {"_format": "voevent", "_sender": "me"}
