"""What the options of ``serve`` mean together: a hub's configuration."""

from __future__ import annotations

import ipaddress
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from msgspec import UNSET, UnsetType

from .config import HubConfig
from .core.credentials import READ_ONLY, ApiKey, Token
from .core.jwt_rules import JwtRules, SigningKeysError
from .core.limits import Limits
from .faults.rule import FaultError, FaultRule, parse_fault
from .net.certificates import CertificateError, Certificates
from .net.clock import SystemClock
from .net.door import check_rule
from .net.signing_keys import check_keys
from .net.virtual_clock import VirtualClock
from .serve_options import ServeOptions
from .source_options import SourceOptionError, SourceOptions

_OTHER_NAMES: Final = {
    "connections": "max_connections",
    "headers": "max_headers",
    "connections_per_address": "connections_per_ip",
    "trusted_proxies": "trusted_proxy",
    "allowed_origins": "allowed_origin",
    "base_paths": "base_path",
}
"""Names in a configuration that are others than the option's."""


class OptionError(ValueError):
    """What an option says cannot be; ``option`` is its name, if it is one option's fault."""

    def __init__(self, option: str | None, text: str) -> None:
        super().__init__(text)
        self.option = option


@dataclass(frozen=True)
class Serving:
    """A hub that is to be run."""

    config: HubConfig
    certificates: Certificates | None
    made_up: str | None
    """The token that was made because no credential was given."""


def prepare(options: ServeOptions) -> Serving:
    """Judge options and make a configuration of them.

    Raises:
        OptionError: something cannot be, or is not safe and was not asked for twice.
    """
    credentials = credentials_of(options)
    signed_tokens = _signed_tokens(options)
    made_up = None
    if not credentials and signed_tokens is None:
        made_up = secrets.token_urlsafe(24)
        credentials = (Token("made-up", made_up),)
    certificates = _certificates(options)
    _check_bind(options, has_tls=certificates is not None, has_credentials=made_up is None)
    if options.virtual_time and options.control_token is None:
        raise OptionError("virtual_time", "only the control surface can move it: give --control-token")
    sources = _sources(options)
    try:
        config = HubConfig(
            host=options.host,
            port=options.port,
            tls=None if certificates is None else certificates.context,
            credentials=credentials,
            jwt=signed_tokens,
            allowed_origins=tuple(options.allowed_origin or ()),
            control_token=options.control_token,
            dialect=options.dialect,
            connections_per_address=_count_or_off(options.connections_per_ip),
            flush_interval=UNSET if options.flush_interval is None else options.flush_interval,
            commands_need_subscription=(
                UNSET if options.commands_need_subscription is None else options.commands_need_subscription
            ),
            base_paths=_base_paths(options),
            trusted_proxies=tuple(options.trusted_proxy or ()),
            faults=_faults(options.fault or (), has_tls=certificates is not None),
            limits=_limits(options),
            open_metrics=options.open_metrics,
            sources=sources.sources(),
            ids=sources.ids(),
            journal=options.journal,
            clock=VirtualClock() if options.virtual_time else SystemClock(),
        )
    except SourceOptionError as error:
        raise OptionError(error.option.removeprefix("--").replace("-", "_"), str(error)) from error
    except OptionError:
        raise
    except ValueError as error:
        raise OptionError(_option_named_in(str(error)), str(error)) from error
    return Serving(config, certificates, made_up)


def credentials_of(options: ServeOptions) -> tuple[Token | ApiKey, ...]:
    """The tokens and API keys that count, from the file's tables and from options.

    Raises:
        OptionError: an option is none.
    """
    tokens = [Token(*_parts(text, f"token-{number}")) for number, text in enumerate(options.token or (), 1)]
    keys = [ApiKey(*_parts(text, "")) for text in options.api_key or ()]
    return (*options.credentials, *tokens, *keys)


def _parts(text: str, default_name: str) -> tuple[str, str, frozenset[str]]:
    """Name, secret and claims; no token has a colon in it (RFC 6750, section 2.1)."""
    *names, secret = text.split(":")
    name = names[0] if names else default_name
    claims = names[1].split(",") if len(names) > 1 else [READ_ONLY]
    if len(names) > 2 or not name or not secret:
        option = "api_key" if not default_name else "token"
        raise OptionError(option, "a credential is NAME:SECRET or NAME:CLAIM,CLAIM:SECRET")
    return name, secret, frozenset(claims)


