"""How a plan's time grows with telescopes and cells."""
