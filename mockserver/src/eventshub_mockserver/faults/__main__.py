"""Prints the page about all faults, for ``docs/faults.md``."""

from __future__ import annotations

import sys

from .page import page

sys.stdout.write(page())
