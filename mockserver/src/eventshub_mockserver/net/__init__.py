"""Moves bytes: HTTP, WebSockets, the listening socket. What to do with them is decided in ``core``."""
