"""What is told when something happens: the host's own event, and right after it the orchestrator's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from ..._generated import messages, models
from ...core.message import Message


class _Twins(NamedTuple):
    """An event of ``pdfm`` and its namesake on ``orchestrator``."""

    own: Callable[..., Message]
    passed_on: Callable[..., Message]
    passed_on_body: Callable[..., object]


_TWINS: Final = {
    models.VmStateChangedBody: _Twins(
        messages.VmStateChanged, messages.HostVmStateChanged, models.HostVmStateChangedBody
    ),
    models.VmAddedBody: _Twins(messages.VmAdded, messages.HostVmAdded, models.HostVmAddedBody),
    models.VmUpdatedBody: _Twins(messages.VmUpdated, messages.HostVmUpdated, models.HostVmUpdatedBody),
    models.VmRemovedBody: _Twins(messages.VmRemoved, messages.HostVmRemoved, models.HostVmRemovedBody),
    models.VmUptimeChangedBody: _Twins(
        messages.VmUptimeChanged, messages.HostVmUptimeChanged, models.HostVmUptimeChangedBody
    ),
    models.VmSnapshotsUpdatedBody: _Twins(
        messages.VmSnapshotsUpdated, messages.HostVmSnapshotsUpdated, models.HostVmSnapshotsUpdatedBody
    ),
    models.MacVmsRunningNowBody: _Twins(
        messages.MacVmsRunningNow, messages.HostMacVmsRunningNow, models.HostMacVmsRunningNowBody
    ),
}
VmBody = (
    models.VmStateChangedBody
    | models.VmAddedBody
    | models.VmUpdatedBody
    | models.VmRemovedBody
    | models.VmUptimeChangedBody
    | models.VmSnapshotsUpdatedBody
    | models.MacVmsRunningNowBody
)


def told_twice(host_id: str, body: VmBody) -> Iterator[Message]:
    """What happened to a VM, as its host tells it and as the orchestrator passes it on."""
    twins = _TWINS[type(body)]
    yield twins.own(body=body)
    yield twins.passed_on(body=twins.passed_on_body(host_id=host_id, event=body))


def stream_changed(host_id: str, stream: str) -> Message:
    """The event stream from a host became connected, degraded or disconnected."""
    if stream == "connected":
        state = models.HostWebsocketState.WEBSOCKET_CONNECTED
        return messages.HostWebsocketConnected(body=models.HostWebsocketBody(host_id=host_id, state=state))
    if stream == "degraded":
        state = models.HostWebsocketState.HEALTHY
        return messages.HostWebsocketDegraded(body=models.HostWebsocketBody(host_id=host_id, state=state))
    state = models.HostWebsocketState.WEBSOCKET_DISCONNECTED
    return messages.HostWebsocketDisconnected(body=models.HostWebsocketBody(host_id=host_id, state=state))


def host_state_changed(host_id: str, previous: models.HostState, current: models.HostState) -> Message:
    """A host's condition, on the channel of the system."""
    body = models.HostStateChangedBody(host_id=host_id, previous_state=previous, current_state=current)
    return messages.HostStateChanged(body=body)


def host_health_updated(host_id: str, health: models.HostHealth) -> Message:
    """A host's health, as the orchestrator sees it."""
    return messages.HostHealthUpdate(body=models.HostHealthUpdateBody(host_id=host_id, state=health))
