"""A hub in the hands of a test: what it expects of the conversation."""
