"""Assignments, ownership of sky and time, offers, expiry, revocation, late truth."""