def _signed_tokens(options: ServeOptions) -> JwtRules | None:
    if options.jwt_issuer is None:
        for name in ("jwt_audience", "jwt_secret", "jwt_keys"):
            if getattr(options, name) is not None:
                raise OptionError(name, "it needs jwt_issuer")
        return None
    try:
        rules = JwtRules(
            issuer=options.jwt_issuer,
            audience=options.jwt_audience or "",
            secret=options.jwt_secret,
            keys=options.jwt_keys,
            name_claim=options.jwt_name_claim,
            claims_claim=options.jwt_claims_claim,
        )
    except ValueError as error:
        raise OptionError(_option_named_in(str(error)), str(error)) from error
    try:
        check_keys(rules)
    except (SigningKeysError, OSError) as error:
        text = f"cannot read it: {error.strerror}" if isinstance(error, OSError) else str(error)
        raise OptionError("jwt_keys", text) from error
    return rules


def _certificates(options: ServeOptions) -> Certificates | None:
    if options.tls_cert is None:
        if options.tls_key is not None:
            raise OptionError("tls_key", "it needs tls_cert")
        return None
    try:
        return Certificates(options.tls_cert, options.tls_key)
    except CertificateError as error:
        raise OptionError("tls_cert", str(error)) from error


def _check_bind(options: ServeOptions, *, has_tls: bool, has_credentials: bool) -> None:
    if options.insecure_bind or _is_loopback(options.host):
        return
    lacks = [
        *([] if has_tls else ["there is no TLS: see --tls-cert"]),
        *([] if has_credentials else ["no credential is configured: see --token"]),
    ]
    if lacks:
        reasons = " and ".join(lacks)
        raise OptionError(
            "host",
            f"{options.host} can be reached by others, and {reasons}; add --insecure-bind if that is meant",
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _sources(options: ServeOptions) -> SourceOptions:
    return SourceOptions(
        simulate=options.simulate,
        hosts=options.hosts,
        vms=options.vms,
        rate=options.rate,
        seed=options.seed,
        seed_ids=options.seed_ids,
        tell_newcomers=options.tell_newcomers,
        scenarios=options.scenario or [],
        examples=options.examples,
        replay=options.replay,
        speed=options.speed,
        verbatim=options.verbatim,
        record=options.record,
        overwrite=options.overwrite,
        until_done=options.until_done,
    )


def _limits(options: ServeOptions) -> Limits:
    return Limits(
        ping_interval=options.ping_interval,
        pong_timeout=options.pong_timeout,
        queue_size=options.queue_size,
        stall_timeout=options.stall_timeout,
        message_size=options.message_size,
        command_rate=options.command_rate,
        command_burst=options.command_burst,
        connections=options.max_connections,
        body_size=options.body_size,
        header_size=options.header_size,
        headers=options.max_headers,
        request_timeout=options.request_timeout,
        drain_timeout=options.drain_timeout,
        close_timeout=options.close_timeout,
        write_buffer=options.write_buffer,
        journal_entries=options.journal_entries,
        journal_size=options.journal_size,
    )


def _base_paths(options: ServeOptions) -> tuple[str, ...]:
    given = options.base_path or ("/", "/api")
    return tuple(dict.fromkeys(path.rstrip("/") for path in given))


def _count_or_off(text: str | None) -> int | UnsetType | None:
    if text is None:
        return UNSET
    if text == "off":
        return None
    try:
        return int(text)
    except ValueError:
        raise OptionError("connections_per_ip", f"{text!r} is neither a number nor off") from None


def _faults(descriptions: Iterable[str], *, has_tls: bool) -> tuple[FaultRule, ...]:
    try:
        rules = tuple(parse_fault(text) for text in descriptions)
        for rule in rules:
            check_rule(rule, has_tls=has_tls)
    except FaultError as error:
        raise OptionError("fault", str(error)) from error
    return rules


def _option_named_in(text: str) -> str | None:
    """The option that a complaint begins with."""
    named = re.match(r"[a-z_]+", text)
    if named is None:
        return None
    option = _OTHER_NAMES.get(named[0], named[0])
    return option if option in ServeOptions.__dataclass_fields__ else None
