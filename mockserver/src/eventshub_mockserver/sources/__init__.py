"""Where events come from, apart from calls to ``publish``."""
