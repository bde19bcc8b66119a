"""The dashboard: REST, a stream of events, and the page."""
