"""What is judged, and what the judge was given to do it with."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import math
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import SplitResult, urlsplit

from .errors import UsageError
from .redaction import Secrets


@dataclass(frozen=True)
class Credential:
    """How a request says who is asking.

    Attributes:
        name: For the conversation, instead of the secret itself.
    """

    name: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    query: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    def and_also(self, other: Credential) -> Credential:
        """Both credentials in one request."""
        return Credential(
            f"{self.name} and {other.name}", {**self.headers, **other.headers}, {**self.query, **other.query}
        )


NO_CREDENTIAL = Credential("no credential")


def bearer(token: str, name: str = "the token") -> Credential:
    """``Authorization: Bearer`` (protocol AUTH-1)."""
    return Credential(name, {"Authorization": f"Bearer {token}"})


def api_key(pair: str, name: str = "the API key") -> Credential:
    """``X-Api-Key`` of a ``key:secret`` pair (protocol AUTH-2)."""
    return Credential(name, {"X-Api-Key": base64.b64encode(pair.encode()).decode()})


def in_query(parameter: str, value: str) -> Credential:
    """A token as a query parameter, as browsers send it (protocol AUTH-3)."""
    return Credential(f"the token in ?{parameter}", query={parameter: value})


@dataclass(frozen=True)
class Target:
    """The hub to be judged; whatever is None was not given."""

    hub_url: SplitResult
    token: str | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)
    other_token: str | None = field(default=None, repr=False)
    no_read_token: str | None = field(default=None, repr=False)
    expiring_token: str | None = field(default=None, repr=False)
    control_url: str | None = None
    control_token: str | None = field(default=None, repr=False)
    from_addresses: tuple[str, ...] = ()
    connections_per_address: int | None = 1
    """The hub's limit (protocol IP-5); None: it has none."""
    queue_limit: int | None = None
    """The bound of a client's queue (protocol EVT-7); None: it was not said, and nothing is flooded."""
    ping_interval: float = 30.0
    pong_timeout: float = 45.0
    is_trusted_proxy: bool = False
    """Whether the hub trusts this machine as a proxy (protocol IP-4)."""
    trigger: tuple[str, ...] | None = field(default=None, repr=False)
    """A command that has the hub publish an event on ``{channel}``."""
    generated: int | None = None
    """How many commands and requests of each kind to make by chance; None: none."""
    seed: int = 1
    stop_command: tuple[str, ...] | None = field(default=None, repr=False)
    patience: float = 5.0
    """Seconds to wait for what has to come."""

    @cached_property
    def secrets(self) -> Secrets:
        """Every credential given."""
        return Secrets(
            (
                self.token,
                self.api_key,
                self.other_token,
                self.no_read_token,
                self.expiring_token,
                self.control_token,
            )
        )

    @property
    def credential(self) -> Credential:
        """What most cases ask with."""
        if self.token is not None:
            return bearer(self.token)
        return api_key(self.api_key or "")

    @property
    def http_base(self) -> str:
        """The base URL for REST, without a slash at its end."""
        return f"{'https' if self.is_secure else 'http'}://{self.hub_url.netloc}{self.prefix}"

    @property
    def is_secure(self) -> bool:
        """Whether the hub is behind TLS."""
        return self.hub_url.scheme in {"https", "wss"}

    @property
    def prefix(self) -> str:
        """The path before all paths of the documents."""
        return self.hub_url.path.rstrip("/")

    @property
    def host(self) -> str:
        """Name or address to connect to."""
        return self.hub_url.hostname or ""

    @property
    def port(self) -> int:
        """TCP port to connect to."""
        return self.hub_url.port or (443 if self.is_secure else 80)


def hub_target(url: str, token: str | None) -> Target:
    """A hub of which no more is known than where it is, and a token.

    Raises:
        UsageError: Either is malformed.
    """
    return Target(
        hub_url=_url(url, "--hub-url", {"http", "https", "ws", "wss"}), token=_header_safe(token, "--token")
    )


