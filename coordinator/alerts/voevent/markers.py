"""Why a packet was sent, as its own markers tell; the strictest of all of them counts."""

import re

from coordinator.alerts.alert import Purpose
from coordinator.alerts.fields import flag
from coordinator.alerts.voevent.notice_types import TEST_TRIGGER, TESTS
from coordinator.alerts.voevent.packet import Packet

ROLES = {"observation": Purpose.OBSERVATION, "prediction": Purpose.OBSERVATION, "test": Purpose.TEST}
TEST_PARAMS = ("Test", "InternalTest", "Test_Submission", "Test_Notice", "Test_Alert", "Is_Test", "IsTest")
REAL_PARAMS = ("isRealAlert",)
WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
"""Also those that are only told apart by a capital, as in BrokerTest."""

WORDS_THAT_MARK = {"test": Purpose.TEST, "tests": Purpose.TEST, "testing": Purpose.TEST, "mock": Purpose.MOCK}


def role_says(packet: Packet, test_means: Purpose = Purpose.TEST) -> Purpose | None:
    """Say what the role tells; None: it has none, or one that nobody knows."""
    purpose = ROLES.get(packet.role)
    return test_means if purpose is Purpose.TEST else purpose


def markers_of_packet(packet: Packet) -> list[Purpose | None]:
    """Say what parameters, notice type, trigger number and ivorn tell; an empty list: nothing.

    A whole word of the ivorn is a marker, a part of one is not. A flag that is there and cannot be read makes the
    purpose unknown.
    """
    found: list[Purpose | None] = []
    if packet.packet_type in TESTS or packet.value("TrigID") == TEST_TRIGGER:
        found.append(Purpose.TEST)
    found += [WORDS_THAT_MARK[word.lower()] for word in WORDS.findall(packet.ivorn) if word.lower() in WORDS_THAT_MARK]
    for param in packet.all(*TEST_PARAMS):
        found.extend(_of_flag(param.value, marks=True))
    for param in packet.all(*REAL_PARAMS):
        found.extend(_of_flag(param.value, marks=False))
    return found


def _of_flag(value: str | None, *, marks: bool) -> list[Purpose | None]:
    """Say what a flag tells that marks a test where it is `marks`."""
    if value is None:
        return []
    stated = flag(value)
    return [None] if stated is None else [Purpose.TEST] if stated is marks else []
