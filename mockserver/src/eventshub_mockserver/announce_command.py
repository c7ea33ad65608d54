"""The command with which operators tell everybody something."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from ._generated.protocol import PROTOCOL
from .sources.scenario import plain_value

REFUSED: Final = 1
OUT_OF_REACH: Final = 3
_PATIENCE: Final = 10.0


def announceable() -> dict[str, str]:
    """What can be announced: as the command line has it, and as the wire has it."""
    channel = PROTOCOL.always_subscribed[0]
    silent = {PROTOCOL.welcome, *PROTOCOL.errors.values()}
    return {
        values[1].lower().replace("_", "-"): values[1]
        for values, message in PROTOCOL.events.items()
        if values[0] == channel and message not in silent
    }


ANNOUNCE_HELP = f"""\
Tell everybody who is connected something, on {PROTOCOL.always_subscribed[0]}.

It asks a running hub's control surface. MESSAGE is {", ".join(announceable())}; what
it has to say is given as KEY=VALUE.

\b
Examples:
  eventshub-mockserver announce announcement severity=info
      "text=Back in five minutes"
  eventshub-mockserver announce shutdown "reason=A new version"

\b
Exit codes:
  0  it was published
  1  the hub refused it; says why
  2  wrong usage
  3  there is no hub, or no control surface, at the URL
"""


def announce(
    message: Annotated[str, typer.Argument(metavar="MESSAGE", help="What kind of announcement.")],
    content: Annotated[list[str] | None, typer.Argument(metavar="KEY=VALUE", help="What it says.")] = None,
    url: Annotated[
        str, typer.Option(envvar="EVENTS_HUB_URL", help="Base URL of the hub.")
    ] = "http://127.0.0.1:8080",
    control_token: Annotated[
        str, typer.Option(envvar="EVENTS_HUB_CONTROL_TOKEN", metavar="SECRET", help="The control credential.")
    ] = "",
    ca: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Certificates (PEM) to trust besides the system's.")
    ] = None,
) -> None:
    """Publish an announcement."""
    known = announceable()
    name = known.get(message.lower().replace("_", "-"))
    if name is None:
        raise typer.BadParameter(f"{message!r} is none: there are {', '.join(known)}", param_hint="MESSAGE")
    if not url.startswith(("http://", "https://")):
        raise typer.BadParameter("it must begin with http:// or https://", param_hint="--url")
    event = {"channel": PROTOCOL.always_subscribed[0], "message": name, "body": _body(content or [])}
    told = _post(f"{url.rstrip('/')}/control/publish", control_token, event, ca)
    typer.echo(f"Told {told['recipients']}: {name} {told['id']}")


def _body(content: list[str]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for part in content:
        key, equals, value = part.partition("=")
        if not equals or not key:
            raise typer.BadParameter(f"{part!r} is not KEY=VALUE", param_hint="KEY=VALUE")
        body[key] = plain_value(value)
    return body


def _post(url: str, token: str, event: dict[str, Any], ca: Path | None) -> dict[str, Any]:
    request = urllib.request.Request(  # noqa: S310 - the scheme was looked at
        url,
        json.dumps(event).encode(),
        {"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
        method="POST",
    )
    context = None
    try:
        if url.startswith("https:"):
            context = ssl.create_default_context()
            if ca is not None:
                context.load_verify_locations(ca)
        with urllib.request.urlopen(request, timeout=_PATIENCE, context=context) as answer:  # noqa: S310 - likewise
            told: dict[str, Any] = json.load(answer)
            return told
    except urllib.error.HTTPError as error:
        with error:
            text = _message_of(error.read(4096)) or error.reason
        typer.echo(f"Error: the hub answered {error.code}: {text}", err=True)
        raise typer.Exit(OUT_OF_REACH if error.code == 404 else REFUSED) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        typer.echo(f"Error: no hub at {url}: {reason}", err=True)
        raise typer.Exit(OUT_OF_REACH) from error


def _message_of(body: bytes) -> str:
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return ""
