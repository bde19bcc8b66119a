"""Toy networks for which a search once did worse with more: a telescope more, or a longer window."""

from dataclasses import dataclass

from builders.toy_skies import Blob, always_open
from coordinator.planning.request import Objective, TelescopeToPlan
from telescopes.description.footprint import Circle, Rectangle

A, B, C, D = "a", "b", "c", "d"
SQUARE = Rectangle(4.0, 4.0)


@dataclass(frozen=True, slots=True)
class Hard:
    """A sky of one blob and a network; the last telescope is the one more."""

    blob: Blob
    objective: Objective
    network: tuple[TelescopeToPlan, ...]


WITH_ONE_MORE = {
    "a disc beside squares": Hard((0.0, 35.0, 2.0), "probability", (
        always_open(A, (10.0, 110.0), SQUARE, min_altitude_deg=35.0, limit_mag_ab=17.0),
        always_open(B, (-60.0, 0.0), Circle(0.42), min_altitude_deg=35.0, limit_mag_ab=17.0),
        always_open(C, (10.0, -120.0), SQUARE, min_altitude_deg=35.0, exposure_s=1800.0, limit_mag_ab=21.0),
        always_open(D, (10.0, 110.0), Circle(2.4)),
    )),
    "a disc that starts before a square": Hard((0.0, -40.0, 2.0), "probability", (
        always_open(A, (10.0, -120.0), SQUARE, min_altitude_deg=35.0, exposure_s=1800.0, limit_mag_ab=17.0),
        always_open(B, (-60.0, 110.0), Circle(2.4), limit_mag_ab=17.0),
    )),
    "a shallow one beside the same deeper": Hard((0.0, -40.0, 8.0), "detection", (
        always_open(A, (10.0, 0.0), Rectangle(1.5, 0.9)),
        always_open(B, (-60.0, 0.0), Rectangle(0.7, 0.7), min_altitude_deg=35.0, limit_mag_ab=21.0),
        always_open(C, (10.0, 0.0), Circle(0.9), limit_mag_ab=17.0),
        always_open(D, (10.0, 0.0), Rectangle(0.7, 0.42), limit_mag_ab=17.0),
    )),
}  # fmt: skip

OF_SMALL_FIELDS = (
    always_open(A, (-60.0, 110.0), Rectangle(1.5, 1.5)),
    always_open(B, (50.0, 110.0), Rectangle(1.5, 0.9), min_altitude_deg=35.0, exposure_s=1800.0),
    always_open(C, (-60.0, -120.0), Circle(2.4), min_altitude_deg=35.0, exposure_s=1800.0, limit_mag_ab=21.0),
)

WITH_A_LONGER_WINDOW = {
    "small fields, by probability": Hard((120.0, 35.0, 2.0), "probability", OF_SMALL_FIELDS),
    "small fields, by detection": Hard((120.0, 35.0, 2.0), "detection", OF_SMALL_FIELDS),
    "small fields of a narrow network": Hard((120.0, 35.0, 2.0), "probability", (
        always_open(A, (-60.0, 0.0), Circle(0.42), exposure_s=1800.0, limit_mag_ab=21.0),
        always_open(B, (10.0, 110.0), SQUARE, min_altitude_deg=35.0, exposure_s=1800.0, limit_mag_ab=17.0),
        always_open(C, (-30.0, 0.0), Rectangle(0.7, 0.7), exposure_s=1800.0, limit_mag_ab=17.0),
        always_open(D, (-30.0, -120.0), Rectangle(0.7, 0.7), min_altitude_deg=35.0, limit_mag_ab=17.0),
    )),
    "two wide fields out of sight": Hard((120.0, -40.0, 2.0), "detection", (
        always_open(A, (50.0, -120.0), Rectangle(0.7, 0.7)),
        always_open(B, (-30.0, -120.0), Rectangle(4.0, 2.4), min_altitude_deg=35.0, exposure_s=1800.0),
        always_open(C, (-60.0, 0.0), SQUARE, min_altitude_deg=35.0, exposure_s=1800.0),
        always_open(D, (50.0, 110.0), Circle(0.9), min_altitude_deg=35.0, limit_mag_ab=17.0),
    )),
}  # fmt: skip
