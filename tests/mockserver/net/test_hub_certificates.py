"""A certificate that changes while the hub runs: new handshakes get it, open sockets do not notice."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme
import websockets
from tests.mockserver.core_harness import VM
from tests.mockserver.settings import READER

from eventshub_mockserver import HubServer
from eventshub_mockserver.net.certificates import CertificateError, Certificates

BEARER = {"Authorization": f"Bearer {READER}"}


class Files:
    """The certificate of ``localhost`` and its key, as an operator would put them."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        self.certificate, self.key = folder / "cert.pem", folder / "key.pem"
        self.renew()

    def renew(self) -> None:
        issued = self.authority.issue_cert("localhost", "127.0.0.1")
        self.certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(self.key)

    def trusting(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        context.load_verify_locations(cadata=self.authority.cert_pem.bytes().decode())
        return context


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


async def serial(hub: HubServer, files: Files) -> str:
    """The serial number of the certificate that a new handshake gets."""
    _, writer = await asyncio.open_connection("127.0.0.1", hub.port, ssl=files.trusting())
    try:
        return str(writer.get_extra_info("peercert")["serialNumber"])
    finally:
        writer.close()
        await writer.wait_closed()


async def test_a_renewed_certificate_is_used_and_no_socket_drops(start_hub: Any, files: Files) -> None:
    certificates = Certificates(files.certificate, files.key)
    hub: HubServer = await start_hub(tls=certificates.context)
    url = f"{hub.ws_url}/v1/ws/subscribe?event_types=pdfm"
    async with websockets.connect(url, ssl=files.trusting(), additional_headers=BEARER) as client:
        await client.recv()
        before = await serial(hub, files)
        assert certificates.reload_if_changed() is False
        files.renew()
        assert await serial(hub, files) == before
        assert certificates.reload_if_changed() is True
        assert await serial(hub, files) != before
        hub.publish("pdfm", "VM_STATE_CHANGED", VM)
        assert "VM_STATE_CHANGED" in str(await client.recv())


@pytest.mark.parametrize("broken", ["certificate", "key"])
async def test_files_that_do_not_fit_leave_the_old_certificate_in_use(
    start_hub: Any, files: Files, broken: str
) -> None:
    certificates = Certificates(files.certificate, files.key)
    hub = await start_hub(tls=certificates.context)
    before = await serial(hub, files)
    other = Files(files.certificate.parent)  # of another authority
    if broken == "key":
        other.key.write_text("no key")
    else:
        other.certificate.unlink()
    with pytest.raises(CertificateError, match=r"cert\.pem"):
        certificates.reload_if_changed()
    assert await serial(hub, files) == before


def test_a_key_of_another_certificate_is_refused(files: Files, tmp_path: Path) -> None:
    key = files.key.read_bytes()
    files.renew()
    files.key.write_bytes(key)
    with pytest.raises(CertificateError, match="KEY_VALUES_MISMATCH"):
        Certificates(files.certificate, files.key)


def test_nobody_is_asked_for_a_passphrase(files: Files) -> None:
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
        load_pem_private_key,
    )

    key = load_pem_private_key(files.key.read_bytes(), None)
    files.key.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"s3cret"))
    )
    with pytest.raises(CertificateError):
        Certificates(files.certificate, files.key)
