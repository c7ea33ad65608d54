"""Text that somebody else wrote, made fit for an error or a log."""

from __future__ import annotations


def one_line(text: str, longest: int = 500) -> str:
    """The text without line breaks and control characters, which could forge log lines or move a cursor."""
    text = text[: 4 * longest]
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= longest else text[: longest - 1] + "…"
