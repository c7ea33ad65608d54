"""The README's snippets run, and it names exactly what the package exports."""

from __future__ import annotations

import ast
import asyncio
import builtins
import inspect
import re
import types
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

import eventshub
import eventshub._generated as generated
from eventshub import AsyncEventsHub
from eventshub_mockserver import HubConfig, HubServer

README = (Path(eventshub.__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SNIPPETS = [found[1] for found in re.finditer(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)]
WHOLE_PROGRAMS = [code for code in SNIPPETS if "asyncio.run(" in code]
PARTS = [code for code in SNIPPETS if "asyncio.run(" not in code]
VM: Any = {"ID": "vm-2", "Name": "box", "Home path": "/vms/box"}


def title(code: str) -> str:
    before = README[: README.index(code)]
    return before.rpartition("\n## ")[2].partition("\n")[0]


@pytest.fixture
async def hub(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[HubServer]:
    """A hub on which things happen all the time."""
    async with HubServer(HubConfig()) as server:
        monkeypatch.setenv("EVENTS_HUB_URL", server.url)
        monkeypatch.setenv("EVENTS_HUB_TOKEN", server.token)

        async def happen() -> None:
            states: list[Any] = ["stopped", "running", "molten"]
            while True:
                for state in states:
                    body: Any = {"vm_id": "vm-1", "previous_state": "running", "current_state": state}
                    server.publish("pdfm", "VM_STATE_CHANGED", body, unchecked=True)
                server.publish("pdfm", "VM_ADDED", {"vm_id": "vm-2", "new_vm": VM})
                server.publish("pdfm", "VM_TELEPORTED", {"to": "elsewhere"}, unchecked=True)
                server.publish("pdfm", "VM_ADDED", {"vm_id": 5}, unchecked=True)
                await asyncio.sleep(0.02)

        happening = asyncio.create_task(happen())
        yield server
        happening.cancel()


async def run(code: str, names: dict[str, Any]) -> None:
    """Run a snippet as the body of a coroutine; loops over events are cut off in the end."""
    compiled = compile(code, "README.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    body = types.FunctionType(compiled, {"__builtins__": builtins, "__name__": "snippet", **names})()
    if not inspect.iscoroutine(body):
        return
    running = asyncio.create_task(body)
    done, _ = await asyncio.wait([running], timeout=0.3 if "async for" in code or "while" in code else 10)
    if done:
        running.result()
    else:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize("code", PARTS, ids=title)
async def test_snippet_runs(code: str, hub: HubServer, capsys: pytest.CaptureFixture[str]) -> None:
    await run(code, {"hub": AsyncEventsHub()})
    assert capsys.readouterr().out or "print" not in code


async def test_snippet_on_what_is_unexpected_meets_it(
    hub: HubServer, capsys: pytest.CaptureFixture[str]
) -> None:
    [code] = [code for code in PARTS if "case UnknownEvent()" in code]
    await run(code, {"hub": AsyncEventsHub()})
    printed = capsys.readouterr().out
    assert "pdfm VM_TELEPORTED" in printed
    assert "Expected `str`, got `int` at $.body.vm_id" in printed
    assert "a new state: molten" in printed


@pytest.mark.parametrize("code", WHOLE_PROGRAMS, ids=title)
async def test_whole_program_runs(code: str, hub: HubServer, capsys: pytest.CaptureFixture[str]) -> None:
    code = code.replace("https://hub.example.com", hub.url).replace('"<token>"', repr(hub.token))
    await run(code.replace("asyncio.run(main())", "await main()"), {})
    assert "VmStateChanged" in capsys.readouterr().out


def test_all_hand_written_names_are_promised() -> None:
    promised = set(re.findall(r"`(\w+)`", README))
    assert set(eventshub.__all__) - set(generated.__all__) <= promised


def test_all_promised_exceptions_exist() -> None:
    assert set(re.findall(r"`(\w+Error)`", README)) - {"TimeoutError"} <= set(eventshub.__all__)
