"""Looks names up in the spec: endpoints, channels, messages, headers."""

from __future__ import annotations

import difflib
import re
from functools import cached_property
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from ..bundle import Bundle, Endpoint

_STANDARD_HEADERS: Final = frozenset(
    {
        *(
            "accept",
            "authorization",
            "cache-control",
            "connection",
            "content-length",
            "content-type",
            "cookie",
        ),
        *(
            "date",
            "etag",
            "forwarded",
            "host",
            "if-none-match",
            "keep-alive",
            "location",
            "origin",
            "referer",
        ),
        *("retry-after", "sec-websocket-accept", "sec-websocket-extensions", "sec-websocket-key"),
        *("sec-websocket-protocol", "sec-websocket-version", "server", "set-cookie", "transfer-encoding"),
        *(
            "upgrade",
            "user-agent",
            "vary",
            "via",
            "www-authenticate",
            "x-forwarded-host",
            "x-forwarded-proto",
        ),
        *("x-real-ip", "x-request-id", "content-encoding", "content-security-policy", "x-frame-options"),
        *("accept-encoding", "proxy-authorization", "x-content-type-options", "traceparent"),
    }
)
_NEAR: Final = 0.8


class Lookup:
    """Answers what a name is, or what it may have been meant to be."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    @cached_property
    def prefix(self) -> str:
        """What all paths of the stream's own endpoints begin with, such as ``/v1/ws/``."""
        return self._bundle.stream.address.rpartition("/")[0] + "/"

    def endpoints(self, path: str) -> list[Endpoint]:
        """The endpoints at a path, whatever prefix a deployment puts before it."""
        return [each for each in self._bundle.rest if path == each.path or path.endswith(each.path)]

    def is_meant(self, path: str) -> bool:
        """Whether a path is meant to be one of the spec: it has its prefix, or is nearly one of its paths."""
        if path.endswith("/"):
            return False
        return self.prefix in path or bool(
            difflib.get_close_matches(path, [each.path for each in self._bundle.rest], n=1, cutoff=_NEAR)
        )

    def path_fault(self, method: str | None, target: str) -> str:
        """What is wrong with a method, a path and its query; empty if nothing is, or it is none of ours."""
        parts = urlsplit(target)
        path = parts.path.rstrip(".,;:)") or "/"
        found = self.endpoints(path)
        if not found:
            if not self.is_meant(path):
                return ""
            return f"there is no path {path}"
        if method is not None and all(each.method.upper() != method.upper() for each in found):
            return f"{path} has no method {method.upper()}"
        return self.query_fault(parts.query)

    def query_fault(self, query: str) -> str:
        """What is wrong with the channels of a query."""
        for name, value in parse_qsl(query, keep_blank_values=True):
            if name != "event_types":
                continue
            for channel in value.split(","):
                fault = self.channel_fault(channel.strip()) if channel.strip() else ""
                if fault:
                    return fault
        return ""

    def channel_fault(self, name: str) -> str:
        """What is wrong with the name of a channel; a placeholder is none."""
        if not re.fullmatch(r"[A-Za-z][\w-]*", name) or name.lower() in self._bundle.stream.channels:
            return ""
        near = difflib.get_close_matches(name.lower(), self._bundle.stream.channels, n=1, cutoff=0.6)
        return f"there is no channel {name}" + (f"; did you mean {near[0]}?" if near else "")

    @cached_property
    def message_values(self) -> frozenset[str]:
        """The names of messages on the wire."""
        return frozenset(
            message.values["message"] for message in self._bundle.messages if "message" in message.values
        )

    def is_message(self, name: str) -> bool:
        """Whether a name is a message's, on the wire or in the spec."""
        return name in self.message_values or any(name == each.name for each in self._bundle.messages)

    def message_fault(self, name: str) -> str:
        """What is wrong with a name that is nearly a message's."""
        names = {message.name for message in self._bundle.messages}
        if self.is_message(name) or name in self._bundle.defs:
            return ""
        near = difflib.get_close_matches(
            name, self.message_values if name.isupper() else names, n=1, cutoff=0.87
        )
        if not near or name.rstrip("s") == near[0] or _is_longer(name, near[0]):
            return ""
        return f"there is no message {name}; did you mean {near[0]}?"

    @cached_property
    def _headers(self) -> frozenset[str]:
        of_responses = {
            header.lower()
            for endpoint in self._bundle.rest
            for response in endpoint.responses.values()
            for header in response.headers
        }
        of_rules = {
            header.lower()
            for rule in self._bundle.rules
            for header in re.findall(r"`([A-Z][A-Za-z]*(?:-[A-Z][A-Za-z]*)+)", rule.statement)
        }
        return frozenset(of_responses | of_rules | _STANDARD_HEADERS)

    def header_fault(self, name: str) -> str:
        """What is wrong with the name of a header."""
        if name.lower() in self._headers:
            return ""
        near = difflib.get_close_matches(name.lower(), self._headers, n=1, cutoff=_NEAR)
        if not near and not name.lower().startswith("x-"):
            return ""
        return f"there is no header {name}" + (f"; did you mean {near[0]}?" if near else "")

    @property
    def endpoints_shown(self) -> str:
        """All of them, for a finding."""
        return "the spec has " + ", ".join(f"{each.method.upper()} {each.path}" for each in self._bundle.rest)

    @property
    def channels_shown(self) -> str:
        """All of them, for a finding."""
        return "the channels are " + ", ".join(self._bundle.stream.channels)


def phrase_fault(status: int, phrase: str) -> str:
    """What is wrong with the phrase after a status."""
    try:
        known = HTTPStatus(status).phrase
    except ValueError:
        return f"there is no HTTP status {status}"
    if phrase.lower() == known.lower() or not phrase:
        return ""
    return f"status {status} is {known}, not {phrase}"


def _is_longer(name: str, known: str) -> bool:
    """Whether it is another name that merely contains a message's, such as `VmStateChangedBody`."""
    return known in name
