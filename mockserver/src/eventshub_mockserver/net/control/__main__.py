"""``python -m eventshub_mockserver.net.control`` writes the page about the surface to standard output."""

from __future__ import annotations

import sys

from .page import page

if __name__ == "__main__":
    sys.stdout.write(page())
