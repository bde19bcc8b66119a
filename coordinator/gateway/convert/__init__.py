"""Wire messages to plain data and back: requests come in checked, answers go out as they are."""
