"""Run every measurement and print one table: what, measured, bound. Exit 1 when a bound is missed.

Times are CPU times, where they are not said to be elapsed ones: they hold on a busy machine, too.
``python -m bench hub`` runs one part. With ``--short`` the hub is measured once and with few
subscribers, to see that the bench works; what is missed is printed and is no failure then.
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
from .figures import Figure, NotMeasured
from .hub_for_tests import sample_figures, start_and_stop_figures
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


def whole_hub_figures(*, is_short: bool = False) -> Iterator[Figure | NotMeasured]:
    """The hub: fan-out beside others, memory, start and stop."""
    yield from fanout_figures(is_short=is_short)
    yield from start_and_stop_figures()


PARTS: Mapping[str, Callable[[], Iterator[Figure | NotMeasured]]] = {
    "generation": generation_figures,
    "scale": scale_figures,
    "import": import_figures,
    "decoding": decoding_figures,
    "streaming": streaming_figures,
    "hub": whole_hub_figures,
    "sample": partial(sample_figures, ROOT),
}


def main() -> int:
    """Print the table; 0 when every bound holds."""
    is_short = "--short" in sys.argv
    wanted = [word for word in sys.argv[1:] if word != "--short"] or list(PARTS)
    if unknown := set(wanted) - set(PARTS):
        sys.exit(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    missed = 0
    print(f"{'what (medians; CPU time)':<66} {'measured':>12} {'':<6} {'bound':>8}")
    for name in wanted:
        figures = whole_hub_figures(is_short=True) if is_short and name == "hub" else PARTS[name]()
        for figure in figures:
            print(figure, flush=True)
            missed += not figure.is_kept
    return 1 if missed and not is_short else 0


if __name__ == "__main__":
    sys.exit(main())
