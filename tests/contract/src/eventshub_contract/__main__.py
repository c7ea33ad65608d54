"""``python -m eventshub_contract`` is the same as ``eventshub-contract``."""

import sys

from .cli import main

sys.exit(main())
