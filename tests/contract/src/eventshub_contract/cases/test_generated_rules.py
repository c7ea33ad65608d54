"""Commands and requests that were made by chance: the hub answers each by the rules, and stays up."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import pytest

from eventshub_contract.bundle import Json, as_object
from eventshub_contract.connection import Connection
from eventshub_contract.errors import HubMisbehaved
from eventshub_contract.hub import UNSUBSCRIBE, Hub
from eventshub_contract.verdicts import unsupported

if TYPE_CHECKING:
    from eventshub_contract.generated import Frame

TURN: Final = 16
"""Frames on one connection before the next one: limits on rates are judged elsewhere."""
SHOWN: Final = 300


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param("valid", marks=pytest.mark.rule("CMD-2")),
        pytest.param("nearly valid", marks=pytest.mark.rule("CMD-5")),
        pytest.param("hostile", marks=pytest.mark.rule("CMD-5")),
    ],
)
def test_generated_commands(hub: Hub, kind: str) -> None:
    examples = _examples(hub, "hypothesis")
    from eventshub_contract import generated

    commands = list(hub.bundle.commands)
    strategy = {
        "valid": lambda: generated.valid_commands(hub.bundle, commands),
        "nearly valid": lambda: generated.nearly_valid_commands(hub.bundle, commands),
        "hostile": generated.hostile_frames,
    }[kind]()
    talk = _Talk(hub)

    def judge(frame: Frame) -> str:
        return talk.judge(frame, is_valid=kind == "valid")

    finding = generated.search(strategy, examples, hub.target.seed, judge)
    assert not finding, f"{finding} (--seed {hub.target.seed}, made smaller)"


@pytest.mark.rule("UNSUB-5")
@pytest.mark.parametrize("valid", [True, False], ids=["valid", "not valid"])
def test_generated_requests(hub: Hub, valid: bool) -> None:
    examples = _examples(hub, "schemathesis")
    from eventshub_contract import generated

    connection = hub.connect("pdfm", "system")
    live, channels = connection.client_id, list(hub.bundle.stream.channels)

    endpoint = hub.bundle.endpoint("POST", UNSUBSCRIBE)
    schema = endpoint.request if endpoint is not None else None

    def judge(case: Any) -> str:
        body: Json = case.body
        members = as_object(body)
        if valid and members is not None:
            # Of a made-up ID one learns that there is none; a live one makes the rest of the request count.
            further = channels[len(members["event_types"]) % len(channels)]
            body = {"client_id": live, "event_types": [*members["event_types"], further]}
        is_raw = isinstance(body, bytes)
        answer = hub.request(
            "POST",
            UNSUBSCRIBE,
            value=None if is_raw else body,
            content=body if is_raw else None,
            headers={"Content-Type": case.media_type or "application/json"},
        )
        is_wrong = is_raw or bool(hub.bundle.violations(schema, body))
        if answer.status >= 500 or (is_wrong and answer.status < 400):
            return f"the request {str(body)[:SHOWN]!r} was answered {answer.status}: {answer.message}"
        return ""

    strategy = generated.requests_of(hub.bundle, "unsubscribe", valid=valid)
    finding = generated.search(strategy, examples, hub.target.seed, judge)
    assert not finding, f"{finding} (--seed {hub.target.seed}, made smaller)"


class _Talk:
    """Sends one frame after another, each followed by a ping, so that it is clear what answers what."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._connection: Connection | None = None
        self._left = 0
        self._number = 0

    def judge(self, frame: Frame, *, is_valid: bool) -> str:
        from eventshub_contract.generated import must_be_refused

        shown = repr(frame[:SHOWN])
        connection = self._opened()
        self._number += 1
        probe = f"probe-{self._number}"
        try:
            if isinstance(frame, bytes):
                connection.send_binary(frame)
            else:
                connection.send_text(frame)
            connection.send({"event_type": "health", "type": "health", "message": "ping", "id": probe})
            connection.expect(f"answer to a ping after the frame {shown}", ref_id=probe)
        except HubMisbehaved as error:
            self._connection = None
            return f"{error}: the frame before was {shown}"
        answers = [event.value for event in connection.pending() if "ref_id" in event.value]
        errors = [event.value for event in connection.pending() if event.value.get("message") == "error"]
        connection.forget()
        if self._left <= 0:
            connection.close()
            self._connection = None
        if is_valid:
            return self._command_fault(frame, answers, shown)
        if must_be_refused(self._hub.bundle, frame) and not errors:
            return f"the frame {shown} is no command, and no error came"
        return ""

    def _command_fault(self, frame: Frame, answers: Sequence[dict[str, Json]], shown: str) -> str:
        sent = json.loads(frame)
        command = self._hub.bundle.command_of(sent)
        name = command.name if command is not None else ""
        operation = next(each for each in self._hub.bundle.operations if each.request == name)
        for answer in answers:
            message = self._hub.bundle.message_of(answer)
            if message and message.name in operation.replies and answer.get("ref_id") == sent["id"]:
                return ""
        return f"the command {shown} was not answered as the documents say: {answers}"

    def _opened(self) -> Connection:
        self._left -= 1
        if self._connection is None or not self._connection.is_open:
            self._connection, self._left = self._hub.connect("health", "system"), TURN
            self._connection.receive_welcome()
        return self._connection


def _examples(hub: Hub, package: str) -> int:
    if hub.target.generated is None:
        unsupported("makes commands and requests by chance: say how many of each kind with --generated")
    if importlib.util.find_spec(package) is None:
        unsupported(f"needs {package}: pip install 'eventshub-contract[generated]'")
    return hub.target.generated
