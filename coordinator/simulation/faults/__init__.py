"""Small worlds in which everything goes wrong, by thousands: the laws are checked after every entry of the journal."""
