"""Everything that this package raises on purpose.

::

    EventsHubError
     ├─ InvalidAddressError         the hub's URL cannot be used (also a ValueError)
     ├─ CredentialError             no credential, two of them, or an unusable one (also a ValueError)
     ├─ HubUnreachableError         no connection: refused, DNS, TLS, timeout, proxy, network
     ├─ StatusError                 an HTTP answer other than the one asked for
     │   ├─ InvalidRequestError       400, 405, 413, 415, 422
     │   ├─ AuthenticationError       401
     │   ├─ PermissionDeniedError     403
     │   ├─ NotFoundError             404
     │   ├─ ConnectionConflictError   409: the address has a connection already
     │   ├─ RateLimitedError          429
     │   ├─ HubUnavailableError       502, 503, 504
     │   └─ HubFaultError             any other 5xx
     ├─ ProtocolError               the hub does not speak the protocol
     │   └─ MessageDecodeError        one message that breaks its schema
     ├─ CommandError                a command was answered with an ``error`` message
     ├─ ReplyTimeoutError           a command was not answered in time (also a TimeoutError)
     ├─ EventTimeoutError           what was waited for did not come in time (also a TimeoutError)
     ├─ ConnectionLostError         an open connection ended and nobody here asked for it
     ├─ NotConnectedError           no connection is open
     ├─ BufferOverflowError         the application did not take its events in time, and asked to be told so
     └─ GlobalChannelError          a channel that cannot be left (also a ValueError)

Facts are attributes. ``retryable`` says whether doing the same again later can help. Exceptions of the
libraries underneath never get out: they are the ``__cause__`` of one of these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

if TYPE_CHECKING:
    from ._core.message import Message

UnreachableReason: TypeAlias = Literal["refused", "dns", "tls", "timeout", "proxy", "network"]

# protocol END-2
RETRYABLE_CLOSE_CODES = frozenset({1001, 1006, 1011, 1012, 1013})
_INVALID_DATA = 1007


class EventsHubError(Exception):
    """Base of all exceptions of this package."""

    retryable: bool = False
    """Whether the same attempt, made later, can succeed."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Subclasses take keyword-only arguments, which Exception's own way of pickling would lose.
        return _revive, (type(self), self.args, self.__dict__)


