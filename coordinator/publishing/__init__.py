"""What goes out, rendered."""
