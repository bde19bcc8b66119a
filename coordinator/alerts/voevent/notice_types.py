"""GCN notice types (`Packet_Type`) and numbers that mean the same for every mission: controls, pointings, tests."""

CONTROL = {2: "test coordinates", 3: "sign of life", 4: "end of a socket", 142: "sign of life", 143: "sign of life"}
"""Messages of the old socket transport."""

POINTINGS = frozenset({46, 47, 51, 83, 103, 107, 126, 129, 144})
"""Where a spacecraft looks or turns to: Swift, INTEGRAL, AGILE, Fermi."""

TESTS = frozenset({2, 44, 82, 109, 119, 124, 136, 153, 159})
"""HETE, Swift, AGILE, GBM, LAT, MAXI, LVC and AMON test notices."""

TEST_TRIGGER = "99999"
"""Swift and others give it to each of their tests, which are no revisions of one burst."""
