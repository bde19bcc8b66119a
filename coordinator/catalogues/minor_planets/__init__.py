"""Where known bodies of the solar system are, offline: elements, two-body orbits, positions by day, and who is near."""
