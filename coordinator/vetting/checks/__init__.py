"""One file per check; `registry.CHECKS` lists them."""
