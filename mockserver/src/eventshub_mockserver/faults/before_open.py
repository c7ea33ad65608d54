"""Faults before a connection is open: in TLS, in HTTP, and those of time."""

from __future__ import annotations

from typing import Final

from ..core.interference import Step
from .entry import CHANNEL, MESSAGE, FaultEntry, Parameter

_IN_PLACE_OF_TLS: Final = "On a hub without TLS it takes the place of the HTTP answer."
_RETRY: Final = "Take it for a network error: retry with backoff, and tell the application if that lasts."

ENTRIES: Final = (
    FaultEntry(
        id="tls-close",
        summary="The connection is closed instead of a TLS handshake.",
        does=f"After the client's first bytes the TCP connection ends without an answer. {_IN_PLACE_OF_TLS}",
        steps=(Step.CONNECT,),
        parameters=(
            Parameter(
                name="end",
                kind=str,
                meaning="with a FIN (drop) or an RST (reset)",
                default="drop",
                choices=("drop", "reset"),
            ),
        ),
        advice=_RETRY,
        example={"times": 2},
    ),
    FaultEntry(
        id="tls-garbage",
        summary="Bytes that mean nothing arrive instead of a TLS handshake.",
        does=(
            "The client's first bytes are answered with bytes that are neither TLS nor HTTP, then the "
            f"connection is closed. {_IN_PLACE_OF_TLS}"
        ),
        steps=(Step.CONNECT,),
        parameters=(
            Parameter(
                name="bytes", kind=int, meaning="how many", unit="bytes", default=64, minimum=1, maximum=65536
            ),
        ),
        advice=_RETRY,
        example={"bytes": 16},
    ),
    FaultEntry(
        id="tls-alert",
        summary="The TLS handshake is answered with a fatal alert.",
        does="The client's first bytes are answered with a fatal TLS alert, then the connection is closed.",
        steps=(Step.CONNECT,),
        parameters=(
            Parameter(
                name="alert",
                kind=int,
                meaning=(
                    "the alert's number (RFC 8446, section 6): 40 is handshake_failure, 70 "
                    "protocol_version, 80 internal_error"
                ),
                default=40,
                minimum=0,
                maximum=255,
            ),
        ),
        advice=(
            "Report the TLS error as such; retry with backoff, but do not fall back to an older TLS or to "
            "none."
        ),
        example={"alert": 80},
    ),
    FaultEntry(
        id="tls-certificate",
        summary="Another certificate is shown.",
        does=(
            "The TLS handshake shows the certificate of a file: one that has expired, or is for another "
            "host. Needs a hub with TLS."
        ),
        steps=(Step.CONNECT,),
        parameters=(
            Parameter(
                name="file",
                kind=str,
                meaning="PEM file with the private key and the certificate chain",
                is_required=True,
            ),
        ),
        advice=(
            "Refuse it, say which check failed, and send no credential. Never offer to go on without the "
            "check."
        ),
        example={"file": "expired.pem"},
    ),
    FaultEntry(
        id="refuse",
        summary="A request is answered with an error.",
        does=(
            "The request gets this status instead of being carried out; no slot is taken, nothing is "
            "upgraded."
        ),
        steps=(Step.HANDSHAKE, Step.REST),
        parameters=(
            Parameter(
                name="status", kind=int, meaning="the HTTP status", default=503, minimum=200, maximum=599
            ),
            Parameter(
                name="retry-after",
                kind=int,
                meaning="the Retry-After header; none if not given",
                unit="seconds",
                minimum=0,
            ),
            Parameter(
                name="body",
                kind=str,
                meaning="what the body is: the protocol's JSON, a proxy's HTML page, or nothing",
                default="json",
                choices=("json", "html", "empty"),
            ),
            Parameter(name="text", kind=str, meaning="what the body says; the status in words if not given"),
        ),
        advice=(
            "Do not retry 401 and 403. Retry 409 within a limit, others with backoff and not before "
            "Retry-After. "
            "Cope with a body that is not JSON."
        ),
        example={"status": 503, "retry-after": 2, "times": 2},
    ),
    FaultEntry(
        id="delay",
        summary="A step takes longer.",
        does=(
            "The step is put off. What a connection gets after a late message waits behind it, so the "
            "order stays; "
            "see late-reply for an answer that others overtake. At the step connect the hub says "
            "nothing meanwhile; where there is TLS, that begins after its handshake."
        ),
        steps=(Step.EVENT, Step.CONNECT, Step.HANDSHAKE, Step.WELCOME, Step.REPLY, Step.REST, Step.PONG),
        parameters=(
            Parameter(
                name="seconds",
                kind=float,
                meaning="how long",
                unit="seconds",
                default=1.0,
                minimum=0,
                maximum=3600,
            ),
            CHANNEL,
            MESSAGE,
        ),
        advice="Have a timeout for each step: connecting, the welcome, a reply, a REST answer.",
        example={"step": "welcome", "seconds": 30},
    ),
    FaultEntry(
        id="silence",
        summary="The upgrade is accepted, and then there is no welcome.",
        does=(
            "After the 101 the hub writes nothing at all; it goes on reading. Removing the fault lets it "
            "speak, but the welcome is lost."
        ),
        steps=(Step.WELCOME,),
        parameters=(
            Parameter(
                name="seconds",
                kind=float,
                meaning="how long",
                unit="seconds",
                default=300.0,
                minimum=0,
                maximum=3600,
            ),
        ),
        advice="Wait for the welcome for a bounded time, then close and retry with backoff.",
        example={"times": 1},
    ),
)
