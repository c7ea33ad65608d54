"""The command ``eventshub``; its libraries come with the extra ``cli``."""
