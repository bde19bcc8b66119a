"""The notices of a fault world, as a reader of alerts would have understood them."""

from datetime import timedelta

from coordinator.alerts.alert import Alert, Localization, Phase, Purpose
from coordinator.simulation.faults.stage import EVENTS, SKIES, START
from coordinator.simulation.faults.trouble import News

APART = timedelta(hours=3)
"""Events lie so far apart that nobody takes them for one."""


def first_notice(event: str) -> Alert:
    """Return the first word on an event."""
    return _alert(event, 1, Phase.PRELIMINARY, SKIES[0])


def notice(news: News) -> Alert:
    """Return a later word."""
    return _alert(news.event, news.number, Phase.RETRACTION if news.sky is None else Phase.UPDATE, news.sky)


def _alert(event: str, number: int, phase: Phase, sky: str | None) -> Alert:
    name, t0 = event.partition(":")[2], START - EVENTS.index(event) * APART
    return Alert(
        source="faults",
        format="lvk-json",
        stream="lvk",
        notice_id=f"{event}:{number}:{phase.value}",
        event_key=event,
        name=name,
        messenger="GW",
        phase=phase,
        stage=phase.value.upper(),
        purpose=Purpose.OBSERVATION,
        t0=t0,
        t_issued=t0 + timedelta(seconds=number),
        raw_sha256=f"raw-{event}-{number}-{phase.value}",
        localization=Localization("none") if sky is None else Localization("multiorder", skymap_sha256=sky),
        significant=True,
    )
