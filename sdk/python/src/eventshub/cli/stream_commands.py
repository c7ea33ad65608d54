"""The commands that follow a stream: ``tail`` and ``record``."""

from __future__ import annotations

from contextlib import ExitStack, closing
from typing import Annotated, TypeAlias

import typer

from .. import ChannelsRefused, Connected, Disconnected, Event, InvalidEvent, Message, Notice
from .._generated.protocol import PROTOCOL
from .event_filter import ExpressionError, compile_filter
from .event_text import item_json, item_lines, notice_fields, notice_text
from .following import Limits, Progress, Subscription, attempt_teller, follow, run_until_signal
from .hub_options import HubOptions, with_hub_options
from .recording import Recording, open_recording, refuse_existing
from .screen import Screen, note

Channels: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME,NAME", help="Channels, separated by commas; all that are known when not given."
    ),
]
Count: TypeAlias = Annotated[int | None, typer.Option(min=1, metavar="N", help="End after N events.")]
SinceConnect: TypeAlias = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS",
        help="End so long after the connection; with --count, exit code 7 if too few events came.",
    ),
]


@with_hub_options
def tail(
    options: HubOptions,
    channels: Channels = None,
    where: Annotated[
        str | None, typer.Option(metavar="EXPRESSION", help="Print only events of which this is true.")
    ] = None,
    pretty: Annotated[bool, typer.Option("--pretty", help="Print the whole body of each event.")] = False,
    count: Count = None,
    since_connect: SinceConnect = None,
) -> None:
    """Print events as they come."""
    if pretty and options.as_json:
        raise typer.BadParameter("give --pretty or --json, not both", param_hint="--pretty")
    limits = _limits(count, since_connect)
    try:
        is_wanted = compile_filter(where) if where is not None else None
    except ExpressionError as error:
        raise typer.BadParameter(str(error), param_hint="--where") from error
    screen, progress = Screen(), Progress()

    def take(item: Event | InvalidEvent | Notice, _: Subscription) -> bool:
        if isinstance(item, Connected | Disconnected | ChannelsRefused):
            # Told beside the events: at this point nothing is missing among them.
            note(notice_text(item), notice_fields(item) if options.as_json else None)
            return False
        if isinstance(item, Message | InvalidEvent) and not (is_wanted is None or is_wanted(item.payload)):
            return False
        if options.as_json:
            screen.write_text(item_json(item))
        else:
            for line in item_lines(item, whole=pretty):
                screen.write(line)
        return isinstance(item, Message | InvalidEvent)

    hub = options.hub(attempt_teller(as_json=options.as_json))
    names = channel_names(channels)
    with screen.status(lambda: str(progress)) as progress.redraw:
        run_until_signal(follow(hub, names, limits=limits, progress=progress, take=take))


@with_hub_options
def record(
    options: HubOptions,
    file: Annotated[str, typer.Argument(metavar="FILE", help="Where to; - is standard output.")],
    channels: Channels = None,
    count: Count = None,
    since_connect: SinceConnect = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace FILE if it exists.")] = False,
) -> None:
    """Write events to a file."""
    limits, progress = _limits(count, since_connect), Progress()
    refuse_existing(file, overwrite=overwrite)
    hub = options.hub(attempt_teller(as_json=options.as_json))
    with ExitStack() as stack:
        recordings: list[Recording] = []

        def begin() -> Recording:
            recording = stack.enter_context(closing(open_recording(file, overwrite=overwrite)))
            if file != "-":
                stack.callback(_tell_end, file, progress, as_json=options.as_json)
            return recording

        def take(item: Event | InvalidEvent | Notice, events: Subscription) -> bool:
            if not recordings:
                # The first item says that there is a connection; before, there is nothing to make a file for.
                recordings.append(begin())
            recordings[0].write(item, events.welcome)
            return isinstance(item, Message | InvalidEvent)

        names = channel_names(channels)
        if file != "-":
            progress.redraw = stack.enter_context(Screen().status(lambda: f"{progress} in {file}"))
        following = follow(hub, names, limits=limits, progress=progress, take=take)
        run_until_signal(following, needs_output=file == "-")


def _tell_end(file: str, progress: Progress, *, as_json: bool) -> None:
    told = {"file": file, "events": progress.events, "gaps": progress.gaps}
    note(f"{progress.events_text}, {progress.gaps_text} in {file}", told if as_json else None)


def channel_names(channels: list[str] | None) -> tuple[str, ...]:
    """The channels that ``--channels`` names; all of the spec's when it was not given."""
    if channels is None:
        return PROTOCOL.channels
    names = tuple(name.strip() for part in channels for name in part.split(",") if name.strip())
    if not names:
        raise typer.BadParameter("holds no name", param_hint="--channels")
    return names


def _limits(count: int | None, seconds: float | None) -> Limits:
    if seconds is not None and not seconds > 0:
        raise typer.BadParameter("must be more than 0", param_hint="--since-connect")
    return Limits(count=count, seconds=seconds)
