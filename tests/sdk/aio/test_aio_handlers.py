"""Handlers by type, and waiting for one event, on both twins."""

from __future__ import annotations

import asyncio
from typing import Any, assert_type

import pytest
from tests.sdk import frames
from tests.sdk.manual_clock import ManualClock
from tests.sdk.scripted_hub import Peer, client, scripted_hub, sends

from eventshub import (
    BufferOverflowError,
    ConnectionLostError,
    EventTimeoutError,
    Message,
    NotConnectedError,
    PdfmEvent,
    Reconnect,
    Reconnected,
    UnknownEvent,
    VmRemoved,
    VmStateChanged,
)

pytestmark = pytest.mark.both_twins


def removed(vm_id: str) -> bytes:
    return frames.event("pdfm", "VM_REMOVED", {"vm_id": vm_id})


def vm_id(item: object) -> str:
    assert isinstance(item, (VmStateChanged, VmRemoved))
    return item.body.vm_id


class TestHandlers:
    async def test_each_gets_its_type_in_order(self) -> None:
        calls: list[str] = []
        script = sends(
            frames.welcome("pdfm"), frames.vm_state("a"), removed("b"), frames.event("pdfm", "NEW")
        )
        async with scripted_hub(script) as hub, client(hub.url).subscribe("pdfm") as events:

            @events.on(VmStateChanged)
            def changed(event: VmStateChanged) -> None:
                calls.append(f"changed {event.body.vm_id}")

            def any_message(event: Message) -> None:
                calls.append(type(event).__name__)

            assert events.on(Message, any_message) is any_message
            events.on(UnknownEvent)(lambda event: calls.append(event.message))
            running = asyncio.create_task(events.run())
            while len(calls) < 5:  # noqa: ASYNC110 - what handlers do is what this is about
                await asyncio.sleep(0.001)
            await events.close()
            await running
        assert calls == ["changed a", "VmStateChanged", "VmRemoved", "UnknownEvent", "NEW"]

    async def test_exception_of_one_reaches_who_runs_and_running_goes_on_with_the_next_event(self) -> None:
        seen: list[str] = []
        script = sends(frames.welcome("pdfm"), frames.vm_state("a"), frames.vm_state("b"))
        async with scripted_hub(script) as hub, client(hub.url).subscribe("pdfm") as events:

            def fail(event: VmStateChanged) -> None:
                seen.append(vm_id(event))
                raise ZeroDivisionError

            events.on(VmStateChanged, fail)
            events.on(VmStateChanged, lambda event: seen.append(f"never {event.id}"))
            for _ in range(2):
                with pytest.raises(ZeroDivisionError):
                    await events.run()
        assert seen == ["a", "b"]

    async def test_end_of_the_stream_is_raised(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("pdfm"))
            await peer.connection.close(1011)

        async with scripted_hub(script) as hub, client(hub.url).subscribe("pdfm") as events:
            events.on(Message, str)
            with pytest.raises(ConnectionLostError):
                await events.run()

    async def test_without_handlers_there_is_nothing_to_run(self) -> None:
        async with (
            scripted_hub(sends(frames.welcome("pdfm"))) as hub,
            client(hub.url).subscribe("pdfm") as events,
        ):
            with pytest.raises(RuntimeError, match="nothing to run"):
                await events.run()

    async def test_what_is_no_class_is_refused(self) -> None:
        with pytest.raises(TypeError, match="wants one class"):
            client("http://hub.invalid").subscribe("pdfm").on("VmStateChanged", print)  # type: ignore[call-overload]

    async def test_union_is_no_class_to_wait_for(self) -> None:
        events = client("http://hub.invalid").subscribe("pdfm")
        with pytest.raises(TypeError, match=r"^wait_for\(\) wants one class of events or notices, not "):
            await events.wait_for(PdfmEvent)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


