"""Fermi notices: gamma-ray bursts of GBM, and bursts and flares of LAT."""

import re
from datetime import datetime

from coordinator.alerts.gcn_stages import GBM, GBM_SUBTHRESHOLD, LAT, ONE_SIGMA
from coordinator.alerts.voevent.packet import Packet
from coordinator.alerts.voevent.reading import Reading, key_by_time, key_by_trigger, named, numbers_of
from coordinator.alerts.voevent.where import locate

TYPES = frozenset({*GBM, *LAT, 126, 129, 144})
FITS_ENDINGS = (".fits", ".fit", ".fits.gz", ".fit.gz")
PICTURE = re.compile(r"(_\d+)?\.png$")
NOT_A_BURST = {
    2: "local particles",
    3: "below the horizon",
    5: "a soft gamma repeater",
    6: "a generic transient",
    7: "distant particles",
    8: "a solar flare",
    9: "Cyg X-1",
    10: "SGR 1806-20",
    11: "GRO J0422+32",
    19: "a terrestrial gamma-ray flash",
}
"""Flight software's classes of a trigger that are no burst. 0 is an error, 1 an unreliable place, 4 a burst, 12 to 18
are reserved: none of these says that there was no burst."""


def read(packet: Packet) -> Reading:
    """Read one notice of either instrument."""
    is_lat = packet.packet_type in LAT or packet.local.upper().startswith("LAT")
    return _lat(packet) if is_lat else _gbm(packet)


def _gbm(packet: Packet) -> Reading:
    below = packet.packet_type == GBM_SUBTHRESHOLD
    key = key_by_time(packet, "fermi.gbm.subthresh") if below else _key(packet, "fermi.gbm")
    return Reading(
        stream="fermi.gbm.subthresh" if below else "fermi.gbm",
        event_key=key,
        name=named(packet, trigger_name(packet.t0) or key),
        stage=GBM.get(packet.packet_type or 0),
        significant=False if below else None,
        properties=numbers_of(
            packet,
            most_likely_index="Most_Likely_Index",
            most_likely_percent="Most_Likely_Prob",
            trigger_sigma="Trig_Signif",
            data_sigma="Data_Signif",
            burst_sigma="Burst_Signif",
            reliability="Reliability",
        ),
        instruments=("GBM",),
        localization=locate(
            packet,
            containment=ONE_SIGMA,
            systematic_included=False,
            url=_map_link(packet),
            zero_means_none=True,
        ),
        native_ids=_transient(packet) if below else (),
        no_event=_no_burst(packet),
    )


def _lat(packet: Packet) -> Reading:
    key = _key(packet, "fermi.lat")
    return Reading(
        stream="fermi.lat",
        event_key=key,
        name=named(packet, _source(packet) or key),
        stage=LAT.get(packet.packet_type or 0),
        revision_number=packet.integer("Record_Num"),
        properties=numbers_of(packet, test_statistic="Image_Test_Stat", significance="Signif"),
        instruments=("LAT",),
        localization=locate(packet, containment=ONE_SIGMA, systematic_included=False),
        no_event=_no_burst(packet),
    )


def trigger_name(t0: datetime | None) -> str | None:
    """Return the name of a GBM trigger, `bn` with the date and the thousandth of the day, as in bn170817529."""
    if t0 is None:
        return None
    second = (t0 - t0.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
    return f"bn{t0:%y%m%d}{min(999, round(second / 86.4)):03d}"


def _key(packet: Packet, stream: str) -> str:
    return key_by_trigger(packet, stream, packet.one("TrigID"))


def _map_link(packet: Packet) -> str | None:
    """Return the address of the sky map; final positions give that of its picture under the same name."""
    links = (param.value for param in packet.all("LocationMap_URL", "HealPix_URL"))
    return next((link for link in links if link is not None and link.endswith(FITS_ENDINGS)), None)


def _source(packet: Packet) -> str | None:
    """Return the name of a monitored source, which is sent as that of its light curve's picture."""
    stated = packet.value("SourceName")
    return None if stated is None else PICTURE.sub("", stated)


def _transient(packet: Packet) -> tuple[str, ...]:
    number = packet.value("Trans_Num")
    return (f"fermi.gbm.transient:{number}",) if number else ()


def _no_burst(packet: Packet) -> str | None:
    """Say why the notice itself takes its trigger for no burst; None: it does not."""
    if packet.says("Def_NOT_a_GRB"):
        return "definitely not a GRB, says the notice"
    what = NOT_A_BURST.get(packet.integer("Most_Likely_Index") or 0)
    return None if what is None else f"most likely {what}, says the flight software"
