"""Target ``python``: an installable client package for any document."""
