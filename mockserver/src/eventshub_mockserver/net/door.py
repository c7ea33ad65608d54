"""What a TCP connection meets first: TLS where there is some, and the faults that come before HTTP."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import struct
from collections.abc import Callable

from ..core.interference import Step
from ..faults.entry import FaultError
from ..faults.injector import FaultInjector
from ..faults.rule import FaultRule
from .http_protocol import HubHttpProtocol

_LOG = logging.getLogger("eventshub_mockserver")
_NO_LINGER = struct.pack("ii", 1, 0)
_GARBAGE = b"\x00\xff\x13\x37"
"""Neither the start of a TLS record nor of an HTTP answer."""


class Door:
    """Makes the protocol of each connection that a listener accepts."""

    def __init__(
        self,
        http: Callable[[], HubHttpProtocol],
        tls: ssl.SSLContext | None,
        faults: FaultInjector,
        wait: float,
    ) -> None:
        self._http = http
        self._tls = tls
        self._ledger = faults.ledger
        self._wait = wait
        self._upgrades: set[asyncio.Task[None]] = set()

    def __call__(self) -> asyncio.Protocol:
        """The protocol of one more connection."""
        context = self._tls
        if self._ledger.has(Step.CONNECT):
            for fault in self._ledger.striking(Step.CONNECT):
                if fault.rule.fault != "tls-certificate":
                    return FaultyAnswer(fault.rule)
                context = certificate_context(fault.rule)
        return (
            self._http() if context is None else TlsStart(self._http(), context, self._wait, self._upgrades)
        )


class TlsStart(asyncio.Protocol):
    """Does the TLS handshake and hands over to HTTP."""

    def __init__(
        self, http: HubHttpProtocol, context: ssl.SSLContext, wait: float, upgrades: set[asyncio.Task[None]]
    ) -> None:
        self._http = http
        self._context = context
        self._wait = wait
        self._upgrades = upgrades
        self._early = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the handshake."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("TLS needs a stream")
        transport.pause_reading()
        task = asyncio.get_running_loop().create_task(self._upgrade(transport))
        self._upgrades.add(task)
        task.add_done_callback(self._upgrades.discard)

    def data_received(self, data: bytes) -> None:
        """What a client says in one breath with the handshake is kept for HTTP."""
        self._early += data

    async def _upgrade(self, transport: asyncio.Transport) -> None:
        loop = asyncio.get_running_loop()
        try:
            secure = await loop.start_tls(
                transport, self, self._context, server_side=True, ssl_handshake_timeout=self._wait
            )
        except OSError as error:
            # ssl.SSLError, a lost connection, a timeout: the peer did not want to, or could not.
            _LOG.info("TLS handshake failed error=%s", type(error).__name__)
            transport.abort()
            return
        if secure is None or secure.is_closing():
            return
        secure.set_protocol(self._http)
        self._http.connection_made(secure)
        if self._early:
            self._http.data_received(self._early)


class FaultyAnswer(asyncio.Protocol):
    """Answers a client's first bytes with what a fault says, and ends the connection."""

    def __init__(self, rule: FaultRule) -> None:
        self._rule = rule
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the client's first bytes."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

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
