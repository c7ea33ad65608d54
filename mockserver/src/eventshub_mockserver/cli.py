"""The ``eventshub-mockserver`` command."""

from __future__ import annotations

import ipaddress
import json
import secrets
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .config import HubConfig
from .core.credentials import READ_ONLY, ApiKey, Token
from .core.limits import Limits
from .faults.rule import FaultError, FaultRule, parse_fault
from .log import log_to_stderr
from .net.clock import SystemClock
from .net.door import check_rule
from .net.server import HubServer
from .net.virtual_clock import VirtualClock
from .running import ReadyFileError, run_until_signal
from .scenario_commands import LIST_HELP
from .scenario_commands import scenario as scenario_commands
from .scenario_commands import scenarios as list_scenarios
from .source_options import SourceOptionError, SourceOptions

CANNOT_LISTEN = 3
CANNOT_WRITE = 4
SCENARIO_FAILED = 5

SERVE_HELP = """\
Run a hub until SIGINT or SIGTERM. A second signal ends it at once.

Without --token and --api-key a token is made up and printed once. Their
variables may hold several values, separated by spaces.

\b
Examples:
  eventshub-mockserver serve --simulate --hosts 8 --vms 4 --rate 10 --seed 7
  eventshub-mockserver serve --scenario host-dies:minutes=1 --until-done
  eventshub-mockserver serve --replay night.jsonl --speed 10
  EVENTS_HUB_TOKEN=s3cret eventshub-mockserver serve --port 9000
  eventshub-mockserver serve --token ci:READ_ONLY,ADMIN:s3cret
      --connections-per-ip off
  eventshub-mockserver serve --fault refuse:status=503,retry-after=2,times=2
  EVENTS_HUB_CONTROL_TOKEN=c0ntrol eventshub-mockserver serve --port 0
      --ready-file hub.json --virtual-time

\b
Exit codes:
  0  stopped by a signal, or all done with --until-done
  2  wrong usage
  3  the address cannot be listened on, for example because the port is in use
  4  the ready file cannot be written
  5  a scenario or a replay failed
"""

app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None
)

app.add_typer(scenario_commands, name="scenario")
app.command("scenarios", help=LIST_HELP)(list_scenarios)


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@app.callback()
def commands() -> None:
    """A spec-conformant Events Hub to develop and test against."""


