"""How far odds can be trusted: what was said, held against what turned out; pure functions."""
