"""Judges documents about a hub: what they print is held against the specs, and against a hub if given one."""
