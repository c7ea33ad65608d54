"""Faults in what the hub answers to HTTP requests, handshakes among them."""
# ruff: noqa: ARG002 - a fault need not look at all that it is given

from __future__ import annotations

import json
import re

from tests.contract_suite.distorting_proxy import (
    Fault,
    Request,
    Response,
)
from tests.contract_suite.identities import NO_READ_TOKEN, OTHER_TOKEN, TOKEN

SUBSCRIBE, UNSUBSCRIBE = "/v1/ws/subscribe", "/v1/ws/unsubscribe"
CLIENTS, STATS = "/v1/ws/clients", "/v1/ws/stats"


def refusal(status: int, message: str = "no") -> Response:
    """An error in the form that the rules want."""
    body = json.dumps({"code": status, "message": message}).encode()
    return Response(status, {"content-type": "application/json", "connection": "close"}, body)


class BearerUnknownToStats(Fault):
    breaks = ("AUTH-1", "OPS-2")

    def answer_request(self, request: Request) -> Response | None:
        refused = request.method == "GET" and request.path == STATS and "authorization" in request.headers
        if not refused or request.headers["authorization"] != f"Bearer {TOKEN}":
            return None
        response = refusal(401)
        response.headers["www-authenticate"] = "Bearer"
        return response


class ApiKeyUnknown(Fault):
    breaks = ("AUTH-2",)

    def change_request(self, request: Request) -> None:
        if "authorization" not in request.headers:
            request.headers.pop("x-api-key", None)


class QueryParameterUnknown(Fault):
    breaks = ("AUTH-3",)

    def change_request(self, request: Request) -> None:
        if "access_token" not in request.query and "authorization" not in request.headers:
            request.target = request.target.replace("authorization=", "ignored=")


class QueryTokenOnEveryEndpoint(Fault):
    breaks = ("AUTH-3",)

    def change_request(self, request: Request) -> None:
        if request.path != SUBSCRIBE and request.query == f"access_token={TOKEN}":
            request.headers["authorization"] = f"Bearer {TOKEN}"


class EmptyBearerAccepted(Fault):
    breaks = ("AUTH-4",)

    def change_request(self, request: Request) -> None:
        if request.headers.get("authorization") == "Bearer":
            request.headers["authorization"] = f"Bearer {TOKEN}"


class BodyBeforeCredential(Fault):
    breaks = ("AUTH-4",)

    def answer_request(self, request: Request) -> Response | None:
        if request.path == UNSUBSCRIBE and not request.json and "authorization" not in request.headers:
            return refusal(400)
        return None


class ClaimIgnored(Fault):
    breaks = ("AUTH-5",)

    def change_request(self, request: Request) -> None:
        if request.headers.get("authorization") == f"Bearer {NO_READ_TOKEN}":
            request.headers["authorization"] = f"Bearer {TOKEN}"


class SecondCredentialIgnored(Fault):
    breaks = ("AUTH-6",)

    def change_request(self, request: Request) -> None:
        if "authorization" in request.headers:
            request.headers.pop("x-api-key", None)


class PrefixUnknown(Fault):
    breaks = ("CONN-1",)

    def answer_request(self, request: Request) -> Response | None:
        return refusal(404) if request.target.startswith("/api/") else None


class CaseMatters(Fault):
    breaks = ("CONN-2",)

    def change_request(self, request: Request) -> None:
        if request.query.startswith("event_types=PDFM"):
            request.target = request.target.replace("PDFM", "no-such-channel")


class EmptyListIsEverything(Fault):
    breaks = ("CONN-4",)

    def change_request(self, request: Request) -> None:
        if request.query == "event_types=":
            request.target += "pdfm,system"


class UnknownChannelRefused(Fault):
    breaks = ("CONN-5",)

    def answer_request(self, request: Request) -> Response | None:
        return refusal(400) if request.path == SUBSCRIBE and "no-such-channel" in request.query else None


class UpgradeNotAskedFor(Fault):
    breaks = ("CONN-7",)

    def on_response(self, request: Request, response: Response) -> None:
        if response.status == 426:
            response.change(400)


class DrainsWithout503(Fault):
    breaks = ("CONN-8",)

    def on_response(self, request: Request, response: Response) -> None:
        if response.status == 503 and request.path == SUBSCRIBE:
            response.change(409)
            response.headers.pop("retry-after", None)


class AddressNotNamed(Fault):
    breaks = ("IP-1",)

    def on_response(self, request: Request, response: Response) -> None:
        if response.status == 409:
            response.change(message="busy")


class TwoWinAtOnce(Fault):
    breaks = ("IP-2",)

    def __init__(self) -> None:
        self._crowded: set[str] = set()

    def lets_in(self, request: Request, source: str) -> bool:
        if self.proxy.handshakes.get(source, 0) < 5 or source in self._crowded:
            return False
        self._crowded.add(source)
        return True


