"""Every endpoint of the surface, in the order in which the page shows them."""

from __future__ import annotations

from typing import Any, Final

from . import clock, connections, credentials, faults, journal, publishing, sources
from .controlled import ControlledHub
from .document import openapi
from .endpoint import Endpoint, Nothing


async def _document(controlled: ControlledHub, request: Nothing) -> dict[str, Any]:
    del controlled, request
    return openapi(ENDPOINTS)


ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    *publishing.ENDPOINTS,
    *connections.ENDPOINTS,
    *credentials.ENDPOINTS,
    *journal.ENDPOINTS,
    *faults.ENDPOINTS,
    *sources.ENDPOINTS,
    *clock.ENDPOINTS,
    Endpoint(
        name="document",
        method="GET",
        path="/openapi.json",
        summary="Read the OpenAPI document of all this.",
        answer=dict[str, Any],
        says="An OpenAPI 3.1 document, as `eventshub-mockserver control-openapi` prints it.",
        handle=_document,
    ),
)
