"""Checks as columns: what a check says of one candidate, said of many at once; `coordinator.vetting.quick` lists them."""
