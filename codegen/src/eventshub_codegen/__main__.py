"""``python -m eventshub_codegen`` is the same as ``eventshub-codegen``."""

from .cli import main

main()
