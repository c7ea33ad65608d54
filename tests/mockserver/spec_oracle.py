"""Judges what the hub sends by the contract bundle, which the hub itself does not use."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

BUNDLE = Path(__file__).parents[1] / "contract" / "src" / "eventshub_contract" / "_generated" / "bundle.json"


@cache
def bundle() -> dict[str, Any]:
    """The contract bundle."""
    content: dict[str, Any] = json.loads(BUNDLE.read_bytes())
    return content


@cache
def _validator(reference: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for({"$defs": bundle()["$defs"], "$ref": reference}, validate_formats=True)


@cache
def _messages() -> dict[tuple[str, str | None], str]:
    """References to schemas, by the values that name a message; the welcome has no second one."""
    return {
        (message["values"]["event_type"], message["values"].get("message")): message["schema"]["$ref"]
        for message in bundle()["messages"]
        if message["direction"] == "hub-to-client"
    }


def checked_frame(text: str | bytes, *, is_welcome: bool = False) -> dict[str, Any]:
    """A frame from the hub, decoded, after the spec has found nothing wrong with it."""
    frame: dict[str, Any] = json.loads(text)
    name = (frame["event_type"], None if is_welcome else frame["message"])
    _validator(_messages()[name]).validate(frame)
    return frame


def checked_answer(operation: str, status: int, headers: Any, body: bytes) -> Any:
    """The body of an answer, decoded, after the spec has found nothing wrong with the answer."""
    described = next(entry for entry in bundle()["rest"] if entry["operation_id"] == operation)
    assert str(status) in described["responses"], f"{operation} does not answer {status}: {body!r}"
    response = described["responses"][str(status)]
    assert headers["Content-Type"].startswith(response["content_type"])
    for name in response["headers"]:
        assert name in headers, f"{operation} {status} lacks {name}"
    content = json.loads(body)
    jsonschema_rs.validator_for(
        {"$defs": bundle()["$defs"], **response["schema"]}, validate_formats=True
    ).validate(content)
    return content


def checked_error(status: int, headers: Any, body: bytes) -> str:
    """The text of any error answer, which is JSON as rule ERR-1 wants it, and gives no version away."""
    assert headers["Content-Type"].startswith("application/json")
    assert headers["Server"] == "eventshub-mockserver"
    content = json.loads(body)
    _validator("#/$defs/ErrorResponse").validate(content)
    assert content["code"] == status
    text: str = content["message"]
    return text
