"""Commands and requests that were made by chance: the hub answers each by the rules, and stays up."""

from __future__ import annotations

import importlib.util
import json
import math
from typing import TYPE_CHECKING, Any, Final

import pytest

from eventshub_contract.bundle import Json, as_object
from eventshub_contract.connection import Connection
from eventshub_contract.errors import HubMisbehaved
from eventshub_contract.hub import UNSUBSCRIBE, Hub
from eventshub_contract.verdicts import Found, Several, Verdict, unsupported

if TYPE_CHECKING:
    from eventshub_contract.generated import Frame

TURN: Final = 16
"""Frames on one connection before the next one: limits on rates are judged elsewhere."""
SHOWN: Final = 300


@pytest.mark.rule("CMD-2")
def test_generated_commands(hub: Hub) -> None:
    examples = _examples(hub, "hypothesis")
    from eventshub_contract import generated

    talk = _Talk(hub)
    strategy = generated.valid_commands(hub.bundle, list(hub.bundle.commands))
    _raise(generated.search(strategy, examples, hub.target.seed, talk.judge_command), hub)


@pytest.mark.rule("CMD-5")
@pytest.mark.parametrize("key", ["event_type", "type", "message", "id", "body"])
def test_generated_commands_with_a_wrong_key(hub: Hub, key: str) -> None:
    examples = _examples(hub, "hypothesis")
    from eventshub_contract import generated

    talk = _Talk(hub)
    strategy = generated.nearly_valid_commands(hub.bundle, list(hub.bundle.commands), key)
    few = math.ceil(examples / 3)
    _raise(generated.search(strategy, few, hub.target.seed, talk.judge_frame), hub)


@pytest.mark.rule("CMD-5")
def test_generated_frames(hub: Hub) -> None:
    examples = _examples(hub, "hypothesis")
    from eventshub_contract import generated

    talk = _Talk(hub)
    _raise(generated.search(generated.hostile_frames(), examples, hub.target.seed, talk.judge_frame), hub)


@pytest.mark.rule("UNSUB-5")
@pytest.mark.parametrize("valid", [True, False], ids=["valid", "not valid"])
def test_generated_requests(hub: Hub, valid: bool) -> None:
    examples = _examples(hub, "schemathesis")
    from eventshub_contract import generated

    connection = hub.connect("pdfm", "system")
    live, channels = connection.client_id, list(hub.bundle.stream.channels)

    endpoint = hub.bundle.endpoint("POST", UNSUBSCRIBE)
    schema = endpoint.request if endpoint is not None else None

    def judge(case: Any) -> Found | None:
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
            kind = "not valid" if is_wrong else "valid"
            what = f"a request that is {kind} was answered {answer.status}"
            return Found(Verdict.FAIL, what, f"{str(body)[:SHOWN]!r}: {answer.message}")
        return None

    strategy = generated.requests_of(hub.bundle, "unsubscribe", valid=valid)
    _raise(generated.search(strategy, examples, hub.target.seed, judge), hub)


class _Talk:
    """Sends one frame after another, each followed by a ping, so that it is clear what answers what."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._connection: Connection | None = None
        self._left = 0
        self._number = 0

    def judge_command(self, frame: Frame) -> Found | None:
        """Say whether a valid command is answered as the documents say."""
        heard = self._heard_after(frame)
        if isinstance(heard, Found):
            return heard
        answers = [value for value in heard if "ref_id" in value]
        sent = json.loads(frame)
        command = self._hub.bundle.command_of(sent)
        name = command.name if command is not None else ""
        operation = next(each for each in self._hub.bundle.operations if each.request == name)
        for answer in answers:
            message = self._hub.bundle.message_of(answer)
            if message and message.name in operation.replies and answer.get("ref_id") == sent["id"]:
                return None
        what = "a valid command was not answered as the documents say"
        return Found(Verdict.FAIL, what, f"{_shown(frame)}, answered {answers}")

    def judge_frame(self, frame: Frame) -> Found | None:
        """Say whether the hub survives a frame; what is certainly no command has an error for an answer."""
        from eventshub_contract.generated import must_be_refused

        heard = self._heard_after(frame)
        if isinstance(heard, Found):
            return heard
        errors = [value for value in heard if value.get("message") == "error"]
        if must_be_refused(self._hub.bundle, frame) and not errors:
            return Found(Verdict.FAIL, "what is no command was not answered with an error", _shown(frame))
        return None

    def _heard_after(self, frame: Frame) -> list[dict[str, Json]] | Found:
        shown = _shown(frame)
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
            return Found(Verdict.FAIL, "after a frame the hub did not answer a ping", f"{shown}: {error}")
        heard = [event.value for event in connection.pending()]
        connection.forget()
        if self._left <= 0:
            connection.close()
            self._connection = None
        return heard

    def _opened(self) -> Connection:
        self._left -= 1
        if self._connection is None or not self._connection.is_open:
            self._connection, self._left = self._hub.connect("health", "system"), TURN
            self._connection.receive_welcome()
        return self._connection


def _shown(frame: Frame) -> str:
    return repr(frame[:SHOWN])


def _raise(found: Found | None, hub: Hub) -> None:
    if found is not None:
        example = f"{found.example} (--seed {hub.target.seed}, made smaller)"
        raise Several([found._replace(example=example)])


def _examples(hub: Hub, package: str) -> int:
    if hub.target.generated is None:
        unsupported("makes commands and requests by chance: say how many of each kind with --generated")
    if importlib.util.find_spec(package) is None:
        unsupported(f"needs {package}: pip install 'eventshub-contract[generated]'")
    return hub.target.generated
