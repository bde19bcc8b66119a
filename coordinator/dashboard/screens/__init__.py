"""The pages besides the live one: one telescope, one candidate, the log and the quarantine."""
