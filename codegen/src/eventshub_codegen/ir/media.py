"""What media types hold, as far as their names tell."""

from __future__ import annotations


def is_json(content_type: str) -> bool:
    """Whether a media type is JSON."""
    essence = _essence(content_type)
    return essence in {"application/json", "*/*", "application/*"} or essence.endswith("+json")


def is_text(content_type: str) -> bool:
    """Whether a media type is text."""
    essence = _essence(content_type)
    return essence.startswith("text/") or essence.endswith(("+xml", "/xml", "/yaml", "+yaml", "/javascript"))


def content_kind(content_type: str) -> str:
    """``json``, ``form``, ``multipart``, ``text`` or ``bytes``."""
    essence = _essence(content_type)
    if is_json(content_type):
        return "json"
    if essence == "application/x-www-form-urlencoded":
        return "form"
    if essence.startswith("multipart/"):
        return "multipart"
    return "text" if is_text(content_type) else "bytes"


def _essence(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()
