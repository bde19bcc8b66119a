"""What may be seen there: source models."""
