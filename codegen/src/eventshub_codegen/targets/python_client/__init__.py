"""The typed part of a client: message classes that decode leniently, and the protocol as data."""
