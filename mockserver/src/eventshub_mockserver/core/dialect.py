"""The two readings of the protocol, as one table: the guide's rules, and the production service's habits.

Nothing else in the hub knows that there are dialects: it asks an attribute
of ``Dialect``, and each attribute is one row of the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, Final, TypeVar

T = TypeVar("T")
_DIFFERENCE: Final = "difference"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which the dialects differ."""

    attribute: str
    """What it is called in ``Dialect``."""
    rule: str
    """The rule that the service departs from."""
    guide: str
    """What a hub of the dialect ``guide`` does."""
    service: str
    """What a hub of the dialect ``service`` does."""


@dataclass(frozen=True, slots=True)
class _Row:
    service: object
    rule: str
    guide_does: str
    service_does: str


def _differs(rule: str, guide_does: str, service_does: str, *, guide: T, service: T) -> T:
    return field(default=guide, metadata={_DIFFERENCE: _Row(service, rule, guide_does, service_does)})


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How a hub behaves where the service does not keep to the guide; the defaults are the guide's."""

    name: str
    unauthorized_is_oauth: bool = _differs(
        "AUTH-4",
        "A refused credential is answered with `{code, message}`.",
        "It is answered as OAuth does: `{error, error_description}`.",
        guide=False,
        service=True,
    )
    missing_claim_status: int = _differs(
        "AUTH-5",
        "A principal without the read-only claim gets 403.",
        "It gets 401, like one that is not known.",
        guide=403,
        service=401,
    )
    ends_with_credential: bool = _differs(
        "AUTH-7",
        "A socket is closed with 1008 when its credential expires or is revoked.",
        "It stays open; the credential opens no further one.",
        guide=True,
        service=False,
    )
    connections_per_address: int | None = _differs(
        "IP-5",
        "An address has one connection, unless configured otherwise.",
        "It has any number, unless configured otherwise.",
        guide=1,
        service=None,
    )
    flush_interval: float = _differs(
        "EVT-6",
        "An event is written at once.",
        "What has come up is written ten times a second.",
        guide=0.0,
        service=0.1,
    )
    reads_aliases: bool = _differs(
        "CMD-1",
        "A command names its channel as `event_type` or `type`, or as both alike.",
        "Only `event_type` is read; `type` means nothing.",
        guide=True,
        service=False,
    )
    commands_need_subscription: bool = _differs(
        "CMD-4",
        "A command needs a subscription to its channel, unless configured otherwise.",
        "It needs none, unless configured otherwise.",
        guide=True,
        service=False,
    )
    unsubscribe_is_detailed: bool = _differs(
        "UNSUB-1",
        "Unsubscribing is answered with what was removed, what is left and what was refused.",
        "The answer is an empty body, or `{code, message}` where some names were refused.",
        guide=True,
        service=False,
    )
    unknown_client_status: int = _differs(
        "UNSUB-4",
        "A client ID that no connection has is answered with 404.",
        "It is answered with 400.",
        guide=404,
        service=400,
    )
    errors_have_diagnostics: bool = _differs(
        "ERR-1",
        "Errors are `{code, message}`.",
        "They have `diagnostics` besides: `{errors: [{code, message}]}`.",
        guide=False,
        service=True,
    )
    says_goodbye: bool = _differs(
        "END-1",
        "Before it stops, a hub sends `SHUTDOWN`, lets queues empty and closes with 1001.",
        "It drops its TCP connections; clients see 1006.",
        guide=True,
        service=False,
    )


def _rows() -> Mapping[str, _Row]:
    return {f.name: f.metadata[_DIFFERENCE] for f in fields(Dialect) if _DIFFERENCE in f.metadata}


_SERVICE_HABITS: Final[Mapping[str, Any]] = {name: row.service for name, row in _rows().items()}

GUIDE: Final = Dialect(name="guide")
SERVICE: Final = Dialect(name="service", **_SERVICE_HABITS)
DIALECTS: Final[Mapping[str, Dialect]] = MappingProxyType({d.name: d for d in (GUIDE, SERVICE)})
DIFFERENCES: Final = tuple(
    Difference(name, row.rule, row.guide_does, row.service_does) for name, row in _rows().items()
)


def dialect_named(name: str) -> Dialect:
    """The dialect of that name.

    Raises:
        ValueError: there is none; the text lists those that there are.
    """
    if name not in DIALECTS:
        raise ValueError(f"dialect {name!r} does not exist: there are {', '.join(DIALECTS)}")
    return DIALECTS[name]
