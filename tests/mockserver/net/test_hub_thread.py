"""A hub for programs without an event loop."""

from __future__ import annotations

import json
import socket
import threading

import httpx
import pytest
from tests.mockserver.core_harness import VM
from websockets.sync.client import ClientConnection, connect

from eventshub_mockserver import (
    HubConfig,
    InvalidEventError,
    UnknownClientError,
    messages,
    models,
    serve_in_thread,
)


def dial(url: str, token: str) -> ClientConnection:
    headers = {"Authorization": f"Bearer {token}"}
    return connect(f"{url}/v1/ws/subscribe?event_types=pdfm", additional_headers=headers)


def test_it_serves_and_publishes_from_another_thread() -> None:
    with serve_in_thread(HubConfig(control_token="control")) as hub:
        with dial(hub.ws_url, hub.token) as client:
            welcome = json.loads(client.recv())
            assert [entry["id"] for entry in hub.connections] == [welcome["body"]["client_id"]]
            published = hub.publish("pdfm", "VM_STATE_CHANGED", VM)
            assert json.loads(client.recv())["id"] == published.id
            hub.publish(messages.VmRemoved(body=models.VmRemovedBody(vm_id="vm-1")))
            assert json.loads(client.recv())["message"] == "VM_REMOVED"
        assert hub.url == f"http://127.0.0.1:{hub.port}"
        assert hub.control_url == f"{hub.url}/control"
        assert httpx.get(f"{hub.url}/readyz").status_code == 200


def test_errors_reach_the_caller() -> None:
    with serve_in_thread() as hub:
        with pytest.raises(InvalidEventError):
            hub.publish("pdfm", "VM_STATE_CHANGED", {})
        with pytest.raises(UnknownClientError):
            hub.publish("pdfm", "VM_STATE_CHANGED", VM, client_id="nobody")
        assert hub.control_url is None


def test_revoking_closes() -> None:
    with serve_in_thread() as hub, dial(hub.ws_url, hub.token) as client:
        client.recv()
        hub.revoke("default")
        with pytest.raises(Exception, match="1008"):
            client.recv(timeout=5)


def test_a_port_in_use_is_an_error_and_leaves_no_thread() -> None:
    threads = threading.active_count()
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        serve_in_thread(HubConfig(port=taken.getsockname()[1])).__enter__()
    assert threading.active_count() == threads


def test_nothing_is_left_behind() -> None:
    threads = threading.active_count()
    with serve_in_thread() as hub:
        port = hub.port
    assert threading.active_count() == threads
    socket.create_server(("127.0.0.1", port)).close()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"port": 70_000}, "port"),
        ({"connections_per_address": 0}, "at least 1"),
        ({"control_token": ""}, "control_token"),
        ({"trusted_proxies": ("10.0.0.1/8",)}, "trusted_proxies"),
    ],
)
def test_a_wrong_configuration_is_named(options: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        HubConfig(**options)  # type: ignore[arg-type] # the wrong values are the point
