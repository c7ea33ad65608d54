"""Handshakes with the hub under judgement, one or many at once.

The protocol itself is websockets' sans-I/O client. The sockets are the judge's, so that it can choose the
source address, have many handshakes under way at once, leave pings unanswered, or vanish without a word.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import time
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus
from websockets.frames import Frame
from websockets.http11 import Response
from websockets.uri import parse_uri

from .bundle import Endpoint
from .connection import Connection
from .errors import HubMisbehaved
from .recorder import Answer, CaseLog
from .target import Credential, Target

_SILENT: Final = logging.getLogger("eventshub_contract.wire")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False
_SILENT.setLevel(logging.CRITICAL)  # headers carry credentials


class Handshake:
    """One request to subscribe, in steps, so that many can be under way at once."""

    def __init__(
        self,
        target: Target,
        log: CaseLog,
        endpoint: Endpoint | None,
        *,
        path: str,
        query: Mapping[str, str],
        credential: Credential,
        source: str | None,
    ) -> None:
        self._target = target
        self._log = log
        self._endpoint = endpoint
        self._source = source
        self._credential = credential
        self._who = log.next_label()
        everything = {**query, **credential.query}
        scheme = "wss" if target.is_secure else "ws"
        # Commas stay readable: browsers and the service's clients do not quote them either.
        resource = f"{path}?{urlencode(everything, safe=',')}" if everything else path
        self._shown = f"{path}?{urlencode(query, safe=',')}" if query else path
        self._protocol = ClientProtocol(
            parse_uri(f"{scheme}://{target.hub_url.netloc}{resource}"), max_size=None, logger=_SILENT
        )
        self._socket: socket.socket | None = None

    def open(self) -> None:
        """Open the TCP connection.

        Raises:
            OSError: The hub is not there.
        """
        plain = socket.create_connection(
            (self._target.host, self._target.port),
            timeout=self._target.patience,
            source_address=(self._source, 0) if self._source else None,
        )
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._target.is_secure:
            context = ssl.create_default_context()
            self._socket = context.wrap_socket(plain, server_hostname=self._target.host)
        else:
            self._socket = plain

    def send(self) -> None:
        """Send the request."""
        request = self._protocol.connect()
        request.headers.update(self._credential.headers)
        self._protocol.send_request(request)
        origin = f" from {self._source}" if self._source else ""
        self._log.sent(self._who, f"GET {self._shown} (upgrade, {self._credential.name}{origin})")
        with contextlib.suppress(OSError):  # the answer, or its absence, tells
            self._opened.sendall(b"".join(self._protocol.data_to_send()))

    def finish(
        self, *, answer_pings: bool = True, keep_reading: bool = True
    ) -> tuple[Answer, Connection | None]:
        """Wait for the answer.

        Args:
            answer_pings: Off: what arrives is read, and no ping of the hub's is answered.
            keep_reading: Off: nothing after the answer is read, as by a peer that lost its network.

        Returns:
            The answer, and the connection when it is 101.

        Raises:
            HubMisbehaved: No answer, or one that is no HTTP or no valid upgrade.
        """
        wire = self._opened
        deadline = time.monotonic() + self._target.patience
        events: list[Frame | Response] = []
        while not events and self._protocol.handshake_exc is None:
            try:
                wire.settimeout(max(0.001, deadline - time.monotonic()))
                data = wire.recv(65536)
            except TimeoutError:
                wire.close()
                raise HubMisbehaved(
                    f"no answer to the handshake within {self._target.patience:g} s"
                ) from None
            except OSError:
                data = b""
            if data:
                self._protocol.receive_data(data)
            else:
                self._protocol.receive_eof()
            events += self._events()
        wire.settimeout(self._target.patience)
        response = events[0] if events else None
        fault = self._protocol.handshake_exc
        if not isinstance(response, Response) or (fault and not isinstance(fault, InvalidStatus)):
            wire.close()
            raise HubMisbehaved(f"no valid answer to the handshake: {fault}")
        answer = Answer(
            response.status_code,
            {name.lower(): value for name, value in response.headers.raw_items()},
            bytes(response.body or b""),
        )
        self._log.answer(self._who, self._endpoint, answer)
        if fault is not None:
            wire.close()
            return answer, None
        frames = [event for event in events[1:] if isinstance(event, Frame)]
        connection = Connection(
            self._protocol, wire, self._who, self._log, self._target.patience, self._source
        )
        connection.start(frames, answer_pings=answer_pings, keep_reading=keep_reading)
        return answer, connection

    def abandon(self) -> None:
        """Give up, in whatever state."""
        if self._socket is not None:
            self._socket.close()

    @property
    def _opened(self) -> socket.socket:
        if self._socket is None:
            raise RuntimeError("the handshake was not opened")
        return self._socket

    def _events(self) -> list[Frame | Response]:
        return [event for event in self._protocol.events_received() if isinstance(event, Frame | Response)]
