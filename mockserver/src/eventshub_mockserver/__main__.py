"""``python -m eventshub_mockserver``."""

from .cli import main

main()
