"""What systemd and the hub tell each other: readiness, and sockets that are there already."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from typing import Final

_FIRST_DESCRIPTOR: Final = 3


def notify(state: str, environment: Mapping[str, str] = os.environ) -> None:
    """Tell systemd, if that runs us, ``READY=1``, ``STOPPING=1`` and the like (sd_notify(3)).

    Whatever is wrong with its socket, the hub does not fail of it.
    """
    address = environment.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as connection:
            connection.connect(address)
            connection.sendall(state.encode())
    except OSError:
        return


def inherited_listener(environment: Mapping[str, str] = os.environ) -> socket.socket | None:
    """The socket that systemd listens on for us (sd_listen_fds(3)), or ``None``.

    Raises:
        OSError: it is none that listens for TCP.
    """
    if environment.get("LISTEN_PID") != str(os.getpid()) or environment.get("LISTEN_FDS", "0") == "0":
        return None
    os.set_inheritable(_FIRST_DESCRIPTOR, False)  # noqa: FBT003 - the only parameter there is
    listener = socket.socket(fileno=_FIRST_DESCRIPTOR)
    if (
        listener.family not in (socket.AF_INET, socket.AF_INET6)
        or listener.type != socket.SOCK_STREAM
        or not listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    ):
        raise OSError(0, "the socket given by the supervisor does not listen for TCP")
    return listener
