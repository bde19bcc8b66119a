"""How the machine is: actors, streams, database, delays and versions, each with whoever tells of it."""
