"""The same services on a virtual clock."""