class TestWaitFor:
    async def test_takes_the_first_that_fits_and_leaves_the_others_in_order(self) -> None:
        script = sends(
            frames.welcome("pdfm"), *map(frames.vm_state, "abc"), removed("d"), frames.vm_state("e")
        )
        async with scripted_hub(script) as hub, client(hub.url).subscribe("pdfm") as events:
            found = await events.wait_for(VmStateChanged, where=lambda event: event.body.vm_id == "b")
            assert_type(found, VmStateChanged)
            assert found.body.vm_id == "b"
            assert vm_id(await events.wait_for(VmRemoved)) == "d"
            assert [vm_id(await anext(events)) for _ in "ace"] == ["a", "c", "e"]

    async def test_waits_for_what_is_still_to_come(self) -> None:
        go = asyncio.Event()

        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("pdfm"), frames.vm_state("a"))
            await go.wait()
            await peer.send(frames.vm_state("b"), removed("c"))
            await peer.until_closed()

        async with scripted_hub(script) as hub, client(hub.url).subscribe("pdfm") as events:
            waiting = asyncio.create_task(events.wait_for(VmRemoved))
            await asyncio.sleep(0.01)
            go.set()
            assert vm_id(await waiting) == "c"
            assert [vm_id(await anext(events)) for _ in "ab"] == ["a", "b"]

    async def test_several_wait_and_each_gets_its_own(self) -> None:
        go = asyncio.Event()

        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("pdfm"))
            await go.wait()
            await peer.send(frames.vm_state("a"), removed("b"), frames.vm_state("c"), frames.vm_state("d"))
            await peer.until_closed()

        async with scripted_hub(script) as hub, client(hub.url).subscribe("pdfm") as events:
            waiting = [asyncio.create_task(events.wait_for(VmStateChanged)) for _ in range(2)]
            waiting.append(
                asyncio.create_task(events.wait_for(VmStateChanged, where=lambda e: vm_id(e) == "d"))
            )
            while len(events._inbox.watchers) < 3:  # noqa: ASYNC110  # pyright: ignore[reportPrivateUsage]
                await asyncio.sleep(0.001)
            go.set()
            assert sorted([vm_id(await task) for task in waiting]) == ["a", "c", "d"]
            assert vm_id(await anext(events)) == "b"

    async def test_outlives_a_lost_connection(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("pdfm"))
            if len(hub.requests) == 1:
                await peer.connection.close(1012)
            await peer.send(frames.vm_state("a"))
            await peer.until_closed()

        reconnect = Reconnect(min_delay=0.01, max_delay=0.01)
        async with (
            scripted_hub(script) as hub,
            client(hub.url, reconnect=reconnect).subscribe("pdfm") as events,
        ):
            assert vm_id(await events.wait_for(VmStateChanged)) == "a"
            assert (await events.wait_for(Reconnected)).attempts == 1

    async def test_has_its_time(self) -> None:
        clock = ManualClock()
        async with (
            scripted_hub(sends(frames.welcome("pdfm"))) as hub,
            client(hub.url, clock=clock).subscribe("pdfm") as events,
        ):
            waiting = asyncio.create_task(events.wait_for(VmStateChanged, timeout=700))
            await clock.until_waiting(700)
            clock.advance(700)
            with pytest.raises(EventTimeoutError, match="no VmStateChanged within 700 s") as caught:
                await waiting
            assert isinstance(caught.value, TimeoutError)

    async def test_too_many_others_end_the_waiting_and_nothing_is_lost(self) -> None:
        sent = 5000
        messages = [frames.vm_state(str(number)) for number in range(sent)]
        async with (
            scripted_hub(sends(frames.welcome("pdfm"), *messages, removed("x"))) as hub,
            client(hub.url, buffer_size=8).subscribe("pdfm") as events,
        ):
            with pytest.raises(BufferOverflowError, match="events wait"):
                await events.wait_for(VmRemoved)
            assert [vm_id(await anext(events)) for _ in messages] == [str(n) for n in range(sent)]
            assert vm_id(await events.wait_for(VmRemoved)) == "x"

    async def test_failing_condition_is_told_and_takes_nothing(self) -> None:
        async with (
            scripted_hub(sends(frames.welcome("pdfm"), frames.vm_state("a"))) as hub,
            client(hub.url).subscribe("pdfm") as events,
        ):

            def fail(event: Any) -> bool:
                raise ZeroDivisionError

            with pytest.raises(ZeroDivisionError):
                await events.wait_for(VmStateChanged, where=fail)
            assert vm_id(await anext(events)) == "a"

    async def test_end_of_the_stream_ends_the_waiting(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.send(frames.welcome("pdfm"), frames.vm_state("a"))
            await peer.connection.close(1011)

        async with scripted_hub(script) as hub, client(hub.url).subscribe("pdfm") as events:
            for _ in range(2):
                with pytest.raises(ConnectionLostError):
                    await events.wait_for(VmRemoved)
            assert vm_id(await events.wait_for(VmStateChanged)) == "a"

    async def test_after_closing_there_is_nothing_to_wait_for(self) -> None:
        async with (
            scripted_hub(sends(frames.welcome("pdfm"))) as hub,
            client(hub.url).subscribe("pdfm") as events,
        ):
            await events.close()
            with pytest.raises(NotConnectedError):
                await events.wait_for(VmRemoved)
