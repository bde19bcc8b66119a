"""What it means: identity, revisions, retraction, purpose."""