class ForwardedAddressBelieved(Fault):
    breaks = ("IP-4",)

    def lets_in(self, request: Request, source: str) -> bool:
        return "x-forwarded-for" in request.headers


class ChangedAnswer(Fault):
    """Changes answers to unsubscribe; by subclass."""

    def on_response(self, request: Request, response: Response) -> None:
        if request.path == UNSUBSCRIBE and "authorization" in request.headers:
            self.change(request, response)

    def change(self, request: Request, response: Response) -> None:
        """Change the answer to a request."""
        raise NotImplementedError


class WrongCode(ChangedAnswer):
    breaks = ("UNSUB-1",)

    def change(self, request: Request, response: Response) -> None:
        if response.status == 200:
            response.change(code=0)


class NoReasonForGlobal(ChangedAnswer):
    breaks = ("UNSUB-2",)

    def change(self, request: Request, response: Response) -> None:
        if response.status == 200 and "global" in request.json["event_types"]:
            response.change(refused=[])


class UnknownIsFine(ChangedAnswer):
    breaks = ("UNSUB-3",)

    def change(self, request: Request, response: Response) -> None:
        if response.status == 400 and request.json.get("event_types") == ["no-such-channel"]:
            response.change(404)


class ForeignIsUnknown(ChangedAnswer):
    breaks = ("UNSUB-4",)

    def change(self, request: Request, response: Response) -> None:
        if response.status == 403 and request.headers["authorization"] == f"Bearer {OTHER_TOKEN}":
            response.change(404)


class AnyContentType(ChangedAnswer):
    breaks = ("UNSUB-5",)

    def change(self, request: Request, response: Response) -> None:
        if response.status == 415:
            response.change(400)


class FieldNotNamed(ChangedAnswer):
    breaks = ("UNSUB-5",)

    def change(self, request: Request, response: Response) -> None:
        if response.status == 400 and request.json.get("event_types") == []:
            response.change(message="bad request")


class EverybodyIsDead(Fault):
    breaks = ("OPS-1",)

    def on_response(self, request: Request, response: Response) -> None:
        if request.path == CLIENTS and response.status == 200:
            entries = json.loads(response.body)
            response.body = json.dumps([{**entry, "is_alive": False} for entry in entries]).encode()


class NumbersStandStill(Fault):
    breaks = ("OPS-2",)

    def on_response(self, request: Request, response: Response) -> None:
        if request.path == STATS and response.status == 200:
            response.change(total_clients=1)


class FieldMissingFromNumbers(Fault):
    breaks = ("OPS-2",)

    def on_response(self, request: Request, response: Response) -> None:
        if request.path == STATS and response.status == 200:
            response.change(uptime=None)


class InternalHeader(Fault):
    breaks = ("OPS-2",)

    def on_response(self, request: Request, response: Response) -> None:
        if request.path == STATS and response.status == 200:
            response.headers["x-internal-host"] = "hub-7.internal"


class UndocumentedFieldOfNumbers(Fault):
    breaks = ("OPS-2",)

    def on_response(self, request: Request, response: Response) -> None:
        if request.path == STATS and response.status == 200:
            response.change(build="7f3a")


class PlainTextError(Fault):
    breaks = ("ERR-1",)

    def on_response(self, request: Request, response: Response) -> None:
        if response.status == 404 and "no-such-path" in request.path:
            response.headers["content-type"] = "text/plain"
            response.body = b"404: Not Found"


class UndocumentedStatus(Fault):
    breaks = ("ERR-1", "UNSUB-5")

    def on_response(self, request: Request, response: Response) -> None:
        if response.status == 413:
            response.change(422)


class StackTrace(Fault):
    breaks = ("ERR-2",)
    shows_in = ("IP-1",)

    def on_response(self, request: Request, response: Response) -> None:
        if response.status == 409:
            said = json.loads(response.body)["message"]
            response.change(
                message=f'{said}\nTraceback (most recent call last):\n  File "/srv/hub.py", line 7'
            )


class CredentialRepeated(Fault):
    breaks = ("ERR-2",)
    shows_in = ("IP-1",)

    def on_response(self, request: Request, response: Response) -> None:
        if response.status == 409:
            said = json.loads(response.body)["message"]
            response.change(message=f"{said} ({request.headers.get('authorization')})")


class EvictionsUncounted(Fault):
    """Needs a hub whose queues are short, so that something is evicted."""

    breaks = ("EVT-7",)

    def on_response(self, request: Request, response: Response) -> None:
        if request.path == CLIENTS and response.status == 200:
            response.body = re.sub(rb'"evicted":\s*\d+', b'"evicted":0', response.body)
