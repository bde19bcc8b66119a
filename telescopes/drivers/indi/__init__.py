"""INDI: the devices of a telescope behind one indiserver, spoken to in XML over TCP."""
