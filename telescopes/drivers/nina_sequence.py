"""The sequence of one pointing for the advanced sequencer of N.I.N.A.: its objects as JSON, numbered and linked."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from telescopes.description.messages import Exposure, Pointing
from telescopes.drivers.angles import split

Node = dict[str, Any]
LISTS = "System.Collections.ObjectModel.ObservableCollection`1[[NINA.Sequencer.{}, NINA.Sequencer]], System.ObjectModel"


def nina_sequence(name: str, pointing: Pointing, own: Callable[[str], str]) -> Node:
    """Return the root container: centre on the field, then each block of exposures in its filter."""
    blocks = [_block(exposure, own(exposure.filter)) for exposure in pointing.exposures]
    centre = _item("Platesolving.Center", Inherited=True, Coordinates=_place(pointing))
    target = _container("Container.DeepSkyObjectContainer", name, [centre, *blocks])
    target["Target"] = {
        "$type": "NINA.Astrometry.InputTarget, NINA.Astrometry",
        "TargetName": name,
        "PositionAngle": pointing.position_angle_deg % 360,
        "InputCoordinates": _place(pointing),
    }
    areas = [
        _container("Container.StartAreaContainer", "Start", []),
        _container("Container.TargetAreaContainer", "Targets", [target]),
        _container("Container.EndAreaContainer", "End", []),
    ]
    root = _container("Container.SequenceRootContainer", name, areas)
    _number(root, count(1), None)
    return root


def _block(exposure: Exposure, filter_: str) -> Node:
    switch = _item(
        "FilterWheel.SwitchFilter",
        # By name alone: without a place in the wheel N.I.N.A. would take the first filter where it knows no such name.
        Filter={"$type": "NINA.Core.Model.Equipment.FilterInfo, NINA.Core", "_name": filter_, "_position": -1},
    )
    binning = {
        "$type": "NINA.Core.Model.Equipment.BinningMode, NINA.Core",
        "X": exposure.binning,
        "Y": exposure.binning,
    }
    expose = _item(
        "Imaging.TakeExposure",
        ExposureTime=exposure.exposure_s,
        Gain=-1,
        Offset=-1,
        Binning=binning,
        ImageType="LIGHT",
        ExposureCount=0,
    )
    loop = {
        "$type": "NINA.Sequencer.Conditions.LoopCondition, NINA.Sequencer",
        "CompletedIterations": 0,
        "Iterations": exposure.count,
        "Parent": None,
    }
    repeat = _container("Container.SequentialContainer", f"{exposure.count} x {exposure.exposure_s:g} s", [expose])
    repeat["Conditions"]["$values"] = [loop]
    return _container("Container.SequentialContainer", filter_, [switch, repeat])


def _item(kind: str, **fields: object) -> Node:
    return {"$type": f"NINA.Sequencer.SequenceItem.{kind}, NINA.Sequencer", "Parent": None, **fields}


def _container(kind: str, name: str, items: list[Node]) -> Node:
    strategy = "NINA.Sequencer.Container.ExecutionStrategy.SequentialStrategy, NINA.Sequencer"
    return {
        "$type": f"NINA.Sequencer.{kind}, NINA.Sequencer",
        "Strategy": {"$type": strategy},
        "Name": name,
        "Conditions": {"$type": LISTS.format("Conditions.ISequenceCondition"), "$values": []},
        "Items": {"$type": LISTS.format("SequenceItem.ISequenceItem"), "$values": items},
        "Triggers": {"$type": LISTS.format("Trigger.ISequenceTrigger"), "$values": []},
        "Parent": None,
    }


def _place(pointing: Pointing) -> Node:
    """Write a place as N.I.N.A. reads it: degrees carry the sign, and `NegativeDec` says it for those between 0 and -1.

    Its setters (`InputCoordinates.cs`) take minutes and seconds off where `NegativeDec` is said: so it comes first.
    """
    hours, ra_minutes, ra_seconds = split(pointing.ra_deg % 360 / 15)
    degrees, dec_minutes, dec_seconds = split(abs(pointing.dec_deg))
    return {
        "$type": "NINA.Astrometry.InputCoordinates, NINA.Astrometry",
        "RAHours": hours % 24,
        "RAMinutes": ra_minutes,
        "RASeconds": ra_seconds,
        "NegativeDec": pointing.dec_deg < 0,
        "DecDegrees": -degrees if pointing.dec_deg < 0 else degrees,
        "DecMinutes": dec_minutes,
        "DecSeconds": dec_seconds,
    }


def _number(node: Node, numbers: Iterator[int], parent: str | None) -> None:
    """Give every object its `$id`, first key as its reader wants it, and its parent by reference."""
    fields = dict(node)
    own = str(next(numbers))
    node.clear()
    node.update({"$id": own, **fields})
    if "Parent" in node:
        node["Parent"] = None if parent is None else {"$ref": parent}
    holder = own if "Items" in node else parent
    for value in fields.values():
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, dict):
                _number(child, numbers, holder)
