"""``python -m bench.autobahn WSTEST`` writes docs/autobahn.md; exit code 1 when a case fails that may not.

``WSTEST`` is the program of that name of the Autobahn test suite, which needs Python 2.7.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import uvloop

from .echo_client import Library, echo_all
from .echo_hub import echo_hub
from .page import page, unaccepted
from .suite import Case, SuiteError, suite_version, try_client, try_server

PAGE = Path(__file__).parents[2] / "docs" / "autobahn.md"


async def run(wstest: Path) -> int:
    """Try everything and write the page; the exit code."""
    libraries: tuple[Library, ...] = ("websockets", "picows")
    try:
        async with echo_hub() as url:
            hub = await try_server(wstest, url)
        clients: dict[str, list[Case]] = {
            library: await try_client(wstest, library, partial(echo_all, library=library))
            for library in libraries
        }
        PAGE.write_text(page(await suite_version(wstest), hub, clients), encoding="utf-8")
    except SuiteError as error:
        print(error, file=sys.stderr)
        return 1
    tried = {"hub": hub, **clients}
    failed = [(who, case) for who, cases in tried.items() for case in unaccepted(who, cases)]
    for who, case in failed:
        print(f"failed: {who} {case.number}: {case.finding}", file=sys.stderr)
    count = sum(map(len, tried.values()))
    print(f"{count} cases, {len(failed)} failed that may not: docs/{PAGE.name}")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(uvloop.run(run(Path(sys.argv[1]))))
