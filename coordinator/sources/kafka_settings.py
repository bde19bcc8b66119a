"""The settings given to librdkafka: how a broker knows us, and that no message is passed over.

OIDC is as gcn-kafka sets it; SCRAM and TLS follow the brokers' own instructions and are not tried against them here.
"""

from collections.abc import Callable, Mapping
from typing import Any

from coordinator.services.streams import StreamSettings

LARGEST_MESSAGE_BYTES = 16 * 2**20
FETCHED_AT_ONCE_BYTES = 48 * 2**20

KEEPS_EVERY_MESSAGE = {
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "auto.offset.reset": "earliest",
}
"""Law 1: the offset is committed by us, after the journal; and whoever comes late begins with what is still there."""

BASE: dict[str, Any] = {
    "client.id": "armillary",
    "fetch.message.max.bytes": LARGEST_MESSAGE_BYTES,
    "fetch.max.bytes": FETCHED_AT_ONCE_BYTES,
    "receive.message.max.bytes": FETCHED_AT_ONCE_BYTES + LARGEST_MESSAGE_BYTES,
    "queued.max.messages.kbytes": FETCHED_AT_ONCE_BYTES // 1024,
    "fetch.wait.max.ms": 100,
    "reconnect.backoff.ms": 100,
    "reconnect.backoff.max.ms": 10_000,
    # A topic that nobody has written to yet is looked for again so often.
    "topic.metadata.refresh.interval.ms": 60_000,
    "statistics.interval.ms": 2_000,
}


def consumer_settings(
    stream: StreamSettings, *, journal_id: str, user: str | None = None, secret: str | None = None
) -> dict[str, Any]:
    """Return what a consumer of a Kafka or HOPSKOTCH stream is made with.

    Parameters
    ----------
    stream : StreamSettings
        What is set; `options` lie over what we would choose, but for what keeps every message.
    journal_id : str
        Names the consumer group where none is set: the same journal goes on where it stood, another one begins anew.
    user, secret : str, optional
        What the environment variables hold.

    Raises
    ------
    Refused
        There is no credential.
    """
    group = {"group.id": stream.group_id or default_group(stream, journal_id, user)}
    chosen = BASE | _member(stream, journal_id) | dict(stream.options) | group | KEEPS_EVERY_MESSAGE
    return _access(stream, chosen, user, secret)


def default_group(stream: StreamSettings, journal_id: str, user: str | None) -> str:
    """Return the group of a journal's own; brokers with SCRAM want it to begin with the user's name."""
    own = f"armillary-{stream.id}-{journal_id[:12]}"
    if user is None or (stream.kind == "kafka" and stream.preset == "gcn"):
        return own
    return f"{user}-{own}" if stream.kind == "hop" else f"{user}.{own}"


def _member(stream: StreamSettings, journal_id: str) -> dict[str, Any]:
    """Name the reader: one that was killed comes back as itself, and does not wait until the broker forgets it."""
    return {"group.instance.id": f"armillary-{stream.id}-{journal_id[:12]}"}


def _access(stream: StreamSettings, chosen: Mapping[str, Any], user: str | None, secret: str | None) -> dict[str, Any]:
    if stream.kind == "hop":
        from coordinator.sources.hop import hop_access

        return hop_access(stream.brokers, user, secret) | dict(chosen)
    brokers = {"bootstrap.servers": ",".join(stream.brokers)} if stream.brokers else {}
    match stream.preset:
        case "gcn":
            from gcn_kafka.core import get_config

            # What gcn_kafka.Consumer would be made with; a fresh group each time is what it does without a group.id.
            make: Callable[..., dict[str, Any]] = get_config
            return make("consumer", brokers | dict(chosen), client_id=user, client_secret=secret, domain=stream.domain)
        case "scram":
            return brokers | scram_access(user, secret) | dict(chosen)
        case "plain":
            return brokers | dict(chosen)


def scram_access(user: str | None, secret: str | None) -> dict[str, Any]:
    """Return the settings of a broker that wants user and password over TLS (Astro-COLIBRI, survey brokers)."""
    import certifi

    return {
        "security.protocol": "SASL_SSL",
        "sasl.mechanisms": "SCRAM-SHA-512",
        "sasl.username": user,
        "sasl.password": secret,
        "ssl.ca.location": certifi.where(),
    }
