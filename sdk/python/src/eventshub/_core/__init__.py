"""The client's decisions without I/O: what frames mean, what to answer, what to tell the application."""
