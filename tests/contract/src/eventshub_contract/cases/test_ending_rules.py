"""END: the hub goes away. The last case that talks to it."""

from __future__ import annotations

import subprocess

import pytest

from eventshub_contract.hub import Hub
from eventshub_contract.verdicts import unsupported

STOP_PATIENCE = 30.0


@pytest.mark.rule("END-3")
def test_nothing_is_replayed_after_a_reconnect(hub: Hub) -> None:
    address = hub.lend_address()
    hub.connect("pdfm", source=address).close()
    missed = hub.publish_on("pdfm")
    again = hub.connect("pdfm", source=address)
    again.expect("an event published while connected", id=hub.publish_on("pdfm"))
    arrived = [event.value.get("id") for event in again.pending()]
    assert missed not in arrived, (
        "an event that was published while nobody was connected came after a reconnect"
    )


@pytest.mark.rule("END-1")
def test_shutdown_is_announced_and_closes_with_1001(hub: Hub) -> None:
    command = hub.target.stop_command
    if command is None:
        unsupported("needs to end the hub: say how with --stop-command")
    shutdown = next(message for message in hub.bundle.messages if message.role == "shutdown")
    connections = [hub.connect("pdfm"), hub.connect()]
    for connection in connections:
        connection.receive_welcome()
    hub.log.note("judge", "runs the stop command")
    try:
        subprocess.run(
            command, check=True, timeout=STOP_PATIENCE, stdin=subprocess.DEVNULL, capture_output=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        unsupported(f"the stop command failed: {error}")
    for connection in connections:
        connection.expect("the announcement of the shutdown", **shutdown.values)
        assert connection.wait_gone(STOP_PATIENCE) is not None, (
            f"{connection.who}: not closed after the shutdown"
        )
        assert connection.close_code == 1001, (
            f"{connection.who}: closed with {connection.close_code}, not 1001"
        )
