"""Indexed files of galaxies: read once from what astronomers publish, queried by region in bounded memory."""
