"""What the vetter loads before the first detection."""

import json
import os
import subprocess
import sys

import pytest

from coordinator.vetting.rehearsal import rehearse

PROBE = """
import json, sys
from coordinator.vetting.rehearsal import rehearse
before = set(sys.modules)
rehearse()
loaded = set(sys.modules)
from builders.vetting import a_sighting, a_sky, an_event
from coordinator.vetting.association import associate
from coordinator.vetting.case import Atlas
from coordinator.vetting.prior import Prior
from coordinator.vetting.weighed import weigh_all
atlas, ready = Atlas.of(a_sky(order=3)), set(sys.modules)
seen = [a_sighting("a"), a_sighting("b", 10.0), a_sighting("c", 60.0), a_sighting("d", 9.0, east_arcsec=15.0)]
weigh_all(associate(seen), atlas, an_event(), Prior(0.5, 1.0, "a test")).fact()
print(json.dumps([sorted(loaded - before), sorted(set(sys.modules) - ready)]))
"""


def test_a_rehearsal_weighs_what_stays_and_what_moves() -> None:
    assert rehearse() == 2


@pytest.mark.slow
def test_after_a_rehearsal_the_first_weighing_loads_nothing() -> None:
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", PROBE]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    by_rehearsal, by_weighing = json.loads(done.stdout)
    assert {"healpy", "scipy.spatial", "scipy.sparse.csgraph", "scipy.special"} <= {*by_rehearsal}
    assert by_weighing == []
