"""A typed client for the Events Hub: events, replies and subscriptions over one WebSocket.

The classes of events, their bodies, the enums and the unions per channel come from the spec; all of them
are names of this package: ``from eventshub import AsyncEventsHub, VmStateChanged``.
"""

from . import _generated
from ._core.clock import Clock, Timer
from ._core.invalid import InvalidEvent
from ._core.message import Message, OpenEnum, OpenObject
from ._core.notices import ChannelsRefused, Connected, Disconnected, Dropped, Gap, Notice, Reconnected
from ._core.reconnect import Attempt, Reconnect
from ._core.rest import RawResponse
from ._core.settings import Heartbeat, Keepalive, Timeouts
from ._generated import *  # noqa: F403 - the spec decides which; its __all__ is part of ours
from ._version import __version__
from .aio.client import AsyncEventsHub
from .aio.subscription import AsyncSubscription
from .exceptions import (
    AuthenticationError,
    BufferOverflowError,
    CommandError,
    ConnectionConflictError,
    ConnectionLostError,
    CredentialError,
    EventsHubError,
    EventTimeoutError,
    GlobalChannelError,
    HubFaultError,
    HubUnavailableError,
    HubUnreachableError,
    InvalidAddressError,
    InvalidRequestError,
    MessageDecodeError,
    NotConnectedError,
    NotFoundError,
    PermissionDeniedError,
    ProtocolError,
    RateLimitedError,
    ReplyTimeoutError,
    StatusError,
)
from .sync.client import EventsHub
from .sync.subscription import Subscription

__all__: list[str] = [
    "AsyncEventsHub",
    "AsyncSubscription",
    "EventsHub",
    "Subscription",
    "Timeouts",
    "Heartbeat",
    "Keepalive",
    "Reconnect",
    "Attempt",
    "Clock",
    "Timer",
    "RawResponse",
    "Message",
    "InvalidEvent",
    "Connected",
    "Disconnected",
    "Reconnected",
    "Dropped",
    "ChannelsRefused",
    "Gap",
    "Notice",
    "OpenEnum",
    "OpenObject",
    "EventsHubError",
    "InvalidAddressError",
    "CredentialError",
    "HubUnreachableError",
    "StatusError",
    "InvalidRequestError",
    "AuthenticationError",
    "PermissionDeniedError",
    "NotFoundError",
    "ConnectionConflictError",
    "RateLimitedError",
    "HubUnavailableError",
    "HubFaultError",
    "ProtocolError",
    "MessageDecodeError",
    "CommandError",
    "ReplyTimeoutError",
    "EventTimeoutError",
    "ConnectionLostError",
    "NotConnectedError",
    "BufferOverflowError",
    "GlobalChannelError",
    "__version__",
]
__all__ += _generated.__all__
