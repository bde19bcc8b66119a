"""Transports of what goes out: webhooks and e-mail."""
