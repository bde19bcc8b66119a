"""Events of several streams around one moment."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from coordinator.alerts.alert import Alert, Localization, Phase, Purpose

T0 = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)


def a_wave(key: str = "lvk:S260301a", sky: str | None = "gw", **changes: object) -> Alert:
    """A gravitational wave at T0, of a false-alarm rate of 1e-9 Hz."""
    return _alert(key, "GW", sky, 0.0, {"far_hz": 1e-9, "significant": True, "group": "CBC"} | changes)


def a_burst(
    key: str = "fermi.gbm:790000001", sky: str | None = "grb", after_s: float = 2.0, **changes: object
) -> Alert:
    """A gamma-ray burst, so many seconds after T0."""
    return _alert(key, "EM", sky, after_s, changes)


def a_neutrino(key: str = "icecube:1_2", sky: str | None = "nu", after_s: float = 100.0, **changes: object) -> Alert:
    """A neutrino, so many seconds after T0."""
    return _alert(key, "NU", sky, after_s, changes)


def retracted(alert: Alert) -> Alert:
    """The word that takes it back."""
    return replace(alert, notice_id=f"{alert.notice_id}:r", phase=Phase.RETRACTION, localization=Localization("none"))


def _alert(key: str, messenger: str, sky: str | None, after_s: float, changes: dict[str, object]) -> Alert:
    area = {"gw": 500.0, "grb": 900.0, "nu": 5.0}.get(sky or "")
    where = Localization("none") if sky is None else Localization("flat", skymap_sha256=sky, area90_deg2=area)
    plain = Alert(
        source="test",
        format="x",
        stream=key.partition(":")[0],
        notice_id=f"{key}:1",
        event_key=key,
        name=key.partition(":")[2],
        messenger=messenger,
        phase=Phase.INITIAL,
        stage="INITIAL",
        purpose=Purpose.OBSERVATION,
        t0=T0 + timedelta(seconds=after_s),
        t_issued=T0 + timedelta(minutes=5),
        raw_sha256=f"raw {key}",
        localization=where,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]
