"""What is committed speaks of the project alone: no registry host, no path of a machine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
REGISTRY_HOSTS = tuple(f"{name}.org" for name in ("pythonhosted", "registry.npmjs", "pypi", "proxy.golang"))
MACHINE_PATH = re.compile(r"(?<![\w./~-])/(?:root|work|tmp/venv)[/-]")


def committed_texts() -> dict[str, str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    texts: dict[str, str] = {}
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.is_file():
            try:
                texts[name] = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
    return texts


def test_no_registry_host_is_named() -> None:
    texts = committed_texts()
    assert texts
    assert [name for name, text in texts.items() if any(host in text for host in REGISTRY_HOSTS)] == []


def test_no_path_of_a_machine_is_named() -> None:
    assert [name for name, text in committed_texts().items() if MACHINE_PATH.search(text)] == []
