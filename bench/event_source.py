"""A server that answers an upgrade and then sends ready-made frames as fast as the network takes them.

``python -m bench.event_source FRAMES``: the file holds the bytes to be sent over and over after the welcome.
The port is printed; the process ends with its standard input.
"""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import sys
import threading
from pathlib import Path

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
# Each write is worth many reads of the client: the sender must not be what is measured.
BLOCK = 4 * 1024 * 1024


def text_frame(payload: bytes) -> bytes:
    """A whole message as a server frames it (RFC 6455, 5.2)."""
    size = len(payload)
    if size < 126:
        return bytes([0x81, size]) + payload
    if size < 1 << 16:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


def serve(connection: socket.socket, welcome: bytes, block: bytes) -> None:
    with connection:
        head = b""
        while b"\r\n\r\n" not in head:
            part = connection.recv(4096)
            if not part:
                return
            head += part
        [key] = re.findall(rb"(?i)sec-websocket-key: *(\S+)", head)
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        try:
            connection.sendall(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n" + welcome
            )
            while True:
                connection.sendall(block)
        except OSError:
            return


def main() -> None:
    welcome, _, frames = Path(sys.argv[1]).read_bytes().partition(b"\n")
    block = frames * (BLOCK // len(frames) + 1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(server.getsockname()[1], flush=True)

        def accept() -> None:
            while True:
                connection, _ = server.accept()
                threading.Thread(
                    target=serve, args=(connection, text_frame(welcome), block), daemon=True
                ).start()

        threading.Thread(target=accept, daemon=True).start()
        sys.stdin.read()


if __name__ == "__main__":
    main()
