"""The main job on one machine, from the alert to the counterpart: the real system with simulated telescopes."""
