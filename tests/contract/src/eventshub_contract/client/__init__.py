"""Judges a client: a hub that misbehaves on purpose, and a command that has to live with it."""
