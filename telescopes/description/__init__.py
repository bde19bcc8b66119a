"""What a telescope is and the words that it shares with the coordinator: pure, and known to both sides."""
