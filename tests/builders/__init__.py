"""Builders of small, plain test objects."""
