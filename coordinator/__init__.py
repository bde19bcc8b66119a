"""The coordinator: from an alert to a searched sky."""
