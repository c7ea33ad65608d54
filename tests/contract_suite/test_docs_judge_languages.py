"""Programs in JavaScript and Go that a document shows are run, with the libraries that are there."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from tests.contract_suite.identities import TOKEN
from tests.contract_suite.judging import RunningHub, run_judge

from eventshub_contract.documents.languages import outcome_of

WS = """\
import WebSocket from 'ws'

const token = process.env.EVENTS_HUB_TOKEN
const hub = new WebSocket('wss://hub.example.com/v1/ws/subscribe?event_types=pdfm', {
  headers: { Authorization: `Bearer ${token}` }
})
hub.on('message', (data) => console.log(JSON.parse(data).message))
hub.on('error', (error) => { throw error })
"""
GORILLA = """\
package main

import (
\t"fmt"
\t"net/http"
\t"os"

\t"github.com/gorilla/websocket"
)

func main() {
\theader := http.Header{"Authorization": {"Bearer " + os.Getenv("EVENTS_HUB_TOKEN")}}
\turl := "wss://hub.example.com/v1/ws/subscribe?event_types=pdfm"
\thub, _, err := websocket.DefaultDialer.Dial(url, header)
\tif err != nil {
\t\tpanic(err)
\t}
\t_, frame, err := hub.ReadMessage()
\tfmt.Println(string(frame), err)
}
"""
GLOBAL = """\
const token = process.env.EVENTS_HUB_TOKEN
const hub = new WebSocket(`wss://hub.example.com/v1/ws/subscribe?event_types=pdfm&access_token=${token}`)
hub.onmessage = (event) => console.log(JSON.parse(event.data).message)
hub.onerror = () => { throw new Error('refused') }
"""
FAKE_WS = """\
import { EventEmitter } from 'node:events'
export default class WebSocket extends EventEmitter {
  constructor(url) { super(); setTimeout(() => this.emit('message', '{"message": "' + url + '"}'), 10) }
}
"""


def page(folder: Path, language: str, program: str) -> Path:
    document = folder / "page.md"
    document.write_text(f"# Page\n\n```{language}\n{program}```\n")
    return document


def runs(document: Path, hub: RunningHub) -> list[tuple[str, str, int]]:
    """Verdict, message and line of what was run."""
    judged = run_judge(
        *("docs", str(document), "--hub-url", hub.url, "--rule", "DOC-8", "--json"),
        env={"EVENTS_HUB_TOKEN": TOKEN},
    )
    return [
        (case["verdict"], case["message"], case["line"])
        for rule in judged.report["rules"]
        for case in rule["cases"]
    ]


def needs_node(folder: Path) -> None:
    if shutil.which("node") is None:
        pytest.skip("Node.js is not installed")
    library = folder / "node_modules" / "ws"
    library.mkdir(parents=True)
    (library / "package.json").write_text('{"name": "ws", "type": "module", "main": "index.js"}')
    (library / "index.js").write_text(FAKE_WS)


def needs_gorilla() -> None:
    if shutil.which("go") is None:
        pytest.skip("Go is not installed")
    asked = subprocess.run(
        ["go", "env", "GOMODCACHE"], capture_output=True, text=True, timeout=30, check=False
    )
    if not (Path(asked.stdout.strip()) / "cache/download/github.com/gorilla/websocket/@v").is_dir():
        pytest.skip("gorilla/websocket is not in Go's module cache")


def test_javascript_with_the_library_beside_its_document(tmp_path: Path, hub: RunningHub) -> None:
    needs_node(tmp_path)
    assert [verdict for verdict, *_ in runs(page(tmp_path, "js", WS), hub)] == ["pass"]


def test_javascript_that_is_wrong(tmp_path: Path, hub: RunningHub) -> None:
    needs_node(tmp_path)
    wrong = WS.replace("hub.on('error'", "hub.once_more('error'")
    ((verdict, message, line),) = runs(page(tmp_path, "js", wrong), hub)
    assert (verdict, line) == ("fail", 11)
    assert message.endswith("TypeError: hub.once_more is not a function")


def test_javascript_without_its_library(tmp_path: Path, hub: RunningHub) -> None:
    if shutil.which("node") is None:
        pytest.skip("Node.js is not installed")
    ((verdict, message, _),) = runs(page(tmp_path, "js", WS), hub)
    assert (verdict, message) == ("unsupported", "ws is not installed here")


def test_javascript_of_browsers(tmp_path: Path, hub: RunningHub) -> None:
    if shutil.which("node") is None:
        pytest.skip("Node.js is not installed")
    ((verdict, message, _),) = runs(page(tmp_path, "js", GLOBAL), hub)
    if verdict == "unsupported" and message == "WebSocket is not installed here":
        pytest.skip("this Node.js is too old to have the WebSocket of browsers")
    assert verdict == "pass", message
    refused = GLOBAL.replace("${token}", "wrong-${token}")
    ((verdict, message, line),) = runs(page(tmp_path, "js", refused), hub)
    assert (verdict, line) == ("fail", 7)
    assert message.endswith("Error: refused")


@pytest.mark.timeout(200)
def test_go_with_a_module_of_this_machine(tmp_path: Path, hub: RunningHub) -> None:
    needs_gorilla()
    assert [verdict for verdict, *_ in runs(page(tmp_path, "go", GORILLA), hub)] == ["pass"]
    wrong = GORILLA.replace("hub.ReadMessage()", "hub.ReadMessages()")
    ((verdict, message, line),) = runs(page(tmp_path, "go", wrong), hub)
    assert (verdict, line) == ("fail", 21)
    assert "hub.ReadMessages undefined" in message
    refused = GORILLA.replace('"Bearer " +', '"Bearer wrong" +')
    ((verdict, message, line),) = runs(page(tmp_path, "go", refused), hub)
    assert (verdict, line) == ("fail", 19)
    assert "bad handshake" in message


@pytest.mark.parametrize(
    ("errors", "fault", "line", "missing"),
    [
        (
            "file:///f/snippet.mjs:3\nx()\n^\n\nReferenceError: x is not defined\n    at a\n\nNode.js v20\n",
            "ReferenceError: x is not defined",
            3,
            "",
        ),
        ("ReferenceError: document is not defined\n", "", 0, "document is not installed here"),
        ("# command-line-arguments\n./snippet.go:8:2: undefined: x\n", "undefined: x", 8, ""),
        (
            "snippet.go:4:8: cannot find module providing package example.com/ws: no\n",
            "",
            0,
            "example.com/ws is not installed here",
        ),
        ("2026/11/24 dial: refused\n", "2026/11/24 dial: refused", 0, ""),
        ("", "it ends with 3", 0, ""),
    ],
)
def test_what_a_program_says_when_it_fails(errors: str, fault: str, line: int, missing: str) -> None:
    outcome = outcome_of(errors, 3)
    assert (outcome.fault, outcome.line, outcome.missing) == (fault, line, missing)
