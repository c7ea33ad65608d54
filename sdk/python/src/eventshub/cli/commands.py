"""The commands of ``eventshub``."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import typer

from .. import EventsHubError, __version__
from .._generated.protocol import PING
from . import help_texts
from .event_text import pairs
from .exit_codes import CliError, ExitCode
from .following import run_until_signal
from .hub_options import HubOptions, with_hub_options
from .plain_text import visible_json
from .screen import Screen, note
from .stream_commands import Channels, channel_names, record, tail

UNTOLD = "(the hub does not tell)"

app: typer.Typer = typer.Typer(
    help=help_texts.HELP,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(asked: bool) -> None:
    if asked:
        Screen().write_text(f"eventshub {__version__}")
        raise typer.Exit


@app.callback()
def everything(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and end."),
    ] = False,
) -> None:
    """Take what stands before the command."""


app.command(help=help_texts.TAIL_HELP)(tail)
app.command(help=help_texts.RECORD_HELP)(record)


@app.command(help=help_texts.PING_HELP)
@with_hub_options
def ping(options: HubOptions) -> None:
    """Send a ping and print the round trip."""
    hub = options.hub()

    async def run() -> None:
        async with hub.subscribe(PING.request().channel) as events:
            round_trip = await events.ping()
        milliseconds = round(round_trip.total_seconds() * 1000, 3)
        if options.as_json:
            Screen().write_text(_json({"round_trip_ms": milliseconds}))
        else:
            Screen().write([("pong from ", ""), (hub.url, "cyan"), (f": {milliseconds} ms", "")])

    run_until_signal(run())


@app.command(help=help_texts.WHOAMI_HELP)
@with_hub_options
def whoami(options: HubOptions, channels: Channels = None) -> None:
    """Connect, say as whom and with which channels, and leave."""
    hub = options.hub()

    async def run() -> None:
        async with hub, hub.subscribe(*channel_names(channels)) as events:
            welcome = events.welcome
            client_id = welcome.body.client_id
            try:
                mine = [connection for connection in await hub.clients() if connection.id == client_id]
            except EventsHubError:
                # Not every hub tells of connections.
                mine = []
            facts: dict[str, object] = {
                "url": hub.url,
                "client_id": client_id,
                "user": mine[0].username if mine else None,
                "channels": events.channels,
                "refused": events.channels_refused,
            }
        screen = Screen()
        if options.as_json:
            screen.write_text(_json({**facts, "welcome": welcome.payload}))
            return
        screen.write_fields(
            [
                ("hub", facts["url"]),
                ("client ID", client_id),
                ("user", facts["user"] or UNTOLD),
                ("granted", ", ".join(events.channels)),
                ("refused", ", ".join(events.channels_refused) or "(none)"),
                ("hub's time", welcome.payload.get("timestamp")),
                ("hub says", welcome.message),
                *_further(welcome.payload["body"], {"client_id", "subscriptions"}),
            ]
        )

    run_until_signal(run())


@app.command(help=help_texts.UNSUBSCRIBE_HELP)
@with_hub_options
def unsubscribe(
    options: HubOptions,
    client_id: Annotated[str, typer.Argument(metavar="CLIENT_ID", help="The connection's ID.")],
    channels: Annotated[list[str], typer.Argument(metavar="CHANNEL...", help="What to drop.")],
) -> None:
    """Drop channels from a live connection."""
    hub = options.hub()

    async def run() -> None:
        result = await hub.unsubscribe(client_id, *channels)
        screen = Screen()
        if options.as_json:
            screen.write_text(_json(result))
        else:
            screen.write_fields(
                [
                    ("unsubscribed", ", ".join(result.unsubscribed or ()) or UNTOLD),
                    ("remaining", ", ".join(result.remaining_subscriptions or ()) or UNTOLD),
                    *(("refused", f"{each.event_type}: {each.reason}") for each in result.refused or ()),
                ]
            )
        if result.refused:
            names = ", ".join(each.event_type for each in result.refused)
            raise CliError(f"the hub did not unsubscribe {names}", ExitCode.REFUSED)

    run_until_signal(run())


@app.command(help=help_texts.CLIENTS_HELP)
@with_hub_options
def clients(options: HubOptions) -> None:
    """List live connections."""
    hub = options.hub()

    async def run() -> None:
        screen = Screen()
        connections = await hub.clients()
        if not connections and not options.as_json:
            note("no live connections")
        for connection in connections:
            if options.as_json:
                screen.write_text(_json(connection))
                continue
            screen.write(pairs(msgspec.to_builtins(connection)))

    run_until_signal(run())


@app.command(help=help_texts.STATS_HELP)
@with_hub_options
def stats(options: HubOptions) -> None:
    """Print the hub's counters."""
    hub = options.hub()

    async def run() -> None:
        counters = await hub.stats()
        if options.as_json:
            Screen().write_text(_json(counters))
        else:
            Screen().write_fields(_further(msgspec.to_builtins(counters), set()))

    run_until_signal(run())


def _json(value: object) -> str:
    return visible_json(msgspec.json.encode(value).decode())


def _further(facts: dict[str, Any], known: set[str]) -> list[tuple[str, object]]:
    return [(name, value) for name, value in facts.items() if name not in known]
