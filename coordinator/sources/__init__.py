"""Transports of alerts."""
