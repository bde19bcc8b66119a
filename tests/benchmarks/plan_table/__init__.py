"""The table of plans: every map, several networks and ways to plan, and what an independent judge found."""
