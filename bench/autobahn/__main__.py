"""``python -m bench.autobahn WSTEST`` writes docs/autobahn.md; the exit code is 1 when a case fails.

``WSTEST`` is the program of that name of the Autobahn test suite, which needs Python 2.7.
"""

from __future__ import annotations

import sys
from pathlib import Path

import uvloop

from .echo_hub import echo_hub
from .page import page
from .suite import SuiteError, suite_version, try_server

PAGE = Path(__file__).parents[2] / "docs" / "autobahn.md"


async def run(wstest: Path) -> int:
    """Try everything and write the page; the exit code."""
    try:
        async with echo_hub() as url:
            hub = await try_server(wstest, url)
        PAGE.write_text(page(await suite_version(wstest), hub), encoding="utf-8")
    except SuiteError as error:
        print(error, file=sys.stderr)
        return 1
    failed = [case for case in hub if case.verdict == "failed"]
    for case in failed:
        print(f"failed: {case.number}: {case.finding}", file=sys.stderr)
    print(f"{len(hub)} cases, {len(failed)} failed: docs/{PAGE.name}")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(uvloop.run(run(Path(sys.argv[1]))))