def _revive(error_type: type[EventsHubError], args: tuple[Any, ...], state: dict[str, Any]) -> EventsHubError:
    error = error_type.__new__(error_type, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class InvalidAddressError(EventsHubError, ValueError):
    """The hub's URL cannot be used. The text never repeats the URL, which may hold a password."""


class CredentialError(EventsHubError, ValueError):
    """There is no credential, there are two, or the one there is cannot be sent."""


class HubUnreachableError(EventsHubError):
    """No connection came about."""

    def __init__(self, text: str, *, reason: UnreachableReason, retryable: bool = True) -> None:
        super().__init__(text)
        self.reason: UnreachableReason = reason
        """Where it failed."""
        self.retryable = retryable


class StatusError(EventsHubError):
    """An HTTP answer other than the one asked for, on a REST call or instead of the upgrade."""

    explanation: ClassVar[str] = "the hub answered"

    def __init__(
        self,
        *,
        status: int,
        url: str,
        text: str = "",
        body: object = None,
        headers: dict[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        told = f": {text}" if text else ""
        super().__init__(f"{self.explanation} ({status} from {url}){told}")
        self.status = status
        """The HTTP status code."""
        self.url = url
        """What was asked, without credentials."""
        self.text = text
        """The explanation found in the answer, whatever its shape (protocol ERR-1); may be empty."""
        self.body = body
        """The answer's body: decoded JSON, or the text of anything else; None when empty."""
        self.headers: dict[str, str] = headers or {}
        """The answer's headers, names in lower case."""
        self.retry_after = retry_after
        """Seconds after which the hub asks to be tried again, if it said so."""


class InvalidRequestError(StatusError):
    """The hub could not accept what was sent."""

    explanation = "the hub rejected the request"


class AuthenticationError(StatusError):
    """The credential was refused (protocol AUTH-4). The same one will be refused again."""

    explanation = "the hub refused the credential"


class PermissionDeniedError(StatusError):
    """The credential is valid and not allowed to do this (protocol AUTH-5, UNSUB-4)."""

    explanation = "the credential is not allowed to do this"


class NotFoundError(StatusError):
    """There is no such thing at the hub: a wrong URL prefix, or a connection that has ended."""

    explanation = "the hub has no such thing"


class ConnectionConflictError(StatusError):
    """This address has a connection already (protocol IP-1); it may be an old one still dying."""

    explanation = "another connection from this address is open"
    retryable = True
    address: str | None = None
    """The address, as the hub sees it, when the answer names it."""


class RateLimitedError(StatusError):
    """Too many requests; see ``retry_after``."""

    explanation = "the hub asks to slow down"
    retryable = True


class HubUnavailableError(StatusError):
    """The hub is not accepting now: starting, draining, or behind a proxy that cannot reach it."""

    explanation = "the hub is not available"
    retryable = True


class HubFaultError(StatusError):
    """The hub failed."""

    explanation = "the hub failed"
    retryable = True


class ProtocolError(EventsHubError):
    """What answered does not speak the protocol of an events hub."""


class MessageDecodeError(ProtocolError):
    """A message that breaks its schema, or that is no message at all."""

    def __init__(
        self, *, reason: str, path: str, raw: bytes, header: Message | None = None, what: str = "a frame"
    ) -> None:
        self.reason = reason
        """What is wrong."""
        self.path = path
        """Where, as a JSON path; ``$`` is the whole frame."""
        self.raw = raw
        """The frame as it was received."""
        self.header = header
        """What could be read of it; None when not even that."""
        super().__init__(f"{what} cannot be decoded: {reason} at {path}")


class CommandError(EventsHubError):
    """The hub answered a command with an ``error`` message."""

    def __init__(self, *, operation: str, text: str, reply: Message) -> None:
        super().__init__(f"the hub refused {operation}: {text}")
        self.operation = operation
        """The operation's name in the spec."""
        self.text = text
        """The hub's explanation."""
        self.reply = reply
        """The whole answer."""


class ReplyTimeoutError(EventsHubError, TimeoutError):
    """A command was not answered in time. The connection may still be good."""

    retryable = True

    def __init__(self, *, operation: str, timeout: float) -> None:
        super().__init__(f"no answer to {operation} within {timeout:g} s")
        self.operation = operation
        """The operation's name in the spec."""
        self.timeout = timeout
        """How long was waited, in seconds."""


class EventTimeoutError(EventsHubError, TimeoutError):
    """The event that was waited for did not come in time. The subscription goes on."""

    retryable = True

    def __init__(self, *, awaited: str, timeout: float) -> None:
        super().__init__(f"no {awaited} within {timeout:g} s")
        self.awaited = awaited
        """The name of the class."""
        self.timeout = timeout
        """How long was waited, in seconds."""


class ConnectionLostError(EventsHubError):
    """An open connection ended and nobody here asked for it.

    What the hub published from then on is lost to this client: there is no
    replay (protocol END-3).
    """

    def __init__(
        self,
        text: str,
        *,
        code_received: int | None = None,
        reason_received: str = "",
        code_sent: int | None = None,
        reason_sent: str = "",
        after_suspension: bool = False,
    ) -> None:
        super().__init__(text)
        self.after_suspension = after_suspension
        """Whether it was given up because the machine had slept."""
        self.code_received = code_received
        """The close code that came from the hub; None when the connection ended without one (1006)."""
        self.reason_received = reason_received
        self.code_sent = code_sent
        """The close code that this side sent, if any."""
        self.reason_sent = reason_sent
        # protocol END-2. Without a code from the hub, ours tells why (1009: a message above our limit).
        code = code_received if code_received is not None else code_sent
        # A text that is no text is one broken message; the next connection need not see its like.
        is_one_message = code_received is None and code_sent == _INVALID_DATA
        self.retryable: bool = code is None or code in RETRYABLE_CLOSE_CODES or is_one_message


class NotConnectedError(EventsHubError):
    """There is no open connection to do this on. ``retryable`` while another one is being made."""


class BufferOverflowError(EventsHubError):
    """More events wait than the buffer may hold, with ``when_full="fail"``; the connection was given up."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} events wait for the application")
        self.limit = limit
        """How many may wait."""


class GlobalChannelError(EventsHubError, ValueError):
    """A channel that every connection has cannot be left (protocol UNSUB-2); nothing was sent."""

    def __init__(self, channel: str) -> None:
        super().__init__(f"the channel {channel!r} cannot be left; nothing was sent")
        self.channel = channel
