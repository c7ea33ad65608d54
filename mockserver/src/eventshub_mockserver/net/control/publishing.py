"""Publishing events."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ...core.catalogue import InvalidEventError
from ...core.hub import UnknownClientError
from .controlled import ControlledHub
from .endpoint import Endpoint, Example, refused


class PublishRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be published."""

    channel: Annotated[str, Meta(description="The event's channel.")]
    message: Annotated[str, Meta(description="The event's name within the channel.")]
    body: Annotated[
        msgspec.Raw | UnsetType, Meta(description="The event's data, any JSON; absent when left out.")
    ] = UNSET
    client_id: Annotated[
        str | None,
        Meta(description="The one connection that it is for; everybody subscribed when left out."),
    ] = None
    unchecked: Annotated[bool, Meta(description="Send what the spec does not allow.")] = False


class PublishedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event that was published."""

    id: Annotated[str, Meta(description="The event's ID.")]
    recipients: Annotated[int, Meta(description="For how many connections it was queued.")]


async def publish(controlled: ControlledHub, request: PublishRequest) -> PublishedEvent:
    """Publish an event by its names."""
    try:
        body = msgspec.json.decode(request.body) if isinstance(request.body, msgspec.Raw) else UNSET
        published = controlled.hub.publish(
            request.channel,
            request.message,
            body,
            client_id=request.client_id,
            unchecked=request.unchecked,
        )
    except UnknownClientError as error:
        raise refused(404, f"client_id: {error}") from error
    except (InvalidEventError, msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise refused(400, str(error) or "body: it is no JSON") from error
    return PublishedEvent(id=published.id, recipients=published.recipients)


ENDPOINTS: Final = (
    Endpoint(
        name="publish",
        method="POST",
        path="/publish",
        summary="Publish an event.",
        details=(
            "It is checked against the spec, unless `unchecked`; an event on a channel that the spec does "
            "not have goes to everybody then. `client_id` reaches one connection, whatever it is subscribed "
            "to."
        ),
        request=PublishRequest,
        answer=PublishedEvent,
        status=202,
        says="The event is queued.",
        errors={
            400: "The spec does not allow the event.",
            404: "No connection has the `client_id`.",
        },
        handle=publish,
        example=Example(
            body={
                "channel": "pdfm",
                "message": "VM_STATE_CHANGED",
                "body": {"vm_id": "vm-1", "previous_state": "stopped", "current_state": "running"},
            }
        ),
    ),
)
