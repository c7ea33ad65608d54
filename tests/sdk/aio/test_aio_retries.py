"""REST calls that are made again, and answers as they came, on both twins."""

from __future__ import annotations

import asyncio

import pytest
from tests.sdk import frames
from tests.sdk.manual_clock import ManualClock, PromptClock
from tests.sdk.scripted_hub import client, http_answer, raw_server

from eventshub import (
    HubUnavailableError,
    HubUnreachableError,
    NotFoundError,
    RateLimitedError,
    RawResponse,
    UnsubscribeResult,
)

pytestmark = pytest.mark.both_twins

NOBODY = http_answer("200 OK", b" []", Content_Type="application/json", X_Trace="t-1")
BUSY = http_answer("503 Service Unavailable", b"")


async def test_passing_trouble_is_waited_out() -> None:
    async with raw_server(BUSY, http_answer("502 Bad Gateway"), NOBODY) as server:
        assert await client(server.url, clock=PromptClock(), max_retries=2).clients() == ()
        assert len(server.requests) == 3


async def test_number_of_retries_is_bounded() -> None:
    async with raw_server(BUSY) as server:
        with pytest.raises(HubUnavailableError):
            await client(server.url, clock=PromptClock(), max_retries=1).stats()
        assert len(server.requests) == 2
        with pytest.raises(HubUnavailableError):
            await client(server.url, max_retries=0).clients()
        assert len(server.requests) == 3


async def test_retry_after_is_waited_for_by_the_clock() -> None:
    clock = ManualClock()
    limited = http_answer("429 Too Many Requests", b'{"code": 429, "message": "slow down"}', Retry_After="40")
    async with raw_server(limited, NOBODY) as server:
        asking = asyncio.create_task(client(server.url, clock=clock, max_retries=2).clients())
        while not clock.waiting:  # noqa: ASYNC110 - a delay that chance has a part in
            await asyncio.sleep(0.001)
        assert 40 <= clock.waiting[0] <= 40.5
        clock.advance(41)
        assert await asking == ()


async def test_longer_retry_after_is_the_callers_to_wait_for() -> None:
    async with raw_server(http_answer("429 Too Many Requests", Retry_After="3600")) as server:
        with pytest.raises(RateLimitedError) as caught:
            await client(server.url, max_retries=2).stats()
        assert caught.value.retry_after == 3600
        assert len(server.requests) == 1


async def test_each_attempt_asks_for_the_credential() -> None:
    asked: list[str] = []

    def token() -> str:
        asked.append(f"t{len(asked)}")
        return asked[-1]

    async with raw_server(BUSY, NOBODY) as server:
        await client(server.url, token=token, clock=PromptClock(), max_retries=2).clients()
        assert [b"Bearer t0" in server.requests[0], b"Bearer t1" in server.requests[1]] == [True, True]


async def test_cut_connection_is_tried_again_for_what_only_reads() -> None:
    async with raw_server(b"", NOBODY) as server:
        assert await client(server.url, clock=PromptClock(), max_retries=2).clients() == ()
    async with raw_server(b"", http_answer("200 OK")) as server:
        with pytest.raises(HubUnreachableError):
            await client(server.url, clock=PromptClock(), max_retries=2).unsubscribe(frames.CLIENT_ID, "pdfm")
        assert len(server.requests) == 1


async def test_hub_that_did_nothing_is_asked_again_to_unsubscribe() -> None:
    async with raw_server(BUSY, http_answer("200 OK")) as server:
        await client(server.url, clock=PromptClock(), max_retries=2).unsubscribe(frames.CLIENT_ID, "pdfm")
        assert len(server.requests) == 2


def test_negative_number_is_refused() -> None:
    with pytest.raises(ValueError, match="max_retries"):
        client("http://hub.invalid", max_retries=-1)


class TestRawResponses:
    async def test_hold_the_answer_and_what_it_means(self) -> None:
        async with raw_server(NOBODY) as server:
            hub = client(server.url)
            response = await hub.with_raw_response.clients()
            assert (response.status, response.headers["x-trace"]) == (200, "t-1")
            assert response.content == b" []"
            assert response.parse() == await hub.clients() == ()
            assert response.url == f"{server.url}/v1/ws/clients"

    async def test_refusal_is_an_answer_too_until_it_is_parsed(self) -> None:
        async with raw_server(http_answer("404 Not Found", b'{"code": 404, "message": "gone"}')) as server:
            response = await client(server.url).with_raw_response.unsubscribe(frames.CLIENT_ID, "pdfm")
            assert response.status == 404
            with pytest.raises(NotFoundError, match="gone"):
                response.parse()

    async def test_last_answer_counts(self) -> None:
        async with raw_server(BUSY, http_answer("204 No Content")) as server:
            calls = client(server.url, clock=PromptClock(), max_retries=2).with_raw_response
            response: RawResponse[UnsubscribeResult] = await calls.unsubscribe(frames.CLIENT_ID, "pdfm")
            assert response.status == 204
            assert response.parse() == UnsubscribeResult()

    async def test_repr_shows_no_content(self) -> None:
        async with raw_server(NOBODY) as server:
            assert "[]" not in repr(await client(server.url).with_raw_response.clients())
