"""Ray actors: thin shells around the services."""
