"""Screens of simulated campaigns: what is kept, how far it is, what it came to, and its nights."""
