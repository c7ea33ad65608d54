"""A hub behind TLS, for the cases that need one."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from ...verdicts import unsupported
from ..adversary import Adversary
from ..scene import Scene


@asynccontextmanager
async def tls_hub(scene: Scene, name: str) -> AsyncGenerator[tuple[Adversary, Mapping[str, str]]]:
    """A hub with a certificate of an authority made for it.

    Yields:
        The hub, and the variables by which a client is told of the authority.
    """
    try:
        import trustme
    except ImportError:
        unsupported("the judge cannot make certificates: install trustme beside it")
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate = authority.issue_cert("127.0.0.1")
    # It also takes a context of pyOpenSSL, which is not installed.
    certificate.configure_cert(context)  # pyright: ignore[reportUnknownMemberType]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "authority.pem"
        authority.cert_pem.write_to_path(str(path))
        hub = await scene.another_hub(name, context)
        yield hub, {"SSL_CERT_FILE": str(path), "NODE_EXTRA_CA_CERTS": str(path)}
