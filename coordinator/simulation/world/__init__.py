"""Worlds to vet in: each generator a file, all chance handed in. The vetter never sees what they know."""
