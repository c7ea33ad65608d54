"""Runs what a document shows against a hub: its programs, its commands, its requests."""

from __future__ import annotations

import ipaddress
import json
import socket
from pathlib import Path

from ..addresses import Addresses
from ..bundle import OperationSpec, as_object
from ..errors import ExitCode, HubMisbehaved, TargetError
from ..hub import Hub
from ..recorder import Recorder
from ..target import Target
from .json_blocks import LANGUAGES as JSON_LANGUAGES
from .log import Log
from .lookup import Lookup
from .names import METHOD_PATH
from .page import Block, Page
from .programs import Program, program_of
from .rules import RUNS
from .shapes import Shapes


def run_page(page: Page, target: Target, log: Log) -> None:
    """Run everything of a page, one after another, for a hub may take one connection from an address.

    Raises:
        TargetError: There is no hub, or it is not on this machine.
    """
    _require_loopback(target)
    recorder = Recorder(log.bundle, target.secrets)
    hub = Hub(target, recorder, Addresses(target), page.file)
    try:
        hub.connect().close()
        for block in page.blocks:
            program = program_of(block, target, Path(page.file).resolve().parent)
            if program is not None:
                _run(page.file, block, program, log)
            elif block.language in JSON_LANGUAGES:
                _send(page.file, block, hub, recorder, log)
        _request(page, hub, recorder, log)
    except HubMisbehaved as error:
        url = target.hub_url.geturl()
        raise TargetError(f"there is no hub to try at {url}: {error}", ExitCode.UNREACHABLE) from error
    finally:
        hub.close()


def _run(file: str, block: Block, program: Program, log: Log) -> None:
    outcome = program.run()
    if outcome.missing:
        log.unsupported(RUNS, file, block.line, outcome.missing)
    elif outcome.fault:
        line = block.line + (outcome.line - 1 if outcome.line else 0)
        log.found(RUNS, file, line, f"this does not run against the hub: {outcome.fault}")
    else:
        log.held(RUNS, file, block.line)


def _send(file: str, block: Block, hub: Hub, recorder: Recorder, log: Log) -> None:
    """Send a command that is shown, and see it answered as the operation says."""
    try:
        command = as_object(json.loads(block.text))
    except ValueError:
        return
    shape = Shapes(log.bundle).of(command, block.before) if command is not None else None
    operation = next(
        (
            each
            for each in log.bundle.operations
            if shape is not None and shape.message is not None and each.request == shape.message.name
        ),
        None,
    )
    if command is None or shape is None or shape.message is None or operation is None:
        return
    before = len(recorder.findings)
    fault = ""
    try:
        connection = hub.connect(*shape.message.channels)
        connection.send(command)
        correlation = (
            {operation.reply_correlation: command[operation.request_correlation]}
            if (command.get(operation.request_correlation))
            else {}
        )
        reply = connection.expect("answer to the command", **correlation).value
        fault = _reply_fault(reply, operation, log)
        connection.close()
    except HubMisbehaved as error:
        fault = str(error)
    news = recorder.findings[before:]
    log.judged(RUNS, file, block.line, fault or (news[0].what if news else ""), log.says("CMD-2"))


def _reply_fault(reply: dict[str, object], operation: OperationSpec, log: Log) -> str:
    message = log.bundle.message_of(reply)
    if message is not None and message.name in operation.replies:
        return ""
    named = message.name if message is not None else "something that is in no document"
    return f"the hub answers this command with {named}: {json.dumps(reply)[:200]}"


def _request(page: Page, hub: Hub, recorder: Recorder, log: Log) -> None:
    """Make every GET request that is mentioned."""
    lookup = Lookup(log.bundle)
    tried: set[str] = set()
    for text in page.texts:
        for match in METHOD_PATH.finditer(text.text):
            for endpoint in lookup.endpoints(match[2].partition("?")[0]):
                if match[1] != "GET" or endpoint.websocket or endpoint.path in tried:
                    continue
                tried.add(endpoint.path)
                before = len(recorder.findings)
                answer = hub.request("GET", endpoint.path)
                news = recorder.findings[before:]
                fault = news[0].what if news else ""
                if not fault and answer.status >= 400:
                    fault = f"GET {endpoint.path} was answered {answer.status}: {answer.message}"
                log.judged(RUNS, page.file, text.line_of(match.start()), fault)


def _require_loopback(target: Target) -> None:
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise TargetError(f"--hub-url: {target.host}: {error.strerror}", ExitCode.UNREACHABLE) from error
    if not all(ipaddress.ip_address(address[4][0]).is_loopback for address in found):
        raise TargetError(
            "--hub-url: programs of a document are run against a hub on this machine alone (loopback)",
            ExitCode.USAGE,
        )
