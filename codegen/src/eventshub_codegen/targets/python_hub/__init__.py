"""The typed part of a hub: message classes to send, commands to answer, JSON Schemas to check both."""
