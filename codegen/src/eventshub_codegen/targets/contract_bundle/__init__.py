"""Everything that a test suite wants to know of the protocol, as one JSON file."""
