"""The twins have the same names, signatures and docstrings, but for what makes them twins."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

from eventshub import AsyncEventsHub, AsyncSubscription, EventsHub, Subscription
from eventshub.aio.raw_responses import AsyncRawResponses
from eventshub.sync.raw_responses import RawResponses

TWINS: list[tuple[type[Any], type[Any]]] = [
    (AsyncEventsHub, EventsHub),
    (AsyncSubscription, Subscription),
    (AsyncRawResponses, RawResponses),
]
DUNDERS = {
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
}
# What a handler may be, and where it runs, is the one difference.
HANDLER = re.compile(r"handler: A function.*")


def public(owner: type[Any]) -> dict[str, Any]:
    members = {name: member for name, member in vars(owner).items() if not name.startswith("_")}
    for name in ("__aenter__", "__aexit__", "__aiter__", "__anext__", "__enter__", "__exit__", "__iter__"):
        if name in vars(owner):
            members[DUNDERS.get(name, name)] = vars(owner)[name]
    members.update({"__next__": vars(owner).get("__anext__") or vars(owner).get("__next__")})
    return {name: member for name, member in members.items() if member is not None}


def as_sync(text: str) -> str:
    return re.sub(r"\bAsync(?=[A-Z])", "", text.replace("asynchronous ", ""))


def signature(member: Any) -> str:
    function: Any = member.fget if isinstance(member, property) else member
    return as_sync(str(inspect.signature(function)))


def docstring(member: Any) -> str:
    return HANDLER.sub("", as_sync(inspect.getdoc(member) or ""))


@pytest.mark.parametrize(("asyncio_twin", "sync_twin"), TWINS)
def test_twins_have_the_same_surface(asyncio_twin: type[Any], sync_twin: type[Any]) -> None:
    there, here = public(asyncio_twin), public(sync_twin)
    assert set(there) == set(here)
    for name, member in there.items():
        assert signature(member) == signature(here[name]), name
        assert docstring(member) == docstring(here[name]), name


@pytest.mark.parametrize(("asyncio_twin", "sync_twin"), TWINS)
def test_nothing_is_awaitable_on_the_sync_one(asyncio_twin: type[Any], sync_twin: type[Any]) -> None:
    assert any(inspect.iscoroutinefunction(member) for member in public(asyncio_twin).values())
    assert not any(inspect.iscoroutinefunction(member) for member in public(sync_twin).values())


def test_hubs_are_made_alike() -> None:
    assert inspect.signature(AsyncEventsHub) == inspect.signature(EventsHub)
    arguments = [(inspect.getdoc(hub) or "").partition("Args:")[2] for hub in (AsyncEventsHub, EventsHub)]
    assert arguments[0] == arguments[1] != ""
