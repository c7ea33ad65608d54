"""What the Autobahn test suite says of hub and client; ``nox -s autobahn`` writes docs/autobahn.md."""
