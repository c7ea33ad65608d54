"""Requests out of HTTP: checked, and errors that name the field."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import msgspec
from aiohttp import web

from ...core.refusal import Refusal
from ..operations import read_json_body
from ..responses import RefusedError
from .endpoint import Endpoint, refused

BODY_SIZE: Final = 8 * 1024 * 1024
"""Bytes of a body: recordings and scenarios come in it."""
_MISSING: Final = re.compile(r"Object missing required field `(.+?)`")
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(.+?)`", re.DOTALL)


class RequestReader:
    """Reads the requests of one endpoint."""

    def __init__(self, endpoint: Endpoint, timeout: float) -> None:
        self._endpoint = endpoint
        self._timeout = timeout
        self._decoder = msgspec.json.Decoder(endpoint.request)

    async def read(self, request: web.Request) -> Any:
        """The request, as its endpoint's type says.

        Raises:
            RefusedError: 400 for what is not as the type says, 408, 413 or 415 for a body that will not do.
        """
        if not self._endpoint.has_body:
            values = self._in_url(request)
            return _checked(lambda: msgspec.convert(values, self._endpoint.request, strict=False))
        if self._endpoint.may_be_empty and not request.can_read_body:
            return self._decoder.decode(b"{}")
        if (request.content_length or 0) > BODY_SIZE:
            raise RefusedError(Refusal(413, "the body is too large"))
        body = await read_json_body(request.clone(client_max_size=BODY_SIZE), self._timeout)
        return _checked(lambda: self._decoder.decode(body))

    def _in_url(self, request: web.Request) -> dict[str, Any]:
        values: dict[str, Any] = dict(request.match_info)
        for name in dict.fromkeys(request.query):
            given = request.query.getall(name)
            if name in values:
                raise refused(400, f"{name}: it is in the path already")
            if name in self._endpoint.repeatable:
                values[name] = given
            elif len(given) > 1:
                raise refused(400, f"{name}: it is given {len(given)} times")
            else:
                values[name] = given[0]
        return values


def _checked(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except msgspec.ValidationError as error:
        raise refused(400, _explained(str(error))) from error
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise refused(400, f"the body is no JSON: {str(error) or 'it cannot be decoded'}") from error


def _explained(text: str) -> str:
    """What msgspec complains of, with the field first."""
    what, _, place = text.partition(" - at `")
    where = place.removesuffix("`").removeprefix("$").removeprefix(".")
    if missing := _MISSING.search(what):
        return f"{_joined(where, missing[1])}: it is missing"
    if unknown := _UNKNOWN.search(what):
        return f"{_joined(where, unknown[1])}: there is no such field"
    return f"{where}: {what[0].lower()}{what[1:]}" if where else f"the request: {what[0].lower()}{what[1:]}"


def _joined(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
