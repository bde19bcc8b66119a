"""Campaigns: many seeded events, each searched by the real services under several policies on the same world."""
