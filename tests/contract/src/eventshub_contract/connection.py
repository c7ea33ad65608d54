"""An open connection to the hub under judgement, with nothing hidden."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from websockets.client import ClientProtocol
from websockets.exceptions import WebSocketException
from websockets.frames import Frame, Opcode

from .bundle import Json, as_object, is_list
from .errors import HubMisbehaved
from .recorder import CaseLog


@dataclass(frozen=True, slots=True)
class Event:
    """One text frame from the hub."""

    arrived: float
    """On the monotonic clock."""
    text: str
    value: dict[str, Json]
    """The frame decoded; empty when it is no JSON object."""


class Connection:
    """An open connection. Reads by itself, in a thread, all that the hub sends."""

    def __init__(
        self,
        protocol: ClientProtocol,
        wire: socket.socket,
        who: str,
        log: CaseLog,
        patience: float,
        source: str | None,
    ) -> None:
        self._protocol = protocol
        self._socket = wire
        self._log = log
        self._patience = patience
        self._changed = threading.Condition()
        self._inbox: list[Event] = []
        self._fragments: list[Frame] = []
        self._welcome: Event | None = None
        self._thread: threading.Thread | None = None
        self._answers_pings = True
        self._closes = False
        self._gone_at: float | None = None
        self.who = who
        """Name in the conversation."""
        self.source = source
        """The source address asked for."""
        self.opened_at = time.monotonic()
        self.pings: list[float] = []
        """When each protocol ping of the hub's arrived, on the monotonic clock."""

    def start(self, frames: list[Frame], *, answer_pings: bool, keep_reading: bool) -> None:
        """Take what came with the answer, and begin to read; or read the welcome, and no further."""
        self._answers_pings = answer_pings
        self._take(frames)
        while not keep_reading and self._welcome is None and self._read_some():
            pass
        if keep_reading:
            self._thread = threading.Thread(target=self._read, name=f"read {self.who}", daemon=True)
            self._thread.start()

    def receive_welcome(self) -> dict[str, Json]:
        """Wait for the first frame.

        Raises:
            HubMisbehaved: It does not come.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._welcome is not None or self._gone_at is not None, self._patience
            )
            if self._welcome is None:
                raise HubMisbehaved(f"{self.who}: no welcome within {self._patience:g} s of the handshake")
            return self._welcome.value

    @property
    def client_id(self) -> str:
        """What the welcome says (protocol CONN-6)."""
        value = self._welcome_body.get("client_id")
        if not isinstance(value, str):
            raise HubMisbehaved(f"{self.who}: the welcome has no body.client_id")
        return value

    @property
    def subscriptions(self) -> list[str]:
        """What the welcome says (protocol CONN-6)."""
        value = self._welcome_body.get("subscriptions")
        if not is_list(value):
            raise HubMisbehaved(f"{self.who}: the welcome has no body.subscriptions")
        return [str(channel) for channel in value]

    @property
    def is_open(self) -> bool:
        """Whether the hub left the connection open, as far as has been read."""
        return self._gone_at is None and self._protocol.close_rcvd is None

    @property
    def close_code(self) -> int | None:
        """The code of the hub's close frame; None: none came."""
        return self._protocol.close_rcvd.code if self._protocol.close_rcvd else None

    def send(self, value: Json) -> None:
        """Send a value as JSON."""
        self.send_text(json.dumps(value))

    def send_text(self, text: str | bytes) -> None:
        """Send a text frame, whatever is in it."""
        data = text.encode() if isinstance(text, str) else text
        self._log.command(self.who, data.decode("utf-8", "replace"))
        self._write(lambda: self._protocol.send_text(data))

    def send_binary(self, data: bytes) -> None:
        """Send a binary frame."""
        self._log.sent(self.who, f"(binary frame, {len(data)} bytes)")
        self._write(lambda: self._protocol.send_binary(data))

    def expect(self, what: str, *, within: float | None = None, **keys: Json) -> Event:
        """Take the first event whose keys have these values, leaving the others in place.

        Args:
            what: For the finding, when it does not come.
            within: Seconds to wait, if less than the patience of the run.
            keys: Top-level keys of the frame and their values.

        Raises:
            HubMisbehaved: It does not come, or the hub closes before.
        """
        patience = self._patience if within is None else min(within, self._patience)
        deadline = time.monotonic() + patience
        with self._changed:
            while True:
                for event in self._inbox:
                    if all(event.value.get(key) == value for key, value in keys.items()):
                        self._inbox.remove(event)
                        return event
                if self._gone_at is not None:
                    raise HubMisbehaved(f"{self.who}: the hub closed ({self._ending}) before {what}")
                left = deadline - time.monotonic()
                if left <= 0:
                    raise HubMisbehaved(f"{self.who}: no {what} within {patience:.3g} s")
                self._changed.wait(left)

    def pending(self) -> list[Event]:
        """Events that arrived and were not taken."""
        with self._changed:
            return list(self._inbox)

    def forget(self) -> None:
        """Let go of what arrived and was not taken."""
        with self._changed:
            self._inbox.clear()

    def wait_gone(self, within: float | None = None) -> float | None:
        """Wait for the hub to end the connection.

        Returns:
            When it ended, on the monotonic clock; None: it has not.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._gone_at is not None, self._patience if within is None else within
            )
            return self._gone_at

    def begin_to_close(self) -> None:
        """Send the close frame, and do not wait for what the hub does about it."""
        if self._thread is not None and self.is_open and not self._closes:
            self._closes = True
            self._log.note(self.who, "closes, code 1000")
            self._answers_pings = True
            with contextlib.suppress(HubMisbehaved):
                self._write(lambda: self._protocol.send_close(1000))

    def close(self, within: float | None = None) -> None:
        """Close with a handshake, and wait for the hub to close the socket, `within` seconds."""
        self.begin_to_close()
        if self._closes:
            self.wait_gone(within)
        self._end()

    def vanish(self, *, reset: bool = False) -> None:
        """End the TCP connection without a close frame.

        Args:
            reset: With RST instead of FIN. Only for a connection that is not being read.
        """
        self._log.note(self.who, "resets the TCP connection" if reset else "drops the TCP connection")
        if reset:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._socket.close()
        self._end()

    @property
    def _welcome_body(self) -> dict[str, Json]:
        return as_object(self.receive_welcome().get("body")) or {}

    @property
    def _ending(self) -> str:
        return f"code {self.close_code}" if self.close_code else "without a close frame"

    def _end(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        if self._thread is not None:
            self._thread.join(self._patience)
        self._socket.close()

    def _write(self, put: Callable[[], None]) -> None:
        with self._changed:
            try:
                put()
                self._flush()
            except (OSError, WebSocketException) as error:
                raise HubMisbehaved(
                    f"{self.who}: the connection is gone ({self._ending}): {error}"
                ) from error

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._socket.sendall(data)

    def _read(self) -> None:
        while self._read_some():
            pass
        with self._changed:
            self._gone_at = time.monotonic()
            self._log.note(self.who, f"the connection ended: {self._ending}")
            self._changed.notify_all()

    def _read_some(self) -> bool:
        """Take what arrived; False when nothing more will."""
        try:
            data = self._socket.recv(65536)
        except TimeoutError:
            return True
        except OSError:
            data = b""
        with self._changed:
            if data:
                self._protocol.receive_data(data)
            else:
                self._protocol.receive_eof()
            frames = [event for event in self._protocol.events_received() if isinstance(event, Frame)]
            if self._answers_pings:
                with contextlib.suppress(OSError):  # the end is noticed by reading
                    self._flush()
            else:
                self._protocol.data_to_send()
        self._take(frames)
        return bool(data)

    def _take(self, frames: list[Frame]) -> None:
        for frame in frames:
            if frame.opcode is Opcode.PING:
                self.pings.append(time.monotonic())
                self._log.note(self.who, "protocol ping from the hub")
            elif frame.opcode in {Opcode.TEXT, Opcode.BINARY, Opcode.CONT}:
                self._fragments.append(frame)
                if frame.fin:
                    self._take_message()

    def _take_message(self) -> None:
        fragments, self._fragments = self._fragments, []
        data = b"".join(bytes(fragment.data) for fragment in fragments)
        if fragments[0].opcode is Opcode.BINARY:
            self._log.binary_frame(self.who, len(data))
            return
        text = data.decode("utf-8", "replace")
        event = Event(time.monotonic(), text, _decoded(text))
        if self._welcome is None:
            self._log.first_frame(self.who, text)
        else:
            self._log.frame(self.who, text)
        with self._changed:
            if self._welcome is None:
                self._welcome = event
            else:
                self._inbox.append(event)
            self._changed.notify_all()


def _decoded(text: str) -> dict[str, Json]:
    try:
        return as_object(json.loads(text)) or {}
    except (ValueError, RecursionError):
        return {}
