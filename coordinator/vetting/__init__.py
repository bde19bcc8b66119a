"""Detections to candidates to explained odds."""
