"""What drivers must do; a package, so that the peers that they share end with the last of its tests."""
