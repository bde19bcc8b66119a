"""GCN notices as classic text: lines of `KEY: value`, one layout for all missions, the types by a table."""
