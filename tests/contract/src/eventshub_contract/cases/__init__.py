"""The cases: what is asked of a hub, by rule."""
