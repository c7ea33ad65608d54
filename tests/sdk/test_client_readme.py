"""The README's snippets run, and it names exactly what the package exports."""

from __future__ import annotations

import ast
import asyncio
import builtins
import inspect
import re
import types
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import pytest

import eventshub
import eventshub._generated as generated
from eventshub import AsyncEventsHub, Subscription
from eventshub_mockserver import HubConfig, HubServer

README = (Path(eventshub.__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SNIPPETS = [found[1] for found in re.finditer(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)]
WHOLE_PROGRAMS = [code for code in SNIPPETS if "asyncio.run(" in code]
FOR_THREADS = [code for code in SNIPPETS if re.search(r"\bEventsHub\(", code)]
PARTS = [code for code in SNIPPETS if code not in WHOLE_PROGRAMS + FOR_THREADS]
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


Enough = Callable[[str], bool]


class Printed:
    """What a snippet has printed so far."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.text = ""

    async def until(self, running: asyncio.Task[Any], enough: Enough) -> None:
        """Until a snippet has printed enough, or is over; loops over events never are."""
        async with asyncio.timeout(20):
            while not running.done() and not enough(self.text):
                await asyncio.wait([running], timeout=0.01)
                self.text += self._capsys.readouterr().out
        self.text += self._capsys.readouterr().out


async def run(
    code: str, names: dict[str, Any], capsys: pytest.CaptureFixture[str], enough: Enough = bool
) -> str:
    """Run a snippet as the body of a coroutine, and give what it printed; loops over events are cut off."""
    compiled = compile(code, "README.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    body = types.FunctionType(compiled, {"__builtins__": builtins, "__name__": "snippet", **names})()
    printed = Printed(capsys)
    if not inspect.iscoroutine(body):
        return capsys.readouterr().out
    running = asyncio.create_task(body)
    if not re.search(r"async for|while |\.run\(", code):
        await asyncio.wait([running], timeout=20)
    await printed.until(running, enough)
    if running.done():
        running.result()
    else:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return printed.text


@pytest.mark.parametrize("code", PARTS, ids=title)
async def test_snippet_runs(code: str, hub: HubServer, capsys: pytest.CaptureFixture[str]) -> None:
    printed = await run(code, {"hub": AsyncEventsHub()}, capsys)
    assert printed or "print" not in code


async def test_snippet_on_what_is_unexpected_meets_it(
    hub: HubServer, capsys: pytest.CaptureFixture[str]
) -> None:
    [code] = [code for code in PARTS if "case UnknownEvent()" in code]
    expected = (
        "pdfm VM_TELEPORTED",
        "Expected `str`, got `int` at $.body.vm_id",
        "a new state: molten",
    )
    printed = await run(
        code, {"hub": AsyncEventsHub()}, capsys, lambda text: all(part in text for part in expected)
    )
    assert all(part in printed for part in expected)


@pytest.mark.parametrize("code", WHOLE_PROGRAMS, ids=title)
async def test_whole_program_runs(code: str, hub: HubServer, capsys: pytest.CaptureFixture[str]) -> None:
    code = code.replace("https://hub.example.com", hub.url).replace('"<token>"', repr(hub.token))
    code = code.replace("asyncio.run(main())", "await main()")
    assert "VmStateChanged" in await run(code, {}, capsys, lambda text: "VmStateChanged" in text)


@pytest.mark.parametrize("code", FOR_THREADS, ids=title)
async def test_program_for_threads_runs(
    code: str, hub: HubServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    entered: list[Subscription[Any]] = []
    enter: Callable[[Subscription[Any]], Subscription[Any]] = vars(Subscription)["__enter__"]

    def enter_and_remember(subscription: Subscription[Any]) -> Subscription[Any]:
        entered.append(enter(subscription))
        return subscription

    monkeypatch.setattr(Subscription, "__enter__", enter_and_remember)
    code = code.replace("https://hub.example.com", hub.url).replace('"<token>"', repr(hub.token))
    running = asyncio.create_task(asyncio.to_thread(exec, compile(code, "README.md", "exec"), {}))
    await Printed(capsys).until(running, lambda text: "VmStateChanged" in text)
    for subscription in entered:
        await asyncio.to_thread(subscription.close)
    await running


def test_all_hand_written_names_are_promised() -> None:
    promised = set(re.findall(r"`(\w+)`", README))
    assert set(eventshub.__all__) - set(generated.__all__) <= promised


def test_all_promised_exceptions_exist() -> None:
    assert set(re.findall(r"`(\w+Error)`", README)) - {"TimeoutError", "RuntimeError", "ValueError"} <= set(
        eventshub.__all__
    )
