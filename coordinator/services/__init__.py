"""The order of things: the same objects drive the real system and the simulation."""
