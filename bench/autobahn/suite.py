"""Runs ``wstest``, the program of the Autobahn test suite, and reads what it found."""

from __future__ import annotations

import asyncio
import json
import socket
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

Verdict: TypeAlias = Literal["passed", "non-strict", "informational", "failed"]

PATIENCE = 600
COMPRESSION = ["12.*", "13.*"]
VERDICTS: tuple[Verdict, ...] = ("passed", "non-strict", "informational", "failed")
_NAMED_VERDICTS: Mapping[str, Verdict] = {
    "OK": "passed",
    "NON-STRICT": "non-strict",
    "INFORMATIONAL": "informational",
}


@dataclass(frozen=True, slots=True)
class Case:
    """What came of one case."""

    number: str
    verdict: Verdict
    finding: str

    @property
    def group(self) -> str:
        """The first part of its number."""
        return self.number.partition(".")[0]


class SuiteError(Exception):
    """The suite did not do its work."""


def _case(number: str, found: Mapping[str, Any]) -> Case:
    behaviour, closing = found["behavior"], found["behaviorClose"]
    verdicts: list[Verdict] = [_NAMED_VERDICTS.get(said, "failed") for said in (behaviour, closing)]
    worst = max(verdicts, key=VERDICTS.index)
    return Case(number, worst, f"behaviour {behaviour}, close {closing}")


def _order(case: Case) -> list[int]:
    return [int(part) for part in case.number.split(".")]


def read_reports(folder: Path, agent: str) -> list[Case]:
    """What a run found.

    Raises:
        SuiteError: it wrote nothing.
    """
    try:
        found = json.loads((folder / "index.json").read_text(encoding="utf-8"))[agent]
    except (OSError, KeyError) as error:
        raise SuiteError(f"the suite has written no report of {agent}") from error
    return sorted((_case(number, case) for number, case in found.items()), key=_order)


async def try_server(wstest: Path, url: str) -> list[Case]:
    """Have the suite's client try an echo server; compression is left out.

    Raises:
        SuiteError: the suite did not end in time or failed itself.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings: dict[str, object] = {
            "outdir": str(folder),
            "servers": [{"agent": "server", "url": url}],
            "cases": ["*"],
            "exclude-cases": COMPRESSION,
            "exclude-agent-cases": {},
        }
        spec = folder / "spec.json"
        spec.write_text(json.dumps(settings), encoding="utf-8")
        process = await asyncio.create_subprocess_exec(
            *(wstest, "-m", "fuzzingclient", "-s", spec),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            said, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
        except TimeoutError:
            raise SuiteError(f"the suite did not end within {PATIENCE} s") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            raise SuiteError(said.decode(errors="replace")[-2000:])
        return read_reports(folder, "server")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionError:
        return False
    writer.close()
    return True


async def try_client(wstest: Path, agent: str, echo_all: Callable[[str], Awaitable[None]]) -> list[Case]:
    """Have the suite's server try a client, which goes through its cases as ``agent``.

    Raises:
        SuiteError: the suite did not start, or the client did not end in time.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        port = _free_port()
        url = f"ws://127.0.0.1:{port}"
        settings: dict[str, object] = {
            "url": url,
            "outdir": str(folder),
            "cases": ["*"],
            "exclude-cases": COMPRESSION,
            "exclude-agent-cases": {},
        }
        spec = folder / "spec.json"
        spec.write_text(json.dumps(settings), encoding="utf-8")
        process = await asyncio.create_subprocess_exec(
            *(wstest, "-m", "fuzzingserver", "-s", spec, "-u", "0"), stdout=asyncio.subprocess.DEVNULL
        )
        try:
            async with asyncio.timeout(PATIENCE):
                while not await _listens(port):
                    if process.returncode is not None:
                        raise SuiteError(f"the suite's server ended with exit code {process.returncode}")
                    await asyncio.sleep(0.1)
                await echo_all(url)
        except TimeoutError:
            raise SuiteError(f"{agent}: the cases did not end within {PATIENCE} s") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return read_reports(folder, agent)


async def suite_version(wstest: Path) -> str:
    """The version of the suite, as it says itself."""
    process = await asyncio.create_subprocess_exec(
        wstest, "--autobahnversion", stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    return said.decode().split()[-1]