@app.command(help=SERVE_HELP)
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 for any that is free.")] = 8080,
    token: Annotated[
        list[str] | None,
        typer.Option(
            envvar="EVENTS_HUB_TOKEN",
            metavar="[NAME:[CLAIM,…:]]SECRET",
            help="Bearer token; claims are READ_ONLY if not given. May be repeated.",
        ),
    ] = None,
    api_key: Annotated[
        list[str] | None,
        typer.Option(
            envvar="EVENTS_HUB_API_KEY",
            metavar="KEY:[CLAIM,…:]SECRET",
            help="API key; claims are READ_ONLY if not given. May be repeated.",
        ),
    ] = None,
    control_token: Annotated[
        str | None,
        typer.Option(
            envvar="EVENTS_HUB_CONTROL_TOKEN",
            metavar="SECRET",
            help="Turns on the control surface, with this as its bearer token.",
        ),
    ] = None,
    ready_file: Annotated[
        Path | None, typer.Option(help="File to write the URLs to once the hub listens; removed at the end.")
    ] = None,
    simulate: Annotated[bool, typer.Option("--simulate", help="Run a simulated fleet.")] = False,
    hosts: Annotated[int, typer.Option(help="Hosts of the simulated fleet at its start.")] = 3,
    vms: Annotated[int, typer.Option(help="VMs on each of them.")] = 3,
    rate: Annotated[
        float, typer.Option(help="What happens in the simulated fleet, or examples, per second.")
    ] = 2.0,
    seed: Annotated[
        int | None,
        typer.Option(help="Seed of all sources; scenarios have one of their own if it is not given."),
    ] = None,
    seed_ids: Annotated[
        bool, typer.Option("--seed-ids", help="Draw IDs from --seed too. They can be foretold: for tests.")
    ] = False,
    scenario: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME|FILE[:VARIABLE=VALUE,…]",
            help="A scenario, of the library or from a .yaml file. May be repeated.",
        ),
    ] = None,
    examples: Annotated[
        bool, typer.Option("--examples", help="Publish the spec's examples, then events drawn from it.")
    ] = False,
    replay: Annotated[Path | None, typer.Option(metavar="FILE", help="A recording to publish.")] = None,
    speed: Annotated[
        str, typer.Option(metavar="N|max", help="How many times as fast --replay is; max: as they are read.")
    ] = "1",
    verbatim: Annotated[
        bool, typer.Option("--verbatim", help="Let --replay keep IDs and timestamps.")
    ] = False,
    record: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A new file, for what is published for all.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Let --record replace a file that exists.")
    ] = False,
    tell_newcomers: Annotated[
        bool,
        typer.Option(
            "--tell-newcomers", help="Let the fleet tell who comes later what there is, and only them."
        ),
    ] = False,
    virtual_time: Annotated[
        bool, typer.Option("--virtual-time", help="Let time stand still until the control surface moves it.")
    ] = False,
    journal: Annotated[
        bool | None,
        typer.Option("--journal/--no-journal", help="Remember what is said; on with --control-token."),
    ] = None,
    until_done: Annotated[
        bool, typer.Option("--until-done", help="End when all scenarios and the replay have ended.")
    ] = False,
    connections_per_ip: Annotated[
        str, typer.Option(metavar="N|off", help="Connections that one client address may have.")
    ] = "1",
    ping_interval: Annotated[float, typer.Option(help="Seconds between protocol pings.")] = 30.0,
    pong_timeout: Annotated[
        float, typer.Option(help="Seconds without a pong after which a connection is dead.")
    ] = 45.0,
    trusted_proxy: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CIDR", help="Network of proxies whose X-Forwarded-For counts. May be repeated."
        ),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FAULT[:KEY=VALUE,…]",
            help="Something to do wrong, such as refuse:status=503,times=2. May be repeated.",
        ),
    ] = None,
    insecure_bind: Annotated[
        bool, typer.Option("--insecure-bind", help="Allow a --host that others can reach, without TLS.")
    ] = False,
    log_level: Annotated[
        LogLevel, typer.Option(help="How much is logged, to standard error.")
    ] = LogLevel.INFO,
) -> None:
    """Run a hub until SIGINT or SIGTERM."""
    if not insecure_bind and not _is_loopback(host):
        raise typer.BadParameter(
            f"{host} can be reached by others and this hub has no TLS; add --insecure-bind if that is meant",
            param_hint="--host",
        )
    if ready_file is not None and not ready_file.parent.is_dir():
        raise typer.BadParameter(f"{ready_file.parent} is not a directory", param_hint="--ready-file")
    if virtual_time and control_token is None:
        raise typer.BadParameter(
            "only the control surface can move it: give --control-token", param_hint="--virtual-time"
        )
    credentials: list[Token | ApiKey] = [_token(text, number) for number, text in enumerate(token or [], 1)]
    credentials += [_api_key(text) for text in api_key or []]
    made_up = not credentials
    if made_up:
        credentials.append(Token("made-up", secrets.token_urlsafe(24)))
    options = SourceOptions(
        simulate=simulate,
        hosts=hosts,
        vms=vms,
        rate=rate,
        seed=seed,
        seed_ids=seed_ids,
        tell_newcomers=tell_newcomers,
        scenarios=scenario or [],
        examples=examples,
        replay=replay,
        speed=speed,
        verbatim=verbatim,
        record=record,
        overwrite=overwrite,
        until_done=until_done,
    )
    try:
        config = HubConfig(
            host=host,
            port=port,
            credentials=tuple(credentials),
            control_token=control_token,
            connections_per_address=_count_or_off(connections_per_ip),
            trusted_proxies=tuple(trusted_proxy or ()),
            faults=_faults(fault or []),
            limits=Limits(ping_interval=ping_interval, pong_timeout=pong_timeout),
            sources=options.sources(),
            ids=options.ids(),
            journal=journal,
            clock=VirtualClock() if virtual_time else SystemClock(),
        )
    except SourceOptionError as error:
        raise typer.BadParameter(str(error), param_hint=error.option) from error
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    log_to_stderr(log_level)

    def announce(server: HubServer) -> None:
        typer.echo(f"Events Hub on {server.url}")
        if made_up:
            typer.echo(f"Token for this run: {server.token}")

    try:
        failures = run_until_signal(config, ready_file, announce, until_done=until_done)
    except ReadyFileError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(CANNOT_WRITE) from error
    except OSError as error:
        typer.echo(f"Error: cannot listen on {host} port {port}: {error.strerror}", err=True)
        raise typer.Exit(CANNOT_LISTEN) from error
    if failures:
        typer.echo(f"Error: scenarios or the replay failed, see the log: {len(failures)}", err=True)
        raise typer.Exit(SCENARIO_FAILED)


@app.command("control-openapi")
def control_openapi() -> None:
    """Print the OpenAPI document of the control surface, as JSON."""
    from .net.control.document import openapi
    from .net.control.table import ENDPOINTS

    typer.echo(json.dumps(openapi(ENDPOINTS), indent=2, ensure_ascii=False))


def main() -> None:
    """Entry point."""
    app()


def _token(text: str, number: int) -> Token:
    name, claims, secret = _parts(text, f"token-{number}")
    return Token(name, secret, claims)


def _api_key(text: str) -> ApiKey:
    name, claims, secret = _parts(text, "")
    return ApiKey(name, secret, claims)


def _parts(text: str, default_name: str) -> tuple[str, frozenset[str], str]:
    """Name, claims and secret; no token has a colon in it (RFC 6750, section 2.1)."""
    *names, secret = text.split(":")
    name = names[0] if names else default_name
    claims = names[1].split(",") if len(names) > 1 else [READ_ONLY]
    if len(names) > 2 or not name or not secret:
        # The text is not quoted: it holds a secret.
        raise typer.BadParameter(
            "a credential is SECRET (tokens only), NAME:SECRET or NAME:CLAIM,CLAIM:SECRET"
        )
    return name, frozenset(claim for claim in claims if claim), secret


def _count_or_off(text: str) -> int | None:
    if text == "off":
        return None
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is neither a number nor off", param_hint="--connections-per-ip"
        ) from None


def _faults(descriptions: list[str]) -> tuple[FaultRule, ...]:
    try:
        rules = tuple(parse_fault(text) for text in descriptions)
        for rule in rules:
            check_rule(rule, has_tls=False)
        return rules
    except FaultError as error:
        raise typer.BadParameter(str(error), param_hint="--fault") from error


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
