"""Credentials that stop counting while the hub runs, and count again."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from .controlled import ControlledHub
from .endpoint import Endpoint, Example, refused

MOST_REVOKED: Final = 10_000


class CredentialRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which credential is meant; all of one name are one."""

    name: Annotated[str, Meta(max_length=1024, description="Its name, never its secret.")]


async def revoke(controlled: ControlledHub, request: CredentialRequest) -> None:
    """Stop accepting a credential."""
    if controlled.stage.revoked >= MOST_REVOKED:
        raise refused(
            409, f"{MOST_REVOKED:,} names are revoked already: restore some before, or reset the hub"
        )
    if not controlled.stage.revoke(request.name):
        raise refused(404, "name: the hub knows no credential of this name")


async def restore(controlled: ControlledHub, request: CredentialRequest) -> None:
    """Accept a credential again."""
    if not controlled.stage.restore(request.name):
        raise refused(404, "name: the hub was configured with no credential of this name, nor was it revoked")


ENDPOINTS: Final = (
    Endpoint(
        name="revoke_credential",
        method="POST",
        path="/credentials/revoke",
        summary="Stop accepting a credential and close its connections with 1008.",
        details=(
            "Whoever sends it from then on is answered 401, until it is restored or the hub reset. Where "
            "the hub accepts signed tokens, the name is their principal's, and any name will do. A hub that "
            "speaks the service's dialect leaves the connections open."
        ),
        request=CredentialRequest,
        status=204,
        says="It does not count any more.",
        errors={
            404: "The hub knows no credential of this name.",
            409: f"{MOST_REVOKED:,} names are revoked already.",
        },
        handle=revoke,
        example=Example(body={"name": "default"}),
    ),
    Endpoint(
        name="restore_credential",
        method="POST",
        path="/credentials/restore",
        summary="Accept a credential of the configuration, or signed tokens of this name, again.",
        request=CredentialRequest,
        status=204,
        says="It counts.",
        errors={404: "The hub was configured with no credential of this name, nor was it revoked."},
        handle=restore,
        example=Example(body={"name": "default"}),
    ),
)
