"""A search that goes on while better maps come in."""
