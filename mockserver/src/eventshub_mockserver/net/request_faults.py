"""Carries out the faults of HTTP requests: refuses them, or lets them wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from http import HTTPStatus

from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware

from ..core.interference import Step
from ..core.refusal import Refusal
from ..faults.injector import FaultInjector
from ..faults.rule import FaultRule
from .caller import CallerCheck
from .responses import Handler, RefusedError, error_response

_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_PAGE = "<html><head><title>{0} {1}</title></head><body><h1>{0} {1}</h1><p>{2}</p></body></html>\n"


class RequestFaults:
    """Stands before the handlers of the product's paths."""

    def __init__(self, faults: FaultInjector, caller: CallerCheck) -> None:
        self._ledger = faults.ledger
        self._caller = caller

    def middleware(self, steps: Mapping[Handler, Step]) -> Middleware:
        """Ask a handler only if no fault of its step keeps it from being asked."""

        @web.middleware
        def choose(request: web.Request, handler: Handler) -> Awaitable[web.StreamResponse]:
            # No coroutine: it would stay, in the memory of each connection.
            step = steps.get(request.match_info.handler)
            return judge(request, handler, step) if step and self._ledger.has(step) else handler(request)

        async def judge(request: web.Request, handler: Handler, step: Step) -> web.StreamResponse:
            refused = await self._strike(request, step)
            return await handler(request) if refused is None else refused

        return choose

    async def _strike(self, request: web.Request, step: Step) -> web.StreamResponse | None:
        credential = self._credential(request, step)
        for fault in self._ledger.striking(step, credential=credential):
            if fault.rule.fault == "delay":
                over = asyncio.Event()
                forget = self._ledger.until_removed(fault, fault.rule.number("seconds"), over.set)
                try:
                    await over.wait()
                finally:
                    forget()  # who asked may have gone
            else:
                return refusal(fault.rule)
        return None

    def _credential(self, request: web.Request, step: Step) -> str | None:
        try:
            return self._caller.principal(request, query_allowed=step is Step.HANDSHAKE).name
        except RefusedError:
            return None


def refusal(rule: FaultRule) -> web.Response:
    """The answer of the fault ``refuse``."""
    status = int(rule.number("status"))
    phrase = _PHRASES.get(status, "Status")
    text = rule.text("text") or phrase
    match rule.text("body"):
        case "html":
            page = _PAGE.format(status, phrase, text)
            response = web.Response(status=status, text=page, content_type="text/html")
        case "empty":
            response = web.Response(status=status)
        case _:
            response = error_response(Refusal(status, text))
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers[hdrs.WWW_AUTHENTICATE] = "Bearer"
    if rule.parameters["retry-after"] is not None:
        response.headers[hdrs.RETRY_AFTER] = str(int(rule.number("retry-after")))
    return response
