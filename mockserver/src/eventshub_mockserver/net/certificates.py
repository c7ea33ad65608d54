"""A server's certificate and key in files, which may change while it runs."""

from __future__ import annotations

import ssl
from pathlib import Path


class CertificateError(ValueError):
    """The files hold no certificate with its key; the text names them."""


class Certificates:
    """A TLS context whose certificate can be read again: new handshakes get it, open sockets stay."""

    def __init__(self, certificate: Path, key: Path | None = None) -> None:
        """Read the files.

        Args:
            certificate: the chain, PEM.
            key: the private key, if it is not in the same file; without a passphrase.

        Raises:
            CertificateError: they cannot be used.
        """
        self._files = (certificate, key or certificate)
        self._seen = self._state()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.set_alpn_protocols(["http/1.1"])
        self._load_into(self.context)

    def reload(self) -> None:
        """Read the files again.

        Raises:
            CertificateError: they cannot be used; the certificate that was in use stays.
        """
        self._seen = self._state()
        # A certificate without its key would be taken over by half.
        self._load_into(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
        self._load_into(self.context)

    def reload_if_changed(self) -> bool:
        """Read the files again if they are others than at the last reading, and say whether they were.

        Raises:
            CertificateError: they cannot be used; the certificate that was in use stays.
        """
        if self._state() == self._seen:
            return False
        self.reload()
        return True

    def _state(self) -> tuple[tuple[int, int, int] | None, ...]:
        states: list[tuple[int, int, int] | None] = []
        for file in self._files:
            try:
                stat = file.stat()
            except OSError:
                states.append(None)
            else:
                states.append((stat.st_ino, stat.st_mtime_ns, stat.st_size))
        return tuple(states)

    def _load_into(self, context: ssl.SSLContext) -> None:
        certificate, key = self._files
        try:
            context.load_cert_chain(certificate, key, password=_no_passphrase)
        except (OSError, ValueError) as error:
            # ssl.SSLError is an OSError.
            reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
            raise CertificateError(f"{certificate} and {key} cannot be used: {reason}") from error


def _no_passphrase() -> str:
    raise ValueError("the key has a passphrase")
