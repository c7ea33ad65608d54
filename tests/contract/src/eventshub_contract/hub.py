"""The hub under judgement, as a case sees it."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import httpx

from .addresses import Address, Addresses
from .bundle import Bundle, Json, as_object
from .connection import Connection
from .errors import HubMisbehaved, PublishRefused
from .handshake import Handshake
from .recorder import Answer, CaseLog, Recorder
from .target import NO_CREDENTIAL, Credential, Target, bearer
from .verdicts import unsupported

SUBSCRIBE: Final = "/v1/ws/subscribe"
UNSUBSCRIBE: Final = "/v1/ws/unsubscribe"
CLIENTS: Final = "/v1/ws/clients"
STATS: Final = "/v1/ws/stats"

_NULL: Final = subprocess.DEVNULL
_SLOT_GRACE: Final = 3.0
"""Seconds for which a connection that is not itself judged retries a 409: another may still be ending."""


class Hub:
    """What one case may do to the hub. Closes, when the case ends, whatever it left open."""

    def __init__(self, target: Target, recorder: Recorder, addresses: Addresses, case: str) -> None:
        self.target = target
        self.bundle: Bundle = recorder.bundle
        self.log: CaseLog = recorder.log(case)
        self._addresses = addresses
        self._lent: list[Address] = []
        self._open: list[Connection] = []
        self._rest: httpx.Client | None = None

    def lend_address(self) -> Address:
        """A source address of the case's own, until it ends."""
        address = self._addresses.lend()
        self._lent.append(address)
        return address

    def connect(
        self,
        *channels: str,
        credential: Credential | None = None,
        source: Address = "",
        answer_pings: bool = True,
        keep_reading: bool = True,
    ) -> Connection:
        """Subscribe, where being able to is taken for granted.

        Args:
            channels: What to ask for; none: no ``event_types`` at all.
            credential: Who asks; None: the main credential.
            source: Address to connect from; empty: one of its own.
            answer_pings: Off: pings of the hub's stay unanswered.
            keep_reading: Off: nothing is read, as by a peer that lost its network.

        Raises:
            HubMisbehaved: The hub refuses.
        """
        answer, connection = self._subscribe_patiently(
            {"event_types": ",".join(channels)} if channels else {},
            credential=credential,
            source=self.lend_address() if source == "" else source,
            answer_pings=answer_pings,
            keep_reading=keep_reading,
        )
        if connection is None:
            raise HubMisbehaved(f"subscribing was answered {answer.status}: {answer.text}")
        return connection

    def subscribe(
        self,
        query: Mapping[str, str] | None = None,
        *,
        credential: Credential | None = None,
        source: Address = "",
        path: str | None = None,
    ) -> tuple[Answer, Connection | None]:
        """Ask to subscribe, and take whatever answer comes; for the other arguments see `connect`.

        Args:
            query: The query, apart from the credential.
            path: Instead of the hub's own.
        """
        if source == "":
            # Nobody expects a 409 on an address of its own: an earlier connection is still ending.
            address = self.lend_address()
            return self._subscribe_patiently(query or {}, credential=credential, source=address, path=path)
        return self._subscribe(query or {}, credential=credential, source=source, path=path)

    def subscribe_at_once(self, count: int, source: Address) -> list[tuple[Answer, Connection | None]]:
        """Ask from one address, all requests under way before the first answer is read (protocol IP-2)."""
        handshakes = [self._handshake({}, None, source, None) for _ in range(count)]
        try:
            for handshake in handshakes:
                handshake.open()
            for handshake in handshakes:
                handshake.send()
            outcomes = [handshake.finish() for handshake in handshakes]
        except OSError as error:
            raise HubMisbehaved(f"cannot open {count} connections to the hub: {error}") from error
        except HubMisbehaved:
            for handshake in handshakes:
                handshake.abandon()
            raise
        self._open += [connection for _, connection in outcomes if connection is not None]
        return outcomes

    def request(
        self,
        method: str,
        path: str,
        *,
        credential: Credential | None = None,
        value: Json = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Make a REST request.

        Args:
            credential: Who asks; None: the main credential.
            value: A body to send as JSON.
            content: A body to send as it is, instead.
            headers: Further ones.

        Raises:
            HubMisbehaved: No answer.
        """
        who = credential or self.target.credential
        label = self.log.next_label()
        body = content if content is not None else b"" if value is None else _encoded(value)
        self.log.sent(label, f"{method} {path} ({who.name}) {body.decode('utf-8', 'replace')}".rstrip())
        everything = {
            **({"Content-Type": "application/json"} if value is not None else {}),
            **(headers or {}),
        }
        try:
            response = self._client.request(
                method,
                self.target.http_base + path,
                params=dict(who.query) or None,
                headers={**everything, **who.headers},
                content=body or None,
            )
        except httpx.HTTPError as error:
            raise HubMisbehaved(
                f"{method} {path} was not answered: {str(error) or type(error).__name__}"
            ) from error
        answer = Answer(
            response.status_code, {k.lower(): v for k, v in response.headers.items()}, response.content
        )
        self.log.answer(label, self.bundle.endpoint(method, path), answer)
        return answer

    def unsubscribe(
        self, client_id: Json, event_types: Sequence[Json], credential: Credential | None = None
    ) -> Answer:
        """``POST /v1/ws/unsubscribe``."""
        body = {"client_id": client_id, "event_types": list(event_types)}
        return self.request("POST", UNSUBSCRIBE, value=body, credential=credential)

    def publish(self, channel: str, message: str, body: Json = None, *, client_id: str | None = None) -> str:
        """Have the hub publish an event, through its control surface.

        Returns:
            The event's ``id``.

        Raises:
            Unsupported: There is no control surface to ask.
            PublishRefused: It does not want to publish this.
            HubMisbehaved: It does not work.
        """
        if self.target.control_url is None:
            unsupported("needs events: give the hub's control surface with --control-url" + self._or_trigger)
        order: dict[str, Json] = {"channel": channel, "message": message}
        if body is not None:
            order["body"] = body
        if client_id is not None:
            order["client_id"] = client_id
        self.log.sent("control", f"publish {_encoded(order).decode()}")
        token = self.target.control_token
        credential = bearer(token, "the control token") if token else NO_CREDENTIAL
        try:
            response = self._client.post(
                f"{self.target.control_url}/publish", json=order, headers=dict(credential.headers)
            )
            value = as_object(response.json()) if response.status_code == 202 else None
        except (httpx.HTTPError, ValueError) as error:
            raise HubMisbehaved(f"the control surface does not answer: {error}") from error
        if response.status_code == 400:
            raise PublishRefused(f"the control surface refused to publish {message}: {response.text[:300]}")
        event_id = (value or {}).get("id")
        if not isinstance(event_id, str):
            raise HubMisbehaved(f"the control surface answered {response.status_code}: {response.text[:300]}")
        return event_id

    def publish_on(self, channel: str, *, client_id: str | None = None) -> str:
        """Publish the first event of a channel for which the documents have an example; see `publish`.

        Without a control surface the command of ``--trigger`` has any event published.
        """
        if self.target.control_url is None and self.target.trigger and client_id is None:
            return self._trigger(channel, self.target.trigger)
        events = [event for event in self.bundle.events if channel in event.channels and event.examples]
        if not events:
            unsupported(f"the documents have no example of an event on {channel}")
        event = events[0]
        body = event.examples[0].get("body")
        return self.publish(channel, event.values["message"], body, client_id=client_id)

    def close(self) -> None:
        """End all that is still open, all at once, and give the addresses back."""
        for connection in self._open:
            connection.begin_to_close()
        deadline = time.monotonic() + self.target.patience
        for connection in self._open:
            connection.close(max(0.0, deadline - time.monotonic()))
        self._open.clear()
        if self._rest is not None:
            self._rest.close()
            self._rest = None
        while self._lent:
            self._addresses.take_back(self._lent.pop())

    @property
    def _or_trigger(self) -> str:
        return "; --trigger can have no chosen event published" if self.target.trigger else ""

    def _trigger(self, channel: str, command: tuple[str, ...]) -> str:
        """Have some event published, and learn its ID from a connection of the judge's own."""
        witness = self.connect(channel)
        witness.receive_welcome()
        words = [word.replace("{channel}", channel) for word in command]
        self.log.note("judge", f"runs the trigger for {channel}")
        try:
            done = subprocess.run(words, stdin=_NULL, stdout=_NULL, stderr=_NULL, timeout=30, check=False)
        except (OSError, subprocess.SubprocessError) as error:
            unsupported(f"the trigger failed: {error}")
        if done.returncode != 0:
            unsupported(f"the trigger has no event for {channel}: it ended with {done.returncode}")
        event_id = witness.expect(f"event on {channel} after the trigger", event_type=channel).value.get("id")
        witness.close()
        return str(event_id)

    @property
    def _client(self) -> httpx.Client:
        if self._rest is None:
            self._rest = httpx.Client(timeout=self.target.patience, trust_env=False, follow_redirects=False)
        return self._rest

    def _subscribe_patiently(
        self, query: Mapping[str, str], **details: Any
    ) -> tuple[Answer, Connection | None]:
        deadline = time.monotonic() + _SLOT_GRACE
        while True:
            answer, connection = self._subscribe(query, **details)
            if answer.status != 409 or time.monotonic() > deadline:
                return answer, connection
            time.sleep(0.05)

    def _subscribe(
        self,
        query: Mapping[str, str],
        *,
        credential: Credential | None,
        source: Address,
        path: str | None = None,
        answer_pings: bool = True,
        keep_reading: bool = True,
    ) -> tuple[Answer, Connection | None]:
        handshake = self._handshake(query, credential, source, path)
        try:
            handshake.open()
            handshake.send()
            answer, connection = handshake.finish(answer_pings=answer_pings, keep_reading=keep_reading)
        except OSError as error:
            handshake.abandon()
            raise HubMisbehaved(f"cannot connect to the hub: {error}") from error
        if connection is not None:
            self._open.append(connection)
        return answer, connection

    def _handshake(
        self, query: Mapping[str, str], credential: Credential | None, source: Address, path: str | None
    ) -> Handshake:
        return Handshake(
            self.target,
            self.log,
            self.bundle.endpoint("GET", SUBSCRIBE) if path is None else None,
            path=self.target.prefix + SUBSCRIBE if path is None else path,
            query=query,
            credential=credential or self.target.credential,
            source=source,
        )


def _encoded(value: Json) -> bytes:
    return json.dumps(value).encode()
