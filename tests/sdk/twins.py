"""The sync twin, used as if it were the asyncio one: each scenario is written once and run on both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Literal, Self, TypeAlias

from eventshub import Subscription

TwinName: TypeAlias = Literal["asyncio", "threads"]


class SubscriptionInThreads:
    """A sync subscription; every call is made in a thread of its own."""

    def __init__(self, subscription: Subscription[Any]) -> None:
        self.subscription = subscription

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.subscription.__enter__)
        return self

    async def __aexit__(self, *error: object) -> None:
        await asyncio.to_thread(self.subscription.close)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        ended = object()
        item = await asyncio.to_thread(next, self.subscription, ended)
        if item is ended:
            raise StopAsyncIteration
        return item

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.subscription, name)
        return _threaded(found) if callable(found) and name != "on" else found


class HubInThreads:
    """A sync hub object, likewise."""

    def __init__(self, hub: Any) -> None:
        self.hub = hub

    def subscribe(self, *channels: str, **options: Any) -> SubscriptionInThreads:
        # Which overload it is, only the scenario knows.
        subscribe: Callable[..., Subscription[Any]] = self.hub.subscribe
        return SubscriptionInThreads(subscribe(*channels, **options))

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.hub.__enter__)
        return self

    async def __aexit__(self, *error: object) -> None:
        await asyncio.to_thread(self.hub.close)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.hub, name)
        return _threaded(found) if callable(found) else found

    @property
    def with_raw_response(self) -> HubInThreads:
        return HubInThreads(self.hub.with_raw_response)

    def __repr__(self) -> str:
        return repr(self.hub).replace("EventsHub", "AsyncEventsHub")


def _threaded(function: Callable[..., Any]) -> Callable[..., Any]:
    async def call(*args: Any, **kwargs: Any) -> Any:
        return await asyncio.to_thread(function, *args, **kwargs)

    return call
