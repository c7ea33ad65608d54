"""What is said to people about a protocol, before it is laid out as pages of one kind or another."""
