"""Credentials, as a collection says them."""

from __future__ import annotations

from typing import Any

from ...ir.documentation import Credential


def auth_of(credential: Credential) -> dict[str, Any] | None:
    """What a request says of a credential, whose secret is in the variable of its name; None if nothing."""
    value = f"{{{{{credential.name}}}}}"
    if credential.kind == "http" and credential.scheme == "bearer":
        return {"type": "bearer", "bearer": [{"key": "token", "value": value, "type": "string"}]}
    if credential.kind == "http" and credential.scheme == "basic":
        entries = [("username", f"{{{{{credential.name}User}}}}"), ("password", value)]
        return {
            "type": "basic",
            "basic": [{"key": key, "value": held, "type": "string"} for key, held in entries],
        }
    if credential.kind == "apiKey" and credential.place in {"header", "query"}:
        entries = [("key", credential.key), ("value", value), ("in", credential.place)]
        return {
            "type": "apikey",
            "apikey": [{"key": key, "value": held, "type": "string"} for key, held in entries],
        }
    return None