def target_from(given: Mapping[str, Any]) -> Target:
    """Check what was given.

    Args:
        given: Values of the options of `options.OPTIONS`, by name.

    Raises:
        UsageError: Something needed is missing, or something given is malformed.
    """
    if not given["hub_url"]:
        raise UsageError(
            "no target: say which hub to judge with --url URL (--hub-url with pytest, or EVENTS_HUB_URL)"
        )
    if not given["token"] and not given["api_key"]:
        raise UsageError(
            "no credential: give --token TOKEN or --api-key KEY:SECRET"
            " (or EVENTS_HUB_TOKEN, EVENTS_HUB_API_KEY)"
        )
    for option in ("other_token", "no_read_token"):
        if given[option] and given[option] == given["token"]:
            name = f"--{option.replace('_', '-')}"
            raise UsageError(f"{name} is the same as --token: it has to be the token of somebody else")
    fast = bool(given["fast"])
    limit: str = given["connections_per_ip"]
    return Target(
        hub_url=_url(given["hub_url"], "--url (--hub-url)", {"http", "https", "ws", "wss"}),
        token=_header_safe(given["token"], "--token"),
        api_key=_key_pair(given["api_key"]),
        other_token=_header_safe(given["other_token"], "--other-token"),
        no_read_token=_header_safe(given["no_read_token"], "--no-read-token"),
        expiring_token=_header_safe(given["expiring_token"], "--expiring-token"),
        control_url=_control_url(given["control_url"]),
        control_token=_header_safe(given["control_token"], "--control-token"),
        from_addresses=tuple(_address(text) for text in given["from_address"] or ()),
        connections_per_address=None if limit == "off" else _count(limit, "--connections-per-ip"),
        queue_limit=_count(given["queue_limit"], "--queue-limit") if given["queue_limit"] else None,
        ping_interval=_seconds(given["ping_interval"] or (0.5 if fast else 30.0), "--ping-interval"),
        pong_timeout=_seconds(given["pong_timeout"] or (1.0 if fast else 45.0), "--pong-timeout"),
        is_trusted_proxy=bool(given["trusted_proxy"]),
        trigger=_trigger(given["trigger"]),
        generated=_count(given["generated"], "--generated") if given["generated"] else None,
        seed=_count(given["seed"], "--seed"),
        stop_command=_command(given["stop_command"], "--stop-command"),
        patience=_seconds(given["patience"], "--patience"),
    )


def _url(text: str, option: str, schemes: set[str]) -> SplitResult:
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError as error:
        raise UsageError(f"{option} is no URL: {error}") from error
    if url.scheme not in schemes or not url.hostname or port == 0:
        raise UsageError(f"{option} must look like {min(schemes)}://HOST[:PORT][/PREFIX]")
    if url.username is not None or url.query or url.fragment:
        raise UsageError(f"{option} must carry no user name, query or fragment")
    return url


def _control_url(text: str | None) -> str | None:
    return _url(text, "--control-url", {"http", "https"}).geturl().rstrip("/") if text else None


def _header_safe(secret: str | None, option: str) -> str | None:
    if secret and not (secret.isascii() and secret.isprintable() and secret == secret.strip()):
        raise UsageError(f"{option} has characters that no HTTP header can carry")
    return secret or None


def _key_pair(pair: str | None) -> str | None:
    if not pair:
        return None
    if ":" in pair:
        return pair
    try:
        decoded = base64.b64decode(pair, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        decoded = ""
    if ":" not in decoded:
        raise UsageError("--api-key must be KEY:SECRET, or the base64 of that")
    return decoded


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError as error:
        raise UsageError(f"--from-address {text!r} is no IP address") from error


def _count(text: str, option: str) -> int:
    if not text.isdecimal() or not int(text):
        what = "a positive number, or `off`" if option == "--connections-per-ip" else "a positive number"
        raise UsageError(f"{option} must be {what}")
    return int(text)


def _seconds(value: str | float, option: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= 3600:
        raise UsageError(f"{option} must be seconds, more than 0 and at most 3600")
    return seconds


def _trigger(text: str | None) -> tuple[str, ...] | None:
    words = _command(text, "--trigger")
    if words is not None and not any("{channel}" in word for word in words):
        raise UsageError("--trigger must hold {channel}, for the judge to fill in")
    return words


def _command(text: str | None, option: str) -> tuple[str, ...] | None:
    if not text:
        return None
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise UsageError(f"{option} does not parse: {error}") from error
