"""What is the sync twin's own: threads, interrupts, and no thread left behind."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.sdk import frames
from tests.sdk.scripted_hub import TOKEN, Peer, answers, scripted_hub, sends

from eventshub import (
    CredentialError,
    Dropped,
    EventsHub,
    InvalidEvent,
    NotConnectedError,
    Reconnect,
    Subscription,
    VmStateChanged,
)


def hub_at(url: str, **changes: Any) -> EventsHub:
    options: dict[str, Any] = {"token": TOKEN, "reconnect": None, **changes}
    return EventsHub(url, **options)


def client_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "eventshub"]


@pytest.fixture(autouse=True)
def no_thread_outlives_a_test() -> Iterator[None]:
    yield
    assert client_threads() == []


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def vm_id(item: object) -> str:
    assert isinstance(item, VmStateChanged)
    return item.body.vm_id


async def test_thread_is_there_only_while_somebody_uses_it() -> None:
    def use(url: str) -> None:
        hub = hub_at(url)
        assert client_threads() == []
        with hub.subscribe("pdfm") as first:
            assert client_threads() == ["eventshub"]
            with hub.subscribe("pdfm") as second:
                assert client_threads() == ["eventshub"]
                assert first.channels == second.channels == ("pdfm",)
            assert client_threads() == ["eventshub"]
        assert client_threads() == []

    async with scripted_hub(sends(frames.welcome("pdfm"))) as server:
        await asyncio.to_thread(use, server.url)


async def test_works_inside_a_running_event_loop() -> None:
    """Blocking a loop is bad manners; it must work all the same where nothing else runs in it."""
    addresses: asyncio.Queue[str] = asyncio.Queue()
    ready, done = threading.Event(), threading.Event()

    def serve() -> None:
        async def until_done() -> None:
            async with scripted_hub(sends(frames.welcome("pdfm"), frames.vm_state("vm-7"))) as server:
                addresses.put_nowait(server.url)
                ready.set()
                await asyncio.to_thread(done.wait)

        asyncio.run(until_done())

    server = threading.Thread(target=serve)
    server.start()
    try:
        assert ready.wait(10)
        with hub_at(addresses.get_nowait()).subscribe("pdfm") as events:
            assert vm_id(next(events)) == "vm-7"
    finally:
        done.set()
        server.join()


async def test_small_buffer_loses_nothing_and_keeps_order() -> None:
    wanted = [str(number) for number in range(5000)]
    script = sends(frames.welcome("pdfm"), *map(frames.vm_state, wanted))

    def use(url: str) -> list[str]:
        with hub_at(url, buffer_size=8).subscribe("pdfm") as events:
            return [vm_id(next(events)) for _ in wanted]

    async with scripted_hub(script) as server:
        assert await asyncio.to_thread(use, server.url) == wanted


async def test_threads_that_iterate_together_share_the_events_and_end_together() -> None:
    wanted = [str(number) for number in range(3000)]
    script = sends(frames.welcome("pdfm"), *map(frames.vm_state, wanted))

    def use(url: str) -> list[str]:
        got: list[str] = []

        def take(events: Subscription[object]) -> None:
            # `extend` takes one after the other: what the others see grows with each.
            got.extend(vm_id(event) for event in events)

        with hub_at(url, buffer_size=16).subscribe("pdfm") as events:
            threads = [threading.Thread(target=take, args=[events]) for _ in range(4)]
            for thread in threads:
                thread.start()
            wait_until(lambda: len(got) == len(wanted))
            events.close()
            for thread in threads:
                thread.join(10)
                assert not thread.is_alive()
        return got

    async with scripted_hub(script) as server:
        got = await asyncio.to_thread(use, server.url)
    assert sorted(got) == sorted(wanted)


async def test_dropping_counts_every_event_that_nobody_got() -> None:
    sent = 5000
    messages = [frames.vm_state(str(number)) for number in range(sent)]
    script = sends(frames.welcome("pdfm"), *messages, frames.vm_state("last"))

    def use(url: str) -> None:
        got = dropped = 0
        with hub_at(url, buffer_size=8, when_full="drop_oldest").subscribe("pdfm") as events:
            for item in events:
                if isinstance(item, Dropped):
                    dropped += item.count
                elif vm_id(item) == "last":
                    break
                else:
                    got += 1
            assert got + dropped == sent
            assert events.dropped == dropped

    async with scripted_hub(script) as server:
        await asyncio.to_thread(use, server.url)


async def test_commands_work_from_several_threads_beside_the_loop_over_events() -> None:
    async def script(peer: Peer) -> None:
        await peer.send(frames.welcome("pdfm", "health"))
        for _ in range(8):
            command = await peer.command()
            await peer.send(frames.vm_state(), frames.pong(command["id"]))
        await peer.until_closed()

    def use(url: str) -> None:
        with hub_at(url, heartbeat=None).subscribe("pdfm", "health") as events:
            threads = [threading.Thread(target=events.ping) for _ in range(8)]
            for thread in threads:
                thread.start()
            assert [vm_id(next(events)) for _ in range(8)] == ["vm-1"] * 8
            for thread in threads:
                thread.join(10)
                assert not thread.is_alive()

    async with scripted_hub(script) as server:
        await asyncio.to_thread(use, server.url)


async def test_closing_fails_what_waits_in_other_threads() -> None:
    failures: list[type[BaseException]] = []

    def use(url: str) -> None:
        def attempt(call: Callable[[], object]) -> None:
            try:
                call()
            except NotConnectedError as error:
                failures.append(type(error))

        with hub_at(url, heartbeat=None).subscribe("pdfm", "health") as events:
            calls: list[Callable[[], object]] = [events.ping, lambda: events.wait_for(VmStateChanged)]
            threads = [threading.Thread(target=attempt, args=[call]) for call in calls]
            for thread in threads:
                thread.start()
            wait_until(lambda: events._stream.session.awaits_reply and bool(events._stream.inbox.watchers))  # pyright: ignore[reportPrivateUsage]
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive()

    async with scripted_hub(sends(frames.welcome("pdfm", "health"))) as server:
        await asyncio.to_thread(use, server.url)
    assert failures == [NotConnectedError] * 2


def test_interrupt_ends_the_loop_over_events_cleanly() -> None:
    """Ctrl-C comes to the main thread, which is the one that iterates; the server runs in another."""
    addresses: list[str] = []
    ready, done = threading.Event(), threading.Event()

    def serve() -> None:
        async def until_done() -> None:
            async with scripted_hub(sends(frames.welcome("pdfm"), frames.vm_state())) as server:
                addresses.append(server.url)
                ready.set()
                await asyncio.to_thread(done.wait)

        asyncio.run(until_done())

    server = threading.Thread(target=serve)
    server.start()
    assert ready.wait(10)
    main = threading.main_thread().ident
    assert main is not None
    seen = 0

    def iterate() -> None:
        nonlocal seen
        with hub_at(addresses[0]).subscribe("pdfm") as events:
            for _ in events:
                seen += 1
                threading.Timer(0.05, signal.pthread_kill, (main, signal.SIGINT)).start()

    try:
        with pytest.raises(KeyboardInterrupt):
            iterate()
    finally:
        done.set()
        server.join()
    assert seen == 1
    assert client_threads() == []


class TestCallables:
    async def test_async_credential_is_awaited_and_async_hook_is_not_needed(self) -> None:
        async def token() -> str:
            await asyncio.sleep(0)
            return "fresh"

        def use(url: str) -> None:
            with hub_at(url, token=token).subscribe("pdfm"):
                pass

        async with scripted_hub(sends(frames.welcome("pdfm"))) as server:
            await asyncio.to_thread(use, server.url)
            assert server.requests[0].headers["Authorization"] == "Bearer fresh"

    async def test_one_that_waits_for_the_hub_is_refused_and_does_not_hang(self) -> None:
        def use(url: str) -> None:
            def token() -> str:
                return str(hub.stats())

            hub = hub_at(url, token=token)
            with pytest.raises(CredentialError) as caught:
                hub.subscribe("pdfm").__enter__()
            assert isinstance(caught.value.__cause__, RuntimeError)
            assert "wait for itself" in str(caught.value.__cause__)

        async with scripted_hub(sends(frames.welcome("pdfm"))) as server:
            await asyncio.to_thread(use, server.url)

    async def test_hook_that_closes_is_refused_and_the_rest_still_works(self) -> None:
        async def cut(peer: Peer) -> None:
            await peer.send(frames.welcome("pdfm"), frames.vm_state())
            await peer.connection.close(1012)

        def use(url: str) -> None:
            hub = hub_at(url, reconnect=Reconnect(on_attempt=lambda _: events.close()))
            events = hub.subscribe("pdfm")
            with events:
                assert vm_id(next(events)) == "vm-1"
                with pytest.raises(RuntimeError, match="wait for itself"):
                    next(events)

        async with scripted_hub(cut) as server:
            await asyncio.to_thread(use, server.url)

    def test_async_handler_is_refused(self) -> None:
        async def handler(event: VmStateChanged) -> None:
            del event

        with pytest.raises(TypeError, match="handler is async"):
            hub_at("http://hub.invalid").subscribe("pdfm").on(VmStateChanged, handler)


class TestUse:
    def test_before_entering_there_is_no_connection(self) -> None:
        events = hub_at("http://hub.invalid").subscribe("pdfm")
        for use in (lambda: next(events), events.ping, lambda: events.wait_for(InvalidEvent)):
            with pytest.raises(NotConnectedError):
                use()
        events.close()

    async def test_entering_twice_is_refused_and_leaves_the_first_alone(self) -> None:
        def use(url: str) -> None:
            with hub_at(url, heartbeat=None).subscribe("pdfm", "health") as events:
                with pytest.raises(RuntimeError, match="entered once"):
                    events.__enter__()
                assert events.ping().total_seconds() >= 0

        async with scripted_hub(answers) as server:
            await asyncio.to_thread(use, server.url)

    async def test_failed_entering_leaves_nothing_behind(self) -> None:
        def use() -> None:
            with pytest.raises(Exception, match="nothing listens"):
                hub_at("http://127.0.0.1:9").subscribe("pdfm").__enter__()
            assert client_threads() == []

        await asyncio.to_thread(use)
