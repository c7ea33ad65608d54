"""One line for each request."""

from __future__ import annotations

import logging
from typing import Final

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

ACCESS_LOG: Final = logging.getLogger("eventshub_mockserver.access")


class AccessLog(AbstractAccessLogger):
    """Never writes the query, which may hold a credential (protocol AUTH-3)."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """Write the line of a request that is over; that of a stream comes at its end."""
        self.logger.info(
            "request method=%s path=%s status=%d peer=%s ms=%s",
            request.method, request.rel_url.raw_path, response.status, request.remote, round(time * 1000, 1),
        )  # fmt: skip

    @property
    def enabled(self) -> bool:
        """Whether anybody reads it."""
        return self.logger.isEnabledFor(logging.INFO)
