"""The hub in tests written with unittest, in scripts, and under applications in other processes."""

from __future__ import annotations

import asyncio
import io
import json
import socket
import subprocess
import sys
import unittest
from typing import ClassVar

import pytest
from websockets.asyncio.client import connect as connect_async
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from eventshub_mockserver import (
    EventsHubTestCase,
    HubConfig,
    HubForTests,
    HubOptions,
    Token,
    hub_session,
    serve_for_tests,
)


def address(hub: HubForTests, token: str | None = None) -> str:
    return f"{hub.ws_url}/v1/ws/subscribe?event_types=pdfm&access_token={token or hub.token}"


def run(case: type[unittest.TestCase]) -> unittest.TestResult:
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(case)
    return unittest.TextTestRunner(stream=io.StringIO()).run(suite)


def test_a_test_case_has_a_hub_for_each_test() -> None:
    seen: list[tuple[str, int]] = []

    class Board(EventsHubTestCase):
        events_hub_config: ClassVar[HubConfig | None] = HubConfig(credentials=(Token("ci", "any"),))
        events_hub_options: ClassVar[HubOptions] = HubOptions(virtual_time=True, seed=1)

        def test_one(self) -> None:
            with connect(address(self.events_hub)) as client:
                self.events_hub.assert_subscribed({"pdfm"})
                self.events_hub.advance(100)
                seen.append((self.events_hub.url, len(client.recv())))

        def test_two(self) -> None:
            assert list(self.events_hub.journal) == []
            self.test_one()

    result = run(Board)
    assert (result.testsRun, result.errors, result.failures) == (2, [], [])
    assert seen[0] == seen[1]


def test_a_test_case_is_strict_unless_it_says_otherwise() -> None:
    class Strict(EventsHubTestCase):
        def test_wrong_token(self) -> None:
            with pytest.raises(InvalidStatus):
                connect(address(self.events_hub, "wrong"))

        def test_unmet(self) -> None:
            self.events_hub.later.expect_command("health", "ping", timeout=0.01)

    class Lax(Strict):
        events_hub_options: ClassVar[HubOptions] = HubOptions(strict=False)

    texts = [text for _, text in run(Strict).failures]
    assert len(texts) == 2
    assert "it did not come in 0.01 s" in texts[0]
    assert "401 GET /v1/ws/subscribe" in texts[1]
    assert [test.id().rpartition(".")[2] for test, _ in run(Lax).failures] == ["test_unmet"]


def test_an_asynchronous_test_case_has_one_too() -> None:
    class Board(EventsHubTestCase, unittest.IsolatedAsyncioTestCase):
        async def test_one(self) -> None:
            async with connect_async(address(self.events_hub)):
                await self.events_hub.aio.assert_subscribed({"pdfm"})

    result = run(Board)
    assert (result.testsRun, result.errors, result.failures) == (1, [], [])


def test_a_script_judges_when_it_likes() -> None:
    with serve_for_tests() as hub:
        hub.verify()
        with pytest.raises(InvalidStatus):
            connect(address(hub, "wrong"))
        with pytest.raises(AssertionError, match="401 GET /v1/ws/subscribe"):
            hub.verify()
        hub.reset()
        hub.verify()


def test_a_session_is_one_address_and_many_hubs() -> None:
    with hub_session() as session:
        with session.hub() as first, connect(address(first)):
            where = (first.url, first.token)
            first.assert_subscribed({"pdfm"})
        with socket.create_connection(("127.0.0.1", first.port)) as late:
            late.settimeout(10)
            with session.hub(HubOptions(virtual_time=True)) as second:
                assert (second.url, second.token) == where
                assert late.recv(1) == b"", "who came before the hub did is turned away"
                assert list(second.journal) == []


APPLICATION = """
import sys
from websockets.sync.client import connect
with connect(sys.argv[1]) as client:
    for text in client:
        print(text, flush=True)
"""


def test_an_application_in_another_process_lives_in_virtual_time(events_hub: HubForTests) -> None:
    with (
        hub_session() as session,
        session.hub(HubOptions(virtual_time=True)) as hub,
        subprocess.Popen(
            [sys.executable, "-c", APPLICATION, address(hub)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as application,
    ):
        hub.assert_subscribed({"pdfm"}, timeout=20)
        hub.advance(200)
        hub.publish("pdfm", "VM_REMOVED", {"vm_id": "vm-1"})
        hub.assert_subscribed({"pdfm"})
        hub.close_connections(1000)
        out, err = application.communicate(timeout=20)
        hub.verify()
    assert [json.loads(line)["message"] for line in out.splitlines()][1:] == ["VM_REMOVED"]
    assert (application.returncode, err) == (0, b"")


async def test_time_does_not_pass_where_clients_would_stand_still() -> None:
    with hub_session() as session, session.hub(HubOptions(virtual_time=True)) as hub:
        with pytest.raises(RuntimeError, match=r"await events_hub\.aio\.advance"):
            hub.advance(1)
        await asyncio.gather(hub.aio.advance(1))
        with pytest.raises(RuntimeError, match="one advance has to end"):
            await asyncio.gather(hub.aio.advance(1), hub.aio.advance(1))
        with pytest.raises(ValueError, match="0 seconds or more"):
            await hub.aio.advance(-1)
