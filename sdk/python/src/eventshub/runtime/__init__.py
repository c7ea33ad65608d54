"""What packages stand on that ``eventshub-codegen generate --target python`` makes of other documents.

Everything here is generic: nothing knows a message, a channel or an endpoint by name. Generated packages
import these names; an application needs them for annotations and settings.
"""

from .._core.invalid import InvalidEvent
from .._core.message import Message, OneOf, OpenEnum, OpenObject
from .._core.notices import Connected, Disconnected, Dropped, Gap, Notice, Reconnected
from .._core.reconnect import Attempt, Reconnect
from .._core.settings import Keepalive, Timeouts
from ..exceptions import EventsHubError, MessageDecodeError, NotConnectedError, ProtocolError, StatusError
from .client import Client, ClientSettings
from .connection import Connection
from .security import SecretSource, SecurityScheme
from .tables import (
    Answer,
    BinaryMessage,
    Endpoint,
    Exchange,
    Parameter,
    StreamTable,
    TextMessage,
    UnknownMessage,
    ValueMessage,
)
from .threads import SyncClient, SyncConnection

__all__ = [
    "Client",
    "ClientSettings",
    "Connection",
    "SyncClient",
    "SyncConnection",
    "Timeouts",
    "Keepalive",
    "Reconnect",
    "Attempt",
    "SecretSource",
    "SecurityScheme",
    "Message",
    "BinaryMessage",
    "TextMessage",
    "ValueMessage",
    "UnknownMessage",
    "InvalidEvent",
    "Connected",
    "Disconnected",
    "Reconnected",
    "Dropped",
    "Gap",
    "Notice",
    "OpenEnum",
    "OpenObject",
    "OneOf",
    "Answer",
    "Endpoint",
    "Exchange",
    "Parameter",
    "StreamTable",
    "EventsHubError",
    "MessageDecodeError",
    "NotConnectedError",
    "ProtocolError",
    "StatusError",
]
