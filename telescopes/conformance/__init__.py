"""What either side of the telescope link promises, as checks that any implementation can be run against."""
