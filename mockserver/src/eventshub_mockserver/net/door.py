"""What a TCP connection meets first: TLS where there is some, and the faults that come before HTTP."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import struct
from collections.abc import Callable, Coroutine
from typing import cast

from ..core.interference import Step
from ..faults.entry import FaultError
from ..faults.injector import FaultInjector
from ..faults.ledger import FaultLedger, SetFault
from ..faults.rule import FaultRule
from .http_protocol import HubHttpProtocol

_LOG = logging.getLogger("eventshub_mockserver")
_NO_LINGER = struct.pack("ii", 1, 0)
_PAUSE = 0.5
_MOST_EARLY = 64 * 1024
_GARBAGE = b"\x00\xff\x13\x37"
"""Neither the start of a TLS record nor of an HTTP answer."""


class Door:
    """Makes the protocol of each connection that a listener accepts."""

    def __init__(
        self, http: Callable[[], HubHttpProtocol], tls: ssl.SSLContext | None, faults: FaultInjector
    ) -> None:
        self._http = http
        self._tls = tls
        self._ledger = faults.ledger

    def choose(self) -> tuple[asyncio.Protocol, ssl.SSLContext | None]:
        """The protocol of one more connection, and the TLS that is below it."""
        if not self._ledger.has(Step.CONNECT):
            return self._http(), self._tls
        context = self._tls
        delays: list[SetFault] = []
        for fault in self._ledger.striking(Step.CONNECT):
            match fault.rule.fault:
                case "delay":
                    delays.append(fault)
                case "tls-certificate":
                    context = certificate_context(fault.rule)
                case _:
                    return self._delayed(FaultyAnswer(fault.rule), delays), None
        return self._delayed(self._http(), delays), context

    def _delayed(self, protocol: asyncio.Protocol, delays: list[SetFault]) -> asyncio.Protocol:
        for fault in delays:
            protocol = DelayedStart(protocol, fault, self._ledger)
        return protocol

    def __call__(self) -> asyncio.Protocol:
        """The protocol of one more connection, where there is no TLS."""
        return self.choose()[0]


class DelayedStart(asyncio.Protocol):
    """Says nothing for some time, then hands over, with what has come meanwhile."""

    def __init__(self, then: asyncio.Protocol, fault: SetFault, ledger: FaultLedger) -> None:
        self._then = then
        self._fault = fault
        self._ledger = ledger
        self._transport: asyncio.Transport | None = None
        self._early = b""
        self._forget: Callable[[], None] = lambda: None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the client wait."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's class does not say so
        seconds = self._fault.rule.number("seconds")
        self._forget = self._ledger.until_removed(self._fault, seconds, self._go_on)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more: the client has gone."""
        del exc
        self._forget()

    def data_received(self, data: bytes) -> None:
        """Keep it; pausing at the start instead comes too late with uvloop."""
        self._early += data
        if self._transport is not None and len(self._early) > _MOST_EARLY:
            self._transport.pause_reading()

    def _go_on(self) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        transport.set_protocol(self._then)
        self._then.connection_made(transport)
        if self._early:
            self._then.data_received(self._early)
        if len(self._early) > _MOST_EARLY:
            transport.resume_reading()


class TlsListener:
    """Accepts connections whose TLS is chosen one by one.

    The servers of event loops have one context for all, and upgrading later
    (``start_tls``) comes too late with uvloop: it has read by then.
    """

    def __init__(self, listener: socket.socket, door: Door, wait: float) -> None:
        """Accept from a socket that listens; each handshake may take ``wait`` seconds."""
        listener.settimeout(0)
        self.sockets = (listener,)
        self._door = door
        self._wait = wait
        self._tasks: set[asyncio.Task[None]] = set()
        self._start(self._accept())

    def close(self) -> None:
        """Accept no more; handshakes that are under way end."""
        for task in self._tasks:
            task.cancel()
        self.sockets[0].close()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(self.sockets[0])
            except OSError as error:
                # Out of file descriptors, for example: others will be closed.
                _LOG.warning("accepting failed error=%s", error.strerror)
                await asyncio.sleep(_PAUSE)
            else:
                self._start(self._serve(connection))

    async def _serve(self, connection: socket.socket) -> None:
        protocol, context = self._door.choose()
        wait = None if context is None else self._wait
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: protocol, connection, ssl=context, ssl_handshake_timeout=wait
            )
        except OSError as error:
            # ssl.SSLError, a lost connection, a timeout: the peer did not want to, or could not.
            _LOG.info("TLS handshake failed error=%s", type(error).__name__)
            connection.close()

    def _start(self, action: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(action)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class FaultyAnswer(asyncio.Protocol):
    """Answers a client's first bytes with what a fault says, and ends the connection."""

    def __init__(self, rule: FaultRule) -> None:
        self._rule = rule
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the client's first bytes."""
        # What a listener for TCP gives; uvloop's class does not say so.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer and end."""
        del data
        transport, rule = self._transport, self._rule
        if transport is None:
            return
        match rule.fault:
            case "tls-garbage":
                size = int(rule.number("bytes"))
                transport.write((_GARBAGE * (size // len(_GARBAGE) + 1))[:size])
            case "tls-alert":
                # An alert of two bytes in a record of TLS 1.2: fatal, and why (RFC 8446, section 6).
                transport.write(b"\x15\x03\x03\x00\x02\x02" + bytes((int(rule.number("alert")),)))
            case _:
                if rule.text("end") == "reset":
                    connection: socket.socket = transport.get_extra_info("socket")
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
                    transport.abort()
        transport.close()


def check_rule(rule: FaultRule, *, has_tls: bool) -> None:
    """Refuse what this hub cannot do.

    Raises:
        FaultError: the fault is one of TLS certificates, and there is no TLS, or its file cannot be used.
    """
    if rule.fault == "tls-certificate":
        if not has_tls:
            raise FaultError(
                "fault tls-certificate: this hub has no TLS: configure it with HubConfig(tls=...)"
            )
        certificate_context(rule)


def certificate_context(rule: FaultRule) -> ssl.SSLContext:
    """A server's context with the certificate that a rule names.

    Raises:
        FaultError: the file cannot be read, or holds no key and certificate.
    """
    file = rule.text("file") or ""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(file)
    except OSError as error:
        raise FaultError(
            f"fault {rule.fault}: file {file!r} cannot be used: {error.strerror or error.args[-1]}"
        ) from None
    return context
