"""Calibration: simulated searches, played from the merger to the vetter's odds and held against the truth."""
