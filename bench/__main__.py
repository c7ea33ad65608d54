"""Run every measurement and print one table: what, measured, bound. Exit 1 when a bound is missed.

Times are CPU times: they hold on a busy machine, too. ``python -m bench decoding`` runs one part.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from .decoding import decoding_figures
from .fanout.comparison import fanout_figures
from .figures import Figure
from .hub_for_tests import hub_figures
from .process_cost import measure
from .scale import scale_figures
from .streaming import IMPORT_CPU_SECONDS, streaming_figures

ROOT = Path(__file__).parents[1]
GENERATION_CPU_SECONDS = 0.5
GENERATION_MEGABYTES = 80


def generation_figures() -> Iterator[Figure]:
    """Regenerate every target from the committed specs, in a copy, as a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        for name in ("docs", "spec", "sdk", "mockserver", "tests"):
            shutil.copytree(ROOT / name, workspace / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("eventshub-codegen.toml", "pyproject.toml"):
            shutil.copy(ROOT / name, workspace / name)
        cost = measure([sys.executable, "-m", "eventshub_codegen", "generate"], workspace)
    yield Figure(
        "generate everything: CPU, formatter included", cost.cpu_seconds, "s", at_most=GENERATION_CPU_SECONDS
    )
    yield Figure("generate everything: peak memory", cost.peak_megabytes, "MB", at_most=GENERATION_MEGABYTES)


def import_figures() -> Iterator[Figure]:
    """Import the client in a fresh process, less what Python itself takes to start."""
    bare = measure([sys.executable, "-c", "pass"], ROOT)
    whole = measure([sys.executable, "-c", "import eventshub"], ROOT)
    seconds = whole.cpu_seconds - bare.cpu_seconds
    yield Figure("import eventshub: CPU", seconds, "s", at_most=IMPORT_CPU_SECONDS)


PARTS: Mapping[str, Callable[[], Iterator[Figure]]] = {
    "generation": generation_figures,
    "scale": scale_figures,
    "import": import_figures,
    "decoding": decoding_figures,
    "streaming": streaming_figures,
    "fanout": fanout_figures,
    "hub": partial(hub_figures, ROOT),
}


def main() -> int:
    """Print the table; 0 when every bound holds."""
    wanted = sys.argv[1:] or list(PARTS)
    if unknown := set(wanted) - set(PARTS):
        sys.exit(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    missed = 0
    print(f"{'what (medians; CPU time)':<66} {'measured':>12} {'':<6} {'bound':>8}")
    for name in wanted:
        for figure in PARTS[name]():
            print(figure, flush=True)
            missed += not figure.is_kept
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
