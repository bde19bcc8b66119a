"""Checks as columns: what a check says of one candidate, said of many at once; `vetting.quick` lists them."""
