"""Run every measurement and print one table: what, measured, bound. Exit 1 when a bound is missed."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from .hub_for_tests import hub_rows
from .process_cost import measure

ROOT = Path(__file__).parents[1]
GENERATION_CPU_SECONDS = 0.5
GENERATION_MEGABYTES = 80


def generation_rows() -> list[tuple[str, float, float, str]]:
    """Regenerate every target from the committed specs, in a copy, as a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        for name in ("spec", "sdk", "mockserver", "tests"):
            shutil.copytree(ROOT / name, workspace / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("eventshub-codegen.toml", "pyproject.toml"):
            shutil.copy(ROOT / name, workspace / name)
        cost = measure([sys.executable, "-m", "eventshub_codegen", "generate"], workspace)
    return [
        ("generate everything: CPU, formatter included", cost.cpu_seconds, GENERATION_CPU_SECONDS, "s"),
        ("generate everything: peak memory", cost.peak_megabytes, GENERATION_MEGABYTES, "MB"),
    ]


def main() -> int:
    """Print the table; 0 when every bound holds."""
    rows = [*generation_rows(), *hub_rows(ROOT)]
    print(f"{'what (medians)':<48} {'measured':>12} {'bound':>10}")
    for what, measured, bound, unit in rows:
        verdict = "ok" if measured <= bound else "MISSED"
        print(f"{what:<48} {measured:>9.2f} {unit:<2} {bound:>7g} {unit:<2} {verdict}")
    return 0 if all(measured <= bound for _, measured, bound, _ in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
