"""Credentials of the hubs in these tests, and a way to wait for what has no event."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable

from eventshub_mockserver import ADMIN, READ_ONLY, ApiKey, Token

READER, OTHER, CLAIMLESS, ROOT = "s3cret-reader", "s3cret-other", "s3cret-claimless", "s3cret-root"
CONTROL = "s3cret-control"
API_KEY = base64.b64encode(b"key:s3cret-key").decode()
CREDENTIALS = (
    Token("reader", READER),
    Token("other", OTHER),
    Token("claimless", CLAIMLESS, frozenset()),
    Token("root", ROOT, frozenset({READ_ONLY, ADMIN})),
    ApiKey("key", "s3cret-key"),
)


async def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait until something is so; a failure after ``seconds``."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.005)
