"""A client of the control surface."""

from __future__ import annotations

from typing import Any

import httpx
from tests.mockserver.spec_oracle import checked_error


class ControlClient:
    """Calls a hub's control surface; an answer that is not the expected one fails the test."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def get(self, path: str, status: int = 200, /, **query: Any) -> Any:
        return self._judged(await self._http.get(path, params=query), status)

    async def post(self, path: str, status: int = 200, /, **body: Any) -> Any:
        return self._judged(await self._http.post(path, json=body), status)

    async def delete(self, path: str, status: int = 200) -> Any:
        return self._judged(await self._http.delete(path), status)

    def _judged(self, response: httpx.Response, status: int) -> Any:
        assert response.status_code == status, response.text
        if status >= 400:
            return checked_error(status, response.headers, response.content)
        is_json = response.headers.get("Content-Type", "").startswith("application/json;")
        return response.json() if is_json else response.text
