"""Where: sky maps, credible regions, footprints, visibility."""
