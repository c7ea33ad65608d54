"""How a hub is to be run."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass, field, replace
from typing import Any, Final

from msgspec import UNSET, UnsetType

from .core.address import Network, parse_networks
from .core.clock import Clock
from .core.credentials import ApiKey, Token
from .core.dialect import Dialect, dialect_named
from .core.ids import Ids
from .core.jwt_rules import JwtRules
from .core.limits import Limits
from .core.origins import OriginPolicy
from .core.slots import AddressSlots
from .faults.rule import FaultRule
from .net.clock import SystemClock
from .sources.source import Source, StageSource

_LONGEST_FLUSH: Final = 60
_BASE_PATH: Final = re.compile(r"(/[A-Za-z0-9._~-]+)*")


@dataclass(frozen=True, kw_only=True)
class HubConfig:
    """Everything that can be chosen about a hub.

    The defaults are safe: loopback only, credentials, one connection an address.

    Raises:
        ValueError: a value is out of its range; the message names it.
    """

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = 0
    """Port to listen on; 0 for any that is free."""
    credentials: tuple[Token | ApiKey, ...] = ()
    """Who may connect. None given: the hub makes a token, see ``HubServer.token``."""
    jwt: JwtRules | None = None
    """Which signed tokens count besides; none if not given."""
    allowed_origins: tuple[str, ...] = ()
    """Origins of web pages that may use the hub, besides those of its own address; ``*`` for any."""
    open_metrics: bool = False
    """Whether ``/metrics`` asks for no credential."""
    control_token: str | None = field(default=None, repr=False)
    """Credential of the control surface, which does not exist without one."""
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    """A server's TLS, with its certificate; ``None`` for none."""
    dialect: str = "guide"
    """How the protocol is read: ``guide``, or as the production service does, ``service``."""
    connections_per_address: int | UnsetType | None = UNSET
    """Connections that one client address may have; ``None`` for any number (protocol IP-5).

    Unset, the dialect decides: one for ``guide``."""
    trusted_proxies: tuple[str, ...] = ()
    """Networks, in CIDR notation, of proxies whose ``X-Forwarded-For`` counts (protocol IP-4)."""
    commands_need_subscription: bool | UnsetType = UNSET
    """Whether a command needs a subscription to its channel (protocol CMD-4); unset, the dialect decides."""
    flush_interval: float | UnsetType = UNSET
    """Seconds that an event waits for others, to be written together; 0 for at once (protocol EVT-6).

    Unset, the dialect decides: 0 for ``guide``."""
    journal: bool | None = None
    """Whether everything that is said is remembered, see ``HubServer.journal``; only with a control
    surface if it is not said. Sources that need it have it in any case."""
    limits: Limits = field(default_factory=Limits)
    sources: tuple[Source | StageSource, ...] = ()
    """What publishes events of its own accord."""
    faults: tuple[FaultRule, ...] = ()
    """What the hub does wrong from its start, see ``HubServer.faults``."""
    base_paths: tuple[str, ...] = ("", "/api")
    """Prefixes under which the stream and its REST are found (protocol CONN-1)."""
    clock: Clock = field(default_factory=SystemClock)
    ids: Ids = field(default_factory=Ids)

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise ValueError(f"port must be between 0 and 65535, got {self.port}")
        AddressSlots(self.spoken.connections_per_address)
        if not 0 <= self.spoken.flush_interval <= _LONGEST_FLUSH:
            raise ValueError(
                f"flush_interval must be between 0 and {_LONGEST_FLUSH} seconds, got {self.flush_interval}"
            )
        if self.control_token is not None and not self.control_token:
            raise ValueError("control_token must not be empty")
        if any(isinstance(c, Token) and c.secret == self.control_token for c in self.credentials):
            raise ValueError("control_token must not be a token of the stream as well")
        for path in self.base_paths:
            if not _BASE_PATH.fullmatch(path):
                raise ValueError(f"base_paths: {path!r} is neither empty nor like /api")
        if not self.base_paths or len(set(self.base_paths)) < len(self.base_paths):
            raise ValueError("base_paths must name one path at least, and none twice")
        owners: dict[bytes, str] = {}
        for credential in self.credentials:
            owner = owners.setdefault(credential.presented(), credential.name)
            if owner != credential.name:
                raise ValueError(f"two credentials, {owner!r} and {credential.name!r}, have one secret")
        try:
            OriginPolicy(self.allowed_origins)
        except ValueError as error:
            raise ValueError(f"allowed_origins: {error}") from error
        try:
            self.trusted_networks  # noqa: B018 - a wrong one is to be found here, not when a request comes
        except ValueError as error:
            raise ValueError(f"trusted_proxies: {error}") from error

    @property
    def spoken(self) -> Dialect:
        """The dialect, with what is configured in the place of its own habits.

        Raises:
            ValueError: there is no dialect of the name.
        """
        configured: dict[str, Any] = {
            name: value
            for name in ("connections_per_address", "commands_need_subscription", "flush_interval")
            if not isinstance(value := getattr(self, name), UnsetType)
        }
        return replace(dialect_named(self.dialect), **configured)

    @property
    def has_journal(self) -> bool:
        """Whether everything that is said is remembered, sources' needs apart."""
        return self.control_token is not None if self.journal is None else self.journal

    @property
    def trusted_networks(self) -> tuple[Network, ...]:
        """``trusted_proxies``, parsed."""
        return parse_networks(self.trusted_proxies)
