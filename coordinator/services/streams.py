"""What can be set about an alert source, by its kind of transport; a secret is named by its environment variable."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

Kind = Literal["folder", "kafka", "hop", "http_push", "http_poll", "replay"]
Preset = Literal["gcn", "scram", "plain"]
Auth = Literal["bearer", "hmac"]
Option = str | int | float | bool


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """One alert source: `kind` is its transport, and says which of the other keys count.

    Attributes
    ----------
    id : str
        What it is called; its actor and its alerts carry the name.
    kind : str
        folder, kafka, hop, http_push, http_poll or replay.
    silence_after_s : float, optional
        Link seconds without a sign of life after which silence is an alarm; None: silence is normal.
    folder : Path, optional
        The watched folder; None: `<state>/inbox`.
    preset : str
        How a Kafka broker knows us: gcn (OIDC at GCN), scram (user and password over TLS), plain (not at all).
    brokers, topics : tuple of str
        Where, and what is read there.
    group_id : str, optional
        The consumer group; None: one of this journal's own, so that a fresh journal reads what the broker still has.
    domain : str
        Which GCN: gcn.nasa.gov, test.gcn.nasa.gov or dev.gcn.nasa.gov.
    user_env, secret_env : str, optional
        Names of the environment variables that hold user (or client id) and secret.
    heartbeat_topic : str, optional
        A topic whose messages say that the stream lives, and nothing else: they are not kept.
    options : dict
        More of librdkafka's own settings.
    host, port : str, int
        Where pushed alerts are listened for.
    auth : str
        How a pusher shows who it is: a bearer token, or a signature of the body (hmac).
    most_mb : float
        The longest message that may be pushed or polled, MB.
    url, interval_s : str, float
        What is polled, and how often.
    headers, secret_headers, form, secret_form : dict
        What a poll sends: plainly, or by environment variable. A form makes it a POST.
    recording, speed : Path, float
        What is replayed, and how many times faster than it came; 0: without a pause.
    schema_registry : str
        The web address of a registry of Avro schemas (Confluent's REST form), for every stream; empty: none.
    registry_user_env, registry_secret_env : str, optional
        Names of the environment variables with user and password there.
    survey : bool
        A survey's stream of Avro packets: only what an active event may be waiting for goes further.
    survey_region : float
        Of which probability an event's credible region is.
    survey_before_h, survey_after_h : float
        From how long before an event's T0 on, and until how long after it, a detection may belong to it (sky hours).
    """

    id: str = "files"
    kind: Kind = "folder"
    silence_after_s: float | None = None
    folder: Path | None = None
    preset: Preset = "plain"
    brokers: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    group_id: str | None = None
    domain: str = "gcn.nasa.gov"
    user_env: str | None = None
    secret_env: str | None = None
    heartbeat_topic: str | None = None
    options: dict[str, Option] = field(default_factory=dict)
    host: str = "127.0.0.1"
    port: int = 8010
    auth: Auth = "bearer"
    most_mb: float = 16.0
    url: str = ""
    interval_s: float = 60.0
    headers: dict[str, str] = field(default_factory=dict)
    secret_headers: dict[str, str] = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)
    secret_form: dict[str, str] = field(default_factory=dict)
    recording: Path | None = None
    speed: float = 1.0
    schema_registry: str = ""
    registry_user_env: str | None = None
    registry_secret_env: str | None = None
    survey: bool = False
    survey_region: float = 0.9
    survey_before_h: float = 1.0
    survey_after_h: float = 336.0


REGISTRY = frozenset({"schema_registry", "registry_user_env", "registry_secret_env"})
ALWAYS = frozenset({"id", "kind", "silence_after_s"}) | REGISTRY
KAFKA = frozenset({"brokers", "topics", "group_id", "user_env", "secret_env", "heartbeat_topic", "options"})
SURVEY = frozenset({"survey", "survey_region", "survey_before_h", "survey_after_h"})
KEYS: dict[str, frozenset[str]] = {
    "folder": frozenset({"folder"}) | SURVEY,
    "kafka": KAFKA | {"preset", "domain"} | SURVEY,
    "hop": KAFKA | SURVEY,
    "http_push": frozenset({"host", "port", "auth", "secret_env", "most_mb"}),
    "http_poll": frozenset({"url", "interval_s", "most_mb", "headers", "secret_headers", "form", "secret_form"}),
    "replay": frozenset({"recording", "speed"}) | SURVEY,
}
"""Which keys count for which kind, besides those that always do."""

NEEDED: dict[str, tuple[str, ...]] = {
    "kafka": ("topics",),
    "kafka gcn": ("user_env", "secret_env"),
    "kafka scram": ("brokers", "user_env", "secret_env"),
    "kafka plain": ("brokers",),
    "hop": ("topics",),
    "http_push": ("secret_env",),
    "http_poll": ("url",),
    "replay": ("recording",),
}
BOUNDS = {
    "silence_after_s": (0.1, 31_536_000.0),
    "port": (1, 65535),
    "most_mb": (0.001, 512.0),
    "interval_s": (0.1, 86_400.0),
    "speed": (0.0, 1e9),
    "survey_region": (0.01, 0.999),
    "survey_before_h": (0.0, 8760.0),
    "survey_after_h": (0.1, 8760.0),
}
OURS = ("group.id", "enable.auto.commit", "enable.auto.offset.store", "auto.offset.reset")
"""What nobody may set otherwise: an offset is committed when its message is in the journal, and not before."""

ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
LOCAL = re.compile(r"http://(localhost|127\.0\.0\.1|\[::1\])([:/]|$)")

Found = Iterator[tuple[str, str, str]]
"""A key, what is wrong with it, and the mend."""


def stream_problems(stream: Mapping[str, Any]) -> Found:
    """Name what does not fit together in one stream's table; of what type things are, others say."""
    kind = stream.get("kind", "folder")
    if kind not in KEYS:
        return
    known = {name for name in StreamSettings.__dataclass_fields__}
    for key in stream:
        if key in known - ALWAYS - KEYS[kind]:
            kinds = " or ".join(one for one, keys in KEYS.items() if key in keys)
            yield key, f"means nothing to a {kind} stream", f"remove it; it belongs to {kinds}"
    yield from _missing(stream, kind)
    yield from _out_of_bounds(stream)
    yield from _not_a_name(stream)
    yield from _kafka_problems(stream)
    yield from _url_problems(stream)
    yield from _registry_problems(stream)
    for key in SURVEY - {"survey"} if not stream.get("survey") else ():
        if key in stream:
            yield key, "means nothing to a stream that is no survey's", "remove it, or set survey = true"


def several_registries(streams: Iterable[Mapping[str, Any]]) -> Found:
    """Find a second registry: an id means one schema in one, and another one in another."""
    named = dict.fromkeys(str(stream["schema_registry"]) for stream in streams if stream.get("schema_registry"))
    if len(named) > 1:
        yield "streams", f"more than one schema_registry: {', '.join(named)}", "name one: its schemas serve all streams"


def _missing(stream: Mapping[str, Any], kind: str) -> Found:
    preset = f"{kind} {stream.get('preset', 'plain')}" if kind == "kafka" else kind
    for key in dict.fromkeys((*NEEDED.get(kind, ()), *NEEDED.get(preset, ()))):
        if not stream.get(key):
            yield key, f"a {preset} stream needs it", "give it; see docs/guides/connect-a-stream.md"
    if kind == "hop" and bool(stream.get("user_env")) != bool(stream.get("secret_env")):
        yield (
            "user_env",
            "user and secret go together",
            "give both, or neither: then hop's own file counts",
        )


def _out_of_bounds(stream: Mapping[str, Any]) -> Found:
    for key, (least, most) in BOUNDS.items():
        value = stream.get(key)
        if isinstance(value, int | float) and not least <= value <= most:
            yield key, f"{value!r} cannot be used", f"give a number between {least:g} and {most:g}"


def _not_a_name(stream: Mapping[str, Any]) -> Found:
    """Find what looks like a secret where the name of its variable belongs; it is not repeated."""
    variables = ("user_env", "secret_env", "registry_user_env", "registry_secret_env")
    named: dict[str, Any] = {key: stream.get(key) for key in variables}
    for table in ("secret_headers", "secret_form"):
        held = stream.get(table)
        named |= {f"{table}.{key}": value for key, value in held.items()} if isinstance(held, dict) else {}
    for key, value in named.items():
        if isinstance(value, str) and value and not ENVIRONMENT_NAME.fullmatch(value):
            yield key, "is no name of an environment variable", "give the variable's name here, the secret in it"


def _kafka_problems(stream: Mapping[str, Any]) -> Found:
    options = stream.get("options")
    for name in OURS:
        if isinstance(options, dict) and name in options:
            mend = "give group_id" if name == "group.id" else "remove it: offsets follow the journal"
            yield f"options.{name}", "cannot be set", mend
    topics, heartbeat = stream.get("topics"), stream.get("heartbeat_topic")
    if isinstance(topics, list) and heartbeat in topics:
        yield "heartbeat_topic", f"{heartbeat!r} is also a topic of alerts", "name it once, as heartbeat_topic"


def _url_problems(stream: Mapping[str, Any]) -> Found:
    for key in ("url", "schema_registry"):
        url = stream.get(key)
        if isinstance(url, str) and url and not url.startswith("https://") and not LOCAL.match(url):
            yield key, f"{url!r} is not safe to poll", "give an https address; http is for this machine alone"


def _registry_problems(stream: Mapping[str, Any]) -> Found:
    url, user, secret = (stream.get(key) for key in ("schema_registry", "registry_user_env", "registry_secret_env"))
    if isinstance(url, str) and not _is_address(url):
        yield "schema_registry", "is no address, or holds more than one", "give scheme, host and path alone"
    if bool(user) != bool(secret):
        yield "registry_user_env", "user and secret go together", "give both, or neither"
    elif user and not url:
        yield "registry_user_env", "there is no registry to show it to", "give schema_registry too"


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname or not url) and parts.username is None and not parts.query and parts.port != 0
    except ValueError:
        return False
