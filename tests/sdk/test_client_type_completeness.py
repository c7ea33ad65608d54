"""Type checkers of applications have nothing to guess."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any


def test_every_type_is_written_down() -> None:
    options = (
        "--verifytypes",
        "eventshub",
        "--ignoreexternal",
        "--outputjson",
        "--pythonpath",
        sys.executable,
    )
    done = subprocess.run(
        ["pyright", *options],
        capture_output=True,
        text=True,
        check=False,
        timeout=55,
    )
    found: dict[str, Any] = json.loads(done.stdout)["typeCompleteness"]
    unclear = [each["name"] for each in found["symbols"] if not each["isTypeKnown"]]
    assert found["completenessScore"] == 1, unclear
    assert found["symbols"]
