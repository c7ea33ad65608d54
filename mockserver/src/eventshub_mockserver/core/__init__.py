"""The hub's decisions without I/O: who may connect, who gets what, what to answer."""
