"""Everything that ``serve`` can be told: each an option, a variable and a key of the file."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import StrEnum
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, Any, Final, get_type_hints

from typer import Option

from .core.credentials import ApiKey, Token
from .core.dialect import DIALECTS, GUIDE
from .core.limits import Limits

VARIABLE_PREFIX: Final = "EVENTS_HUB"
SECRETS: Final = frozenset({"token", "api_key", "control_token", "jwt_secret"})
"""Options whose value is a secret: the file only says where it is, and nothing shows it."""
NUMBERS_OR_WORDS: Final = frozenset({"connections_per_ip", "speed"})
"""Options that are texts because they may be a word, and most of the time are numbers."""
_LIMITS: Final = Limits()


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """What a log line looks like."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, kw_only=True)
class ServeOptions:
    """The options of ``serve``, as given."""

    host: Annotated[str, Option(help="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Option(help="Port to listen on; 0 for any that is free.")] = 8080
    insecure_bind: Annotated[
        bool,
        Option("--insecure-bind", help="Allow a --host that others can reach without TLS or --token."),
    ] = False
    tls_cert: Annotated[
        Path | None, Option(metavar="FILE", help="Certificate chain (PEM); read again on SIGHUP and changes.")
    ] = None
    tls_key: Annotated[
        Path | None, Option(metavar="FILE", help="Its private key, if it is not in --tls-cert.")
    ] = None
    token: Annotated[
        list[str] | None,
        Option(
            metavar="[NAME:[CLAIM,…:]]SECRET",
            help="Bearer token; claims are READ_ONLY if not given. May be repeated.",
        ),
    ] = None
    api_key: Annotated[
        list[str] | None,
        Option(
            metavar="KEY:[CLAIM,…:]SECRET",
            help="API key; claims as for --token. May be repeated.",
        ),
    ] = None
    control_token: Annotated[
        str | None,
        Option(metavar="SECRET", help="Turns on the control surface, with this as its bearer token."),
    ] = None
    jwt_issuer: Annotated[
        str | None, Option(metavar="TEXT", help="Turns on this issuer's signed tokens.")
    ] = None
    jwt_audience: Annotated[str | None, Option(metavar="TEXT", help="Whom they have to be for.")] = None
    jwt_secret: Annotated[
        str | None, Option(metavar="SECRET", help="Shared secret of HS256, 32 bytes or more.")
    ] = None
    jwt_keys: Annotated[
        str | None, Option(metavar="FILE|URL", help="JWK set with the public keys of RS256 and ES256.")
    ] = None
    jwt_name_claim: Annotated[str, Option(help="Where a signed token has the principal's name.")] = "sub"
    jwt_claims_claim: Annotated[str, Option(help="Where a signed token has the claims.")] = "claims"
    allowed_origin: Annotated[
        list[str] | None,
        Option(metavar="ORIGIN|*", help="Web pages that may use the hub besides its own. May be repeated."),
    ] = None
    trusted_proxy: Annotated[
        list[str] | None,
        Option(metavar="CIDR", help="Network of proxies whose X-Forwarded-For counts. May be repeated."),
    ] = None
    dialect: Annotated[
        str, Option(metavar="|".join(DIALECTS), help="Keep the guide's rules, or do as the service does.")
    ] = GUIDE.name
    connections_per_ip: Annotated[
        str | None,
        Option(metavar="N|off", help="Connections that one client address may have; 1 with the guide."),
    ] = None
    flush_interval: Annotated[
        float | None,
        Option(metavar="SECONDS", help="How long an event waits for others; 0 with the guide."),
    ] = None
    commands_need_subscription: Annotated[
        bool | None,
        Option(
            "--commands-need-subscription/--lenient-commands",
            help="Answer a command with an error unless its channel is subscribed; so with the guide.",
        ),
    ] = None
    base_path: Annotated[
        list[str] | None,
        Option(
            metavar="PATH", help="Where the stream and its REST are; / and /api if not given. Repeatable."
        ),
    ] = None
    ping_interval: Annotated[float, Option(help="Seconds between protocol pings.")] = _LIMITS.ping_interval
    pong_timeout: Annotated[
        float, Option(help="Seconds without a pong after which a connection is dead.")
    ] = _LIMITS.pong_timeout
    queue_size: Annotated[int, Option(help="Frames that wait for one connection.")] = _LIMITS.queue_size
    stall_timeout: Annotated[
        float, Option(help="Seconds that a connection may read nothing while frames wait.")
    ] = _LIMITS.stall_timeout
    message_size: Annotated[int, Option(help="Bytes of a client's message.")] = _LIMITS.message_size
    command_rate: Annotated[float, Option(help="Messages a second that a client may send for long.")] = (
        _LIMITS.command_rate
    )
    command_burst: Annotated[int, Option(help="Messages it may send at once.")] = _LIMITS.command_burst
    max_connections: Annotated[int, Option(help="Connections in all.")] = _LIMITS.connections
    body_size: Annotated[int, Option(help="Bytes of a request's body.")] = _LIMITS.body_size
    header_size: Annotated[int, Option(help="Bytes of a header field.")] = _LIMITS.header_size
    max_headers: Annotated[int, Option(help="Header fields of a request.")] = _LIMITS.headers
    request_timeout: Annotated[float, Option(help="Seconds for a request to arrive.")] = (
        _LIMITS.request_timeout
    )
    drain_timeout: Annotated[float, Option(help="Seconds for queues to empty at shutdown.")] = (
        _LIMITS.drain_timeout
    )
    close_timeout: Annotated[float, Option(help="Seconds for a peer to answer a close frame.")] = (
        _LIMITS.close_timeout
    )
    write_buffer: Annotated[int, Option(help="Bytes given to a connection ahead of its peer's reading.")] = (
        _LIMITS.write_buffer
    )
    journal_entries: Annotated[int, Option(help="Entries that the journal keeps.")] = _LIMITS.journal_entries
    journal_size: Annotated[int, Option(help="Bytes that they may take, roughly.")] = _LIMITS.journal_size
    open_metrics: Annotated[
        bool, Option("--open-metrics", help="Show /metrics to anybody, without a credential.")
    ] = False
    ready_file: Annotated[
        Path | None, Option(help="File to write the URLs to once the hub listens; removed at the end.")
    ] = None
    log_level: Annotated[LogLevel, Option(help="How much is logged, to standard error.")] = LogLevel.INFO
    log_format: Annotated[LogFormat, Option(help="What a log line looks like.")] = LogFormat.TEXT
    simulate: Annotated[bool, Option("--simulate", help="Run a simulated fleet.")] = False
    hosts: Annotated[int, Option(help="Hosts of the simulated fleet at its start.")] = 3
    vms: Annotated[int, Option(help="VMs on each of them.")] = 3
    rate: Annotated[float, Option(help="What happens in the simulated fleet, or examples, per second.")] = 2.0
    seed: Annotated[
        int | None, Option(help="Seed of all sources; scenarios have one of their own if it is not given.")
    ] = None
    seed_ids: Annotated[
        bool, Option("--seed-ids", help="Draw IDs from --seed too. They can be foretold: for tests.")
    ] = False
    scenario: Annotated[
        list[str] | None,
        Option(
            metavar="NAME|FILE[:VARIABLE=VALUE,…]",
            help="A scenario, of the library or from a .yaml file. May be repeated.",
        ),
    ] = None
    examples: Annotated[
        bool, Option("--examples", help="Publish the spec's examples, then events drawn from it.")
    ] = False
    replay: Annotated[Path | None, Option(metavar="FILE", help="A recording to publish.")] = None
    speed: Annotated[
        str, Option(metavar="N|max", help="How many times as fast --replay is; max: as they are read.")
    ] = "1"
    verbatim: Annotated[bool, Option("--verbatim", help="Let --replay keep IDs and timestamps.")] = False
    record: Annotated[
        Path | None, Option(metavar="FILE", help="A new file, for what is published for all.")
    ] = None
    overwrite: Annotated[bool, Option("--overwrite", help="Let --record replace a file that exists.")] = False
    tell_newcomers: Annotated[
        bool,
        Option("--tell-newcomers", help="Let the fleet tell who comes later what there is, and only them."),
    ] = False
    virtual_time: Annotated[
        bool, Option("--virtual-time", help="Let time stand still until the control surface moves it.")
    ] = False
    journal: Annotated[
        bool | None,
        Option("--journal/--no-journal", help="Remember what is said; on with --control-token."),
    ] = None
    until_done: Annotated[
        bool, Option("--until-done", help="End when all scenarios and the replay have ended.")
    ] = False
    fault: Annotated[
        list[str] | None,
        Option(
            metavar="FAULT[:KEY=VALUE,…]",
            help="Something to do wrong, such as refuse:status=503,times=2. May be repeated.",
        ),
    ] = None
    credentials: tuple[Token | ApiKey, ...] = field(default=(), repr=False)
    """Those of the file's tables, which are no options."""


def option_types() -> dict[str, Any]:
    """What each option is."""
    return {name: hint for name, hint in get_type_hints(ServeOptions).items() if name not in _NO_OPTIONS}


_NO_OPTIONS: Final = frozenset({"credentials"})


def signature_of_options(*first: Parameter) -> Signature:
    """The signature of a command that takes them all, after some of its own."""
    hints = get_type_hints(ServeOptions, include_extras=True)
    options = [
        Parameter(f.name, Parameter.KEYWORD_ONLY, default=f.default, annotation=hints[f.name])
        for f in fields(ServeOptions)
        if f.name not in _NO_OPTIONS
    ]
    return Signature([*first, *options])


def values_of(options: ServeOptions) -> dict[str, Any]:
    """The options by name."""
    return {f.name: getattr(options, f.name) for f in fields(options) if f.name not in _NO_OPTIONS}
