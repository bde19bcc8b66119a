"""ASCOM Alpaca: the devices of a telescope over HTTP on the local network."""
