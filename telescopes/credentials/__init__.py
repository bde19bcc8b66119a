"""Keys, requests and certificates as files: what both ends of a link need to show who they are."""
