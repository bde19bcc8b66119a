"""What came in: one module per format, bytes to Alert."""
