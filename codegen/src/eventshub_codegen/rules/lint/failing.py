"""Operations that say nothing of failing."""

from __future__ import annotations

from ...frontends.workspace import Place, Workspace

_METHODS = frozenset(["get", "put", "post", "delete", "options", "head", "patch", "trace"])
_RULE = "undocumented-errors"


def check_failing(workspace: Workspace, document: Place, taken: str) -> None:
    """Report endpoints without a response that means failure, and commands without a reply that does.

    Commands are looked at only where the document marks errors at all (``x-role: error``). ``taken`` is
    the action of what clients send.
    """
    paths = document.get("paths")
    for path, entry in paths.entries() if paths is not None else ():
        item = workspace.follow(entry)
        for method, operation in item.entries() if item is not None else ():
            responses = operation.get("responses") if method in _METHODS else None
            statuses = [status for status, _ in responses.entries()] if responses is not None else []
            if statuses and not any(status[:1] in {"4", "5"} or status == "default" for status in statuses):
                message = f"`{method.upper()} {path}` has no response for anything that goes wrong"
                workspace.warn(_RULE, operation.child("responses"), message, of_key=True)
    if not _marks_errors(workspace, document):
        return
    operations = document.get("operations")
    for name, place in operations.entries() if operations is not None else ():
        reply = place.get("reply")
        answer = workspace.follow(reply) if reply is not None else None
        if reply is None or answer is None or place.text("action") != taken:
            continue
        messages = _messages(workspace, answer)
        if messages and not any(message.text("x-role") == "error" for message in messages):
            message = f"`{name}` is never answered with an error"
            workspace.warn(_RULE, reply, message, of_key=True)


def _messages(workspace: Workspace, answer: Place) -> list[Place]:
    listed = answer.get("messages")
    channel = answer.get("channel")
    if listed is None and channel is not None:
        target = workspace.follow(channel)
        listed = target.get("messages") if target is not None else None
    if listed is None:
        return []
    places = [*listed.items(), *(place for _, place in listed.entries())]
    return [target for place in places if (target := workspace.follow(place)) is not None]


def _marks_errors(workspace: Workspace, document: Place) -> bool:
    channels = document.get("channels")
    for _, entry in channels.entries() if channels is not None else ():
        channel = workspace.follow(entry)
        messages = channel.get("messages") if channel is not None else None
        for _, reference in messages.entries() if messages is not None else ():
            message = workspace.follow(reference)
            if message is not None and message.text("x-role") == "error":
                return True
    return False
