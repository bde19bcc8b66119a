"""What people report in words: circulars, HERMES messages, the name server's objects; leads, never facts."""
