"""Sources of alerts, built out of a stream's settings: transport, what it tells of itself, and a survey's sieve."""

import random
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Protocol

from coordinator.services.intake import Intake
from coordinator.services.streams import StreamSettings
from coordinator.settings import secret
from coordinator.sources.pulse import Pulse
from telescopes.description.clocks import MonotonicClock

if TYPE_CHECKING:
    from coordinator.services.survey_watching import SurveyWatching
    from coordinator.sources.schema_registry import Registry
    from coordinator.sources.survey_sieve import SiftingIntake, SurveySieve

HEARTBEATS_WITHIN_S = 60.0
"""A stream with heartbeats has one a second or so: a minute without is an alarm, unless set otherwise."""


def registry_of(stream: StreamSettings) -> "Registry":
    """Build who is asked for schemas, as a stream names it.

    Raises
    ------
    Refused
        A secret is not where the settings say.
    """
    from coordinator.sources.schema_registry import Registry

    user, held = stream.registry_user_env, stream.registry_secret_env
    return Registry(stream.schema_registry, user and secret(user), held and secret(held))


class Source(Protocol):
    """A transport of alerts."""

    async def run(self) -> None:
        """Bring messages to the intake until cancelled, or until there are no more."""
        ...


def pulse(stream: StreamSettings) -> Pulse:
    """Build what a stream tells of itself."""
    silence_after_s = stream.silence_after_s
    if silence_after_s is None and stream.heartbeat_topic is not None:
        silence_after_s = HEARTBEATS_WITHIN_S
    return Pulse(stream.id, MonotonicClock(), silence_after_s)


def survey(stream: StreamSettings, taker: Intake, told: Pulse) -> "tuple[SurveySieve, SurveyWatching]":
    """Build a survey's sieve, and what tells it which events to watch for."""
    from coordinator.services.survey_filter import SurveyFilter
    from coordinator.services.survey_watching import SurveyWatching
    from coordinator.sources.map_thread import read_region_in_thread
    from coordinator.sources.survey_sieve import SurveySieve

    sieve = SurveyFilter(schemas=taker.schemas)
    watching = SurveyWatching(
        taker.writer.journal,
        taker.blobs,
        taker.sky_clock,
        sieve,
        partial(read_region_in_thread, level=stream.survey_region),
        before=timedelta(hours=stream.survey_before_h),
        after=timedelta(hours=stream.survey_after_h),
    )
    return SurveySieve(sieve, told, MonotonicClock(), random.Random(), taker.learn_schema), watching


def source(
    stream: StreamSettings, taker: Intake, told: Pulse, journal_id: str, sieve: "SurveySieve | None" = None
) -> Source:
    """Build the transport of one stream; `sieve` is that of a survey's.

    Raises
    ------
    Refused
        A secret is not where the settings say, or there is no recording.
    """
    if stream.schema_registry:
        registry_of(stream)
    match stream.kind:
        case "folder":
            return _folder_source(stream, _sifting(taker, sieve), told)
        case "kafka" | "hop":
            return _kafka_source(stream, taker, told, journal_id, sieve)
        case "http_push":
            return _push_source(stream, taker, told)
        case "http_poll":
            return _poll_source(stream, taker, told)
        case "replay":
            from coordinator.sources.replay import ReplaySource

            assert stream.recording is not None
            return ReplaySource(stream.recording, _sifting(taker, sieve), told, MonotonicClock(), stream.speed)


def _sifting(taker: Intake, sieve: "SurveySieve | None") -> "Intake | SiftingIntake":
    from coordinator.sources.survey_sieve import SiftingIntake

    return taker if sieve is None else SiftingIntake(taker, sieve)


def _folder_source(stream: StreamSettings, taker: "Intake | SiftingIntake", told: Pulse) -> Source:
    from coordinator.sources.folder import FolderSource

    folder = stream.folder
    assert folder is not None
    folder.mkdir(parents=True, exist_ok=True)
    return FolderSource(folder, taker, pulse=told)


def _kafka_source(
    stream: StreamSettings, taker: Intake, told: Pulse, journal_id: str, sieve: "SurveySieve | None"
) -> Source:
    from coordinator.sources.hop import read_hop_headers
    from coordinator.sources.kafka import MOST_OF_A_SURVEY, KafkaSource
    from coordinator.sources.kafka_reader import MOST_UNDER_WAY
    from coordinator.sources.kafka_settings import consumer_settings
    from coordinator.sources.record_headers import read_headers

    user = None if stream.user_env is None else secret(stream.user_env)
    held = None if stream.secret_env is None else secret(stream.secret_env)
    return KafkaSource(
        consumer_settings(stream, journal_id=journal_id, user=user, secret=held),
        stream.topics,
        taker,
        told,
        random.Random(),
        heartbeat_topic=stream.heartbeat_topic,
        headers=read_hop_headers if stream.kind == "hop" else read_headers,
        sieve=sieve,
        most=MOST_UNDER_WAY if sieve is None else MOST_OF_A_SURVEY,
    )


def _push_source(stream: StreamSettings, taker: Intake, told: Pulse) -> Source:
    from coordinator.sources.http_push import HttpPushSource

    assert stream.secret_env is not None
    most_bytes = round(stream.most_mb * 1e6)
    return HttpPushSource(stream.host, stream.port, stream.auth, secret(stream.secret_env), taker, told, most_bytes)


def _poll_source(stream: StreamSettings, taker: Intake, told: Pulse) -> Source:
    from coordinator.sources.http_poll import HttpPollSource

    return HttpPollSource(
        stream.url,
        stream.interval_s,
        taker,
        told,
        random.Random(),
        lambda: datetime.now(UTC),
        round(stream.most_mb * 1e6),
        headers=stream.headers | {name: secret(env) for name, env in stream.secret_headers.items()},
        form=stream.form | {name: secret(env) for name, env in stream.secret_form.items()},
    )
