"""The main job on one machine, from the alert to the counterpart."""
