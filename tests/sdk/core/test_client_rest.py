"""REST calls without a network."""

from __future__ import annotations

import json

import pytest
from tests.sdk.frames import CLIENT_ID

from eventshub import MessageDecodeError, NotFoundError, UnsubscribeRequest, UnsubscribeResult
from eventshub._core.address import Address
from eventshub._core.rest import HttpRequest, RawResponse, rest_request
from eventshub._generated.rest import UNSUBSCRIBE


def request() -> HttpRequest:
    address = Address.parse("wss://hub.example.com/api", stream_path="/stream")
    body = UnsubscribeRequest(client_id=CLIENT_ID, event_types=("pdfm",))
    return rest_request(address, UNSUBSCRIBE, body, {"Authorization": "Bearer t"})


def result(status: int, content: bytes) -> UnsubscribeResult:
    answer = RawResponse(
        status=status, headers={}, content=content, url="https://hub", received_at=0.0, endpoint=UNSUBSCRIBE
    )
    return answer.parse()


def test_request_says_who_asks_and_what() -> None:
    sent = request()
    assert (sent.method, sent.url) == ("POST", "https://hub.example.com/api/v1/ws/unsubscribe")
    assert sent.headers["Authorization"] == "Bearer t"
    assert sent.headers["Content-Type"] == "application/json"
    assert sent.content is not None
    assert json.loads(sent.content) == {"client_id": CLIENT_ID, "event_types": ["pdfm"]}


def test_answer_is_typed() -> None:
    answer = result(
        200,
        b'{"code": 200, "message": "done", "unsubscribed": ["pdfm"], "remaining_subscriptions": ["global"],'
        b' "refused": [{"event_type": "nope", "reason": "unknown"}], "more": 1}',
    )
    assert answer.unsubscribed == ("pdfm",)
    assert answer.remaining_subscriptions == ("global",)
    assert answer.refused
    assert (answer.refused[0].event_type, answer.refused[0].reason) == ("nope", "unknown")


@pytest.mark.parametrize("content", [b"", b" \n", b"null", b"{}", b'{"message": "ok", "code": 200}'])
def test_answers_of_the_service_are_accepted(content: bytes) -> None:
    answer = result(200, content)
    assert not answer.unsubscribed
    assert not answer.refused


@pytest.mark.parametrize(
    ("content", "path"), [(b"<html>", "$"), (b'{"unsubscribed": "pdfm"}', "$.unsubscribed"), (b"[]", "$")]
)
def test_what_the_spec_does_not_say_is_refused_with_its_place(content: bytes, path: str) -> None:
    with pytest.raises(MessageDecodeError, match="the answer to unsubscribe cannot be decoded") as caught:
        result(200, content)
    assert caught.value.path == path


def test_other_statuses_are_typed_errors() -> None:
    with pytest.raises(NotFoundError, match="no such connection"):
        result(404, b'{"code": 404, "message": "no such connection"}')
