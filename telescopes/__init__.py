"""What a telescope is, and what runs at its site."""
