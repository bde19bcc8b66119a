"""An alert with a position and an error gets its map when it is taken in."""

import contextlib
import tracemalloc
from datetime import UTC, datetime

import numpy as np
import pytest

from coordinator.alerts.alert import Alert, Localization
from coordinator.services.assess import MapSummary
from coordinator.services.facts import fact_of
from coordinator.services.intake import Intake
from coordinator.services.journal import InMemoryBlobs, InMemoryJournal, Writer
from coordinator.services.place_map import place_map
from coordinator.sky.read import read_skymap
from coordinator.sky.regions import peak
from telescopes.description.errors import Refused

NOW = datetime(2026, 11, 23, tzinfo=UTC)


class StandingSkyClock:
    rate = 1.0

    def now(self) -> datetime:
        return NOW


async def read_map(data: bytes) -> MapSummary:
    raise AssertionError("no map came")


def a_position(number: int, radius_deg: float) -> bytes:
    return f"""<?xml version="1.0"?>
<voe:VOEvent xmlns:voe="http://www.ivoa.net/xml/VOEvent/v2.0" role="observation" version="2.0"
    ivorn="ivo://nasa.gsfc.gcn/SWIFT#BAT_GRB_Pos_1118357-{number}">
  <Who><AuthorIVORN>ivo://nasa.gsfc.tan/gcn</AuthorIVORN><Date>2026-11-22T21:00:0{number}</Date></Who>
  <What><Param name="Packet_Type" value="61"/><Param name="TrigID" value="1118357"/></What>
  <WhereWhen><ObsDataLocation><ObservatoryLocation id="GEOLUN"/><ObservationLocation>
    <AstroCoordSystem id="UTC-FK5-GEO"/><AstroCoords coord_system_id="UTC-FK5-GEO">
    <Time unit="s"><TimeInstant><ISOTime>2026-11-22T20:59:54.97</ISOTime></TimeInstant></Time>
    <Position2D unit="deg"><Name1>RA</Name1><Name2>Dec</Name2>
      <Value2><C1>225.0208</C1><C2>-69.4954</C2></Value2><Error2Radius>{radius_deg}</Error2Radius></Position2D>
  </AstroCoords></ObservationLocation></ObsDataLocation></WhereWhen>
</voe:VOEvent>""".encode()


async def taken_in(*messages: bytes) -> tuple[list[Alert], dict[str, bytes]]:
    journal, blobs = InMemoryJournal(), InMemoryBlobs()
    intake = Intake(await Writer.elected(journal, "source/x"), blobs, StandingSkyClock(), read_map, "x")
    for number, raw in enumerate(messages):
        received = await intake.receive(raw, name=f"{number}.xml")
        assert received.outcome == "alert", received
    return [fact_of(s.entry) for s in journal.stored if s.entry.kind == "alert_received"], blobs.data


async def test_a_cone_gets_a_map_that_is_kept_with_the_others() -> None:
    (alert,), kept = await taken_in(a_position(1, 0.05))
    where = alert.localization
    assert (where.kind, where.radius_deg) == ("cone", 0.05)
    data = kept[where.skymap_sha256 or ""]
    assert where.skymap_bytes == len(data)
    assert where.area90_deg2 is not None and 0.0075 < where.area90_deg2 < 0.0082
    found = peak(read_skymap(data))
    assert abs(found[0] - 225.0208) < 0.01 and abs(found[1] + 69.4954) < 0.01


async def test_two_notices_of_one_cone_bring_no_new_sky() -> None:
    alerts, _ = await taken_in(a_position(1, 0.05), a_position(2, 0.05), a_position(3, 0.02))
    first, second, third = (alert.localization.skymap_sha256 for alert in alerts)
    assert first == second != third


async def test_a_position_without_an_error_gets_none() -> None:
    (alert,), kept = await taken_in(a_position(1, 0.0))
    assert alert.localization.skymap_sha256 is None
    assert set(kept) == {alert.raw_sha256}


def test_an_error_that_is_said_to_hold_all_gets_a_map_all_the_same() -> None:
    made = place_map(Localization("cone", ra_deg=10.0, dec_deg=-5.0, radius_deg=3.0, containment=1.0), "x")
    assert made is not None and made.area90_deg2 < np.pi * 9
    assert "taken as 99.7 %" in made.warnings[0]


@pytest.mark.slow
@pytest.mark.parametrize("radius_deg", [5e-324, 1e-300, 1e-12, 1e-7, 1e-5])
def test_the_smallest_errors_get_a_map(radius_deg: float) -> None:
    made = place_map(Localization("cone", ra_deg=10.0, dec_deg=89.9, radius_deg=radius_deg, containment=0.9), "x")
    assert made is not None and 0 < made.area90_deg2 < 1e-8
    axes = (1.0, radius_deg)
    made = place_map(Localization("ellipse", ra_deg=10.0, dec_deg=0.0, half_axes_deg=axes, containment=0.9), "x")
    assert made is not None and 0 < made.area90_deg2 < 0.03


THIN = ((10.0, 10.0), (10.000001, 10.0), (10.000001, 60.0), (10.0, 60.0))
CROSSED = ((0.0, 0.0), (10.0, 10.0), (10.0, 0.0), (0.0, 10.0))


@pytest.mark.parametrize("corners", [THIN, CROSSED])
def test_the_worst_polygons_take_no_more_than_their_share_of_memory(corners: tuple[tuple[float, float], ...]) -> None:
    tracemalloc.start()
    try:
        with contextlib.suppress(Refused):
            place_map(Localization("polygon", corners_deg=corners), "x")
        assert tracemalloc.get_traced_memory()[1] < 400 * 2**20
    finally:
        tracemalloc.stop()
