"""What the Autobahn test suite says of the hub's WebSocket; ``nox -s autobahn`` writes docs/autobahn.md."""
