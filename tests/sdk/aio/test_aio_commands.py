"""Commands and heartbeats with a scripted hub on real sockets."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from tests.sdk import frames
from tests.sdk.scripted_hub import Peer, answers, client, scripted_hub

from eventshub import (
    CommandError,
    ConnectionLostError,
    Heartbeat,
    Keepalive,
    ReplyTimeoutError,
    VmStateChanged,
)

pytestmark = pytest.mark.both_twins


class TestCommands:
    async def test_ping_measures_the_round_trip(self) -> None:
        async with scripted_hub(answers) as hub, client(hub.url).subscribe("health") as events:
            round_trip = await events.ping()
        assert timedelta(0) < round_trip < timedelta(seconds=5)

    async def test_client_id_is_the_hubs_answer(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("system", "global"))
            command = await peer.command()
            assert command["event_type"] == command["type"] == "system"
            assert command["message"] == "client-id"
            await peer.send(frames.vm_state())
            await peer.send(frames.reply("system", "client-id", command["id"], {"client-id": "other-id"}))
            await peer.until_closed()

        async with scripted_hub(script) as hub, client(hub.url).subscribe("system") as events:
            assert await events.client_id() == "other-id"
            assert isinstance(await anext(events), VmStateChanged)

    async def test_error_reply_is_raised(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("global"))
            await peer.send(frames.error((await peer.command())["id"], "subscribe to health first"))
            await peer.until_closed()

        async with scripted_hub(script) as hub, client(hub.url).subscribe() as events:
            with pytest.raises(CommandError, match="subscribe to health first"):
                await events.ping()

    async def test_missing_reply_is_a_timeout_and_the_stream_goes_on(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("health", "global"))
            await peer.command()
            await peer.send(frames.vm_state())
            await peer.until_closed()

        async with scripted_hub(script) as hub, client(hub.url).subscribe("health") as events:
            with pytest.raises(ReplyTimeoutError, match=r"no answer to ping within 0\.05 s"):
                await events.ping(timeout=0.05)
            assert isinstance(await anext(events), VmStateChanged)

    async def test_loss_fails_the_commands_that_wait(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("health", "global"))
            await peer.command()
            await peer.command()
            await peer.connection.close(1011)

        async with scripted_hub(script) as hub, client(hub.url).subscribe("health") as events:
            outcomes = await asyncio.gather(events.ping(), events.ping(), return_exceptions=True)
            assert [type(outcome) for outcome in outcomes] == [ConnectionLostError] * 2

    async def test_cancelled_command_leaves_nothing_behind(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("health", "global"))
            first, second = await peer.command(), await peer.command()
            await peer.send(frames.pong(second["id"]), frames.pong(first["id"]))
            await peer.until_closed()

        async with scripted_hub(script) as hub, client(hub.url).subscribe("health") as events:
            cancelled = asyncio.create_task(events.ping())
            await asyncio.sleep(0)
            cancelled.cancel()
            await events.ping()
            with pytest.raises(asyncio.CancelledError):
                await cancelled

    async def test_ping_within_the_loop_is_answered_behind_a_full_buffer(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("pdfm", "health", "global"))
            await peer.send(*(frames.vm_state(str(number)) for number in range(30)))
            await peer.send(frames.pong((await peer.command())["id"]))
            await peer.until_closed()

        async with (
            scripted_hub(script) as hub,
            client(hub.url, buffer_size=16).subscribe("pdfm", "health") as events,
        ):
            first = await anext(events)
            assert isinstance(first, VmStateChanged)
            assert await events.ping(timeout=5) > timedelta(0)
            rest = [await anext(events) for _ in range(29)]
            assert [event.body.vm_id for event in rest if isinstance(event, VmStateChanged)] == [
                str(number) for number in range(1, 30)
            ]


class TestHeartbeats:
    async def test_dead_connection_is_noticed(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("health", "global"))
            await peer.until_closed()

        heartbeat = Heartbeat(interval=0.02, timeout=0.05)
        async with (
            scripted_hub(script) as hub,
            client(hub.url, heartbeat=heartbeat).subscribe("health") as events,
        ):
            with pytest.raises(ConnectionLostError, match="heartbeat was not answered"):
                await anext(events)
            await hub.closures.get()

    async def test_answered_heartbeats_are_no_events(self) -> None:
        beats = asyncio.Event()

        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("health", "global"))
            for _ in range(3):
                await peer.send(frames.pong((await peer.command())["id"]))
            beats.set()
            await peer.send(frames.vm_state())
            await peer.answer_pings()

        heartbeat = Heartbeat(interval=0.02, timeout=5)
        async with (
            scripted_hub(script) as hub,
            client(hub.url, heartbeat=heartbeat).subscribe("health") as events,
        ):
            await beats.wait()
            assert isinstance(await anext(events), VmStateChanged)

    async def test_websocket_pings_notice_a_dead_connection_on_any_channel(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("global"))
            peer.connection.transport.pause_reading()
            await asyncio.sleep(1)

        keepalive = Keepalive(interval=0.05, timeout=0.1)
        async with (
            scripted_hub(script, ping_interval=None, close_timeout=0.1) as hub,
            client(hub.url, keepalive=keepalive).subscribe() as events,
        ):
            with pytest.raises(ConnectionLostError, match="keepalive ping timeout") as caught:
                await anext(events)
            assert (caught.value.code_received, caught.value.code_sent) == (None, 1011)
            assert caught.value.retryable
