"""What runs at the site: session, inbox, outbox, safety, queue."""
