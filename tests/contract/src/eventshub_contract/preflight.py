"""Makes sure, before anything is judged, that there is a hub and that it lets the judge in."""

from __future__ import annotations

from .errors import ExitCode, HubMisbehaved, TargetError
from .hub import Hub
from .target import bearer


def check(hub: Hub) -> None:
    """Subscribe once, and have one event published where there is a control surface.

    Raises:
        TargetError: There is no hub, it is something else, or it refuses a credential.
    """
    url = hub.target.hub_url.geturl()
    try:
        answer, connection = hub.subscribe()
    except HubMisbehaved as error:
        raise TargetError(f"there is no hub to judge at {url}: {error}", ExitCode.UNREACHABLE) from error
    if connection is None:
        said = f"{answer.status} {answer.message}".strip()
        if answer.status in {401, 403}:
            raise TargetError(
                f"the hub at {url} refused {hub.target.credential.name}: {said}", ExitCode.REFUSED
            )
        raise TargetError(f"the hub at {url} does not let one subscribe: {said}", ExitCode.UNREACHABLE)
    _check_other_user(hub)
    _check_control(hub)


def _check_other_user(hub: Hub) -> None:
    """A token that the hub does not take would make its own refusals look like faults."""
    if hub.target.other_token is None:
        return
    answer = hub.request("GET", "/v1/ws/clients", credential=bearer(hub.target.other_token, "--other-token"))
    if answer.status in {401, 403}:
        said = f"{answer.status} {answer.message}".strip()
        raise TargetError(f"the hub refused --other-token: {said}", ExitCode.REFUSED)


def _check_control(hub: Hub) -> None:
    control_url = hub.target.control_url
    event = next((event for event in hub.bundle.events if event.examples), None)
    if control_url is None or event is None:
        return
    try:
        hub.publish(event.channels[0], event.values["message"], event.examples[0].get("body"))
    except HubMisbehaved as error:
        code = ExitCode.REFUSED if " 401" in str(error) or " 403" in str(error) else ExitCode.UNREACHABLE
        raise TargetError(f"the control surface at {control_url} cannot be used: {error}", code) from error
