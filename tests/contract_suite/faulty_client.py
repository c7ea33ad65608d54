"""A client that holds every rule by itself, and breaks those that its faults say.

``python faulty_client.py URL TOKEN [FAULT ...]``. It stands on websockets alone, so that it shares nothing
with the client of this repository.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import os
import random
import re
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, cast
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol

FAULTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "NoScheme": ("token_goes_into_the_header", ("AUTH-1",)),
    "KeyNotEncoded": ("api_key_goes_into_its_header", ("AUTH-2",)),
    "Retries401": ("refusal_with_401_is_final", ("AUTH-5", "END-2")),
    "Retries403": ("refusal_with_403_is_final", ("AUTH-5", "END-2")),
    "Retries401Later": ("refusal_with_401_ends_reconnecting", ("AUTH-5", "END-2")),
    "Retries403Later": ("refusal_with_403_ends_reconnecting", ("AUTH-5", "END-2")),
    "TokenInQueryToo": ("one_credential_at_every_connection", ("AUTH-6",)),
    "TokenFollowsRedirects": ("no_credential_to_where_a_redirect_points", ("AUTH-6",)),
    "PrintsToken": ("credential_is_written_nowhere", ("AUTH-6",)),
    "ForgetsPrefix": ("base_url_in_every_form", ("CONN-1",)),
    "NoTls": ("base_url_over_tls", ("CONN-1",)),
    "SilentAboutRefused": ("channels_not_granted_are_told", ("CONN-5",)),
    "KnowsWelcomeByText": ("welcome_with_another_text", ("CONN-6",)),
    "EveryWelcomeTextIsOne": ("event_with_the_text_of_a_welcome", ("CONN-6",)),
    "WantsClientIdAtTheTop": ("welcome_with_more_and_with_less", ("CONN-6",)),
    "WantsMilliseconds": ("timestamps_of_every_precision", ("EVT-1",)),
    "WantsShortIds": ("ids_of_every_form", ("EVT-1",)),
    "WantsIdInReplies": ("pongs_without_id_and_timestamp", ("EVT-1",)),
    "DropsErrorsWithoutId": ("replies_without_id_and_timestamp", ("EVT-1",)),
    "DropsOneMessage": ("every_event_of_the_documents", ("EVT-1",)),
    "DropsUnknown": ("unknown_channel", ("EVT-5",)),
    "DropsUnknownMessages": ("unknown_message", ("EVT-5",)),
    "DropsUnknownStates": ("unknown_values_of_an_enumeration", ("EVT-5",)),
    "DropsFurtherKeys": ("further_keys", ("EVT-1", "EVT-5")),
    "DiesOfMalformed": ("a_thousand_generated_frames", ("EVT-5",)),
    "DiesOfBinary": ("binary_frames", ("EVT-5",)),
    "DiesOfWrongTypes": ("every_counterexample_of_the_documents", ("EVT-5",)),
    "DropsInAFlood": ("flood", ("EVT-5",)),
    "OneKeyInCommands": ("commands_name_the_channel_under_both_keys", ("CMD-1",)),
    "NoPongFrames": ("ping_frames_are_answered", ("HB-1",)),
    "NoHeartbeats": ("json_pings_come_regularly", ("HB-2",)),
    "OneIdForAll": ("json_pings_come_regularly", ("HB-2",)),
    "WaitsForEver": ("missing_pong_ends_the_connection", ("HB-2",)),
    "AnyPongWillDo": ("pong_for_another_ping_does_not_count", ("HB-2",)),
    "WantsUnsubscribeBody": ("answers_to_unsubscribe", ("UNSUB-1",)),
    "WantsJsonErrors": ("refusals_of_every_shape", ("ERR-1",)),
    "StaysWithoutWelcome": ("no_welcome_at_all", ("CONN-6",)),
    "AnyFirstFrameWillDo": ("first_frame_that_is_no_welcome", ("CONN-6",)),
    "ComesBackAfter1000": ("stays_away_after_close_code_1000", ("END-2",)),
    "ComesBackAfter1008": ("stays_away_after_close_code_1008", ("END-2",)),
    "NeverForgets": ("delays_begin_anew_after_a_healthy_time", ("END-2",)),
    "GoneAfter1001": ("comes_back_after_close_code_1001", ("END-2",)),
    "GoneAfter1011": ("comes_back_after_close_code_1011", ("END-2",)),
    "GoneAfter1012": ("comes_back_after_close_code_1012", ("END-2",)),
    "GoneAfter1013": ("comes_back_after_close_code_1013", ("END-2",)),
    "GoneAfter1006": ("comes_back_after_the_end_of_tcp", ("END-2",)),
    "GoneAfterReset": ("comes_back_after_a_reset_within_a_frame", ("END-2",)),
    "GoneWhenNobodyListens": ("comes_back_after_nobody_listened", ("END-2",)),
    "GoneAfterServerError": ("comes_back_after_handshakes_that_fail", ("END-2",)),
    "GoneAfterConflict": ("conflict_is_tried_again", ("END-2",)),
    "ConflictForEver": ("conflict_is_not_tried_for_ever", ("END-2",)),
    "IgnoresRetryAfter": ("retry_after_in_seconds", ("END-2",)),
    "IgnoresRetryAfterDates": ("retry_after_as_a_date", ("END-2",)),
    "NoJitter": ("delays_grow_and_are_left_to_chance", ("END-2",)),
    "SilentAboutGap": ("gap_is_told", ("END-3",)),
}
"""Each fault with a case that shows it, and the rules that it breaks."""

STREAM, UNSUBSCRIBE = "/v1/ws/subscribe", "/v1/ws/unsubscribe"
WELCOME = "WebSocket connection established subscribed to global by default"
RETRIED_CODES = {1001, 1006, 1011, 1012, 1013}
PING_INTERVAL, PONG_TIMEOUT = 0.5, 3.0
CONNECT_TIMEOUT = 5.0
HEALTHY_AFTER = 2.0
FIRST_DELAY, LONGEST_DELAY, CONFLICT_BUDGET = 0.1, 1.0, 2.0
STATES = {
    *("stopped", "starting", "running", "stopping", "suspending"),
    *("suspended", "resuming", "paused", "unknown"),
}
KNOWN = {"global", "pdfm", "orchestrator", "system", "health"}


class GaveUp(Exception):  # noqa: N818 - it is right to give up
    """The client has to give up."""


def say(line: object) -> None:
    print(json.dumps(line), flush=True)


class FaultyClient:
    def __init__(self, url: str, token: str, faults: set[str]) -> None:
        parts = urlsplit(url)
        secure = parts.scheme in {"https", "wss"} and "NoTls" not in faults
        self.faults = faults
        self.path = "" if "ForgetsPrefix" in faults else parts.path.rstrip("/")
        self.ws_base = f"{'wss' if secure else 'ws'}://{parts.netloc}{self.path}"
        self.http_base = f"{'https' if secure else 'http'}://{parts.netloc}{self.path}"
        self.token = token
        self.channels = os.environ.get("EVENTSHUB_JUDGE_CHANNELS", "pdfm").split(",")
        self.numbers = itertools.count(1)
        self.failures = 0
        self.was_connected = False
        self.conflict_since: float | None = None
        self.welcomed_at: float | None = None

    @property
    def headers(self) -> dict[str, str]:
        key = os.environ.get("EVENTSHUB_JUDGE_API_KEY")
        if key:
            encoded = key if "KeyNotEncoded" in self.faults else base64.b64encode(key.encode()).decode()
            return {"X-Api-Key": encoded}
        return {"Authorization": self.token if "NoScheme" in self.faults else f"Bearer {self.token}"}

    async def run(self) -> int:
        is_first = True
        while True:
            error: Exception
            try:
                await self.stay_connected(is_first=is_first)
                return 0
            except InvalidStatus as refusal:
                error = refusal
                location = refusal.response.headers.get("Location")
                if location and "TokenFollowsRedirects" in self.faults:
                    self.ws_base = f"ws://{urlsplit(location).netloc}"
                    continue
                if is_first and refusal.response.status_code not in {401, 403}:
                    raise
            except (ConnectionClosed, OSError, InvalidHandshake, EOFError) as loss:
                if is_first and not isinstance(loss, ConnectionClosed):
                    raise
                error = loss
            is_first = False
            delay = self.delay_after(error)
            await asyncio.sleep(delay)

    async def stay_connected(self, *, is_first: bool) -> None:
        url = f"{self.ws_base}{STREAM}?event_types={','.join(self.channels)}"
        if "TokenInQueryToo" in self.faults:
            url += f"&access_token={self.token}"
        async with Direct(
            url,
            additional_headers=self.headers,
            open_timeout=CONNECT_TIMEOUT,
            ping_interval=None,
            close_timeout=0.5,
            max_size=None,
        ) as hub:
            patience = None if "StaysWithoutWelcome" in self.faults else CONNECT_TIMEOUT
            welcome = json.loads(await asyncio.wait_for(hub.recv(), patience))
            if "AnyFirstFrameWillDo" in self.faults:
                welcome["body"].setdefault("subscriptions", self.channels)
                welcome["body"].setdefault("client_id", "")
            elif "subscriptions" not in welcome["body"]:
                raise GaveUp("no welcome")
            if "KnowsWelcomeByText" in self.faults and welcome["message"] != WELCOME:
                raise GaveUp("no welcome")
            if "WantsClientIdAtTheTop" in self.faults and "client_id" not in welcome:
                raise GaveUp("no welcome")
            self.conflict_since = None
            self.welcomed_at = time.monotonic()
            self.was_connected = True
            if not is_first and "SilentAboutGap" not in self.faults:
                say({"notice": "reconnected"})
            granted = welcome["body"]["subscriptions"]
            refused = [name for name in self.channels if name not in granted]
            if refused and "SilentAboutRefused" not in self.faults:
                say({"notice": "refused", "channels": refused})
            await self.unsubscribe(welcome["body"]["client_id"])
            await Receiver(hub, self.faults, self.numbers).receive(has_health="health" in granted)

    async def unsubscribe(self, client_id: str) -> None:
        leave = os.environ.get("EVENTSHUB_JUDGE_UNSUBSCRIBE")
        if not leave:
            return
        body = json.dumps({"client_id": client_id, "event_types": [leave]}).encode()
        request = urllib.request.Request(
            self.http_base + UNSUBSCRIBE, body, {**self.headers, "Content-Type": "application/json"}
        )
        answer = await asyncio.to_thread(lambda: urllib.request.urlopen(request, timeout=5).read())
        if "WantsUnsubscribeBody" in self.faults and b"unsubscribed" not in answer[:-1]:
            raise GaveUp("no body")
        say({"notice": "unsubscribed", "channels": [leave]})

    def delay_after(self, error: Exception) -> float:
        least = 0.0
        if isinstance(error, InvalidStatus):
            least = self.least_delay(error)
        elif isinstance(error, ConnectionClosed):
            code = error.rcvd.code if error.rcvd else 1006
            was_reset = isinstance(error.__cause__, ConnectionResetError)
            kept = {each for each in RETRIED_CODES if f"GoneAfter{each}" in self.faults}
            more = {each for each in (1000, 1008) if f"ComesBackAfter{each}" in self.faults}
            if code not in (RETRIED_CODES - kept) | more or (was_reset and "GoneAfterReset" in self.faults):
                raise GaveUp(f"closed with {code}")
        elif isinstance(error, ConnectionRefusedError) and "GoneWhenNobodyListens" in self.faults:
            raise GaveUp("nobody listens")
        held = time.monotonic() - (self.welcomed_at or time.monotonic())
        self.welcomed_at = None
        if held >= HEALTHY_AFTER and "NeverForgets" not in self.faults:
            self.failures = 0
        ceiling = min(LONGEST_DELAY, FIRST_DELAY * 2**self.failures)
        self.failures += 1
        if {"NoJitter", "NeverForgets"} & self.faults:
            return float(ceiling + least)
        return float(random.random() * ceiling + least)

    def least_delay(self, refusal: InvalidStatus) -> float:
        status = refusal.response.status_code
        body = bytes(refusal.response.body or b"")
        is_retried = f"Retries{status}{'Later' if self.was_connected else ''}" in self.faults
        if status in {401, 403} and not is_retried:
            if "PrintsToken" in self.faults:
                print("refused:", self.token, file=sys.stderr)
            say({"notice": "error", "status": status, "text": self.text_of(body)})
            raise GaveUp(f"refused with {status}")
        if status == 409:
            if self.conflict_since is None:
                self.conflict_since = time.monotonic()
            spent = time.monotonic() - self.conflict_since
            if "GoneAfterConflict" in self.faults:
                raise GaveUp("conflict")
            if spent > CONFLICT_BUDGET and "ConflictForEver" not in self.faults:
                raise GaveUp("conflict")
        if status >= 500 and "GoneAfterServerError" in self.faults:
            raise GaveUp("server error")
        header = refusal.response.headers.get("Retry-After")
        if header is None or "IgnoresRetryAfter" in self.faults:
            return 0.0
        if header.isdigit():
            return float(header)
        if "IgnoresRetryAfterDates" in self.faults:
            return 0.0
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())

    def text_of(self, body: bytes) -> str:
        if "WantsJsonErrors" in self.faults:
            return str(json.loads(body)["message"])
        with contextlib.suppress(ValueError):
            error = json.loads(body)
            fields = cast("dict[str, Any]", error) if isinstance(error, dict) else None
            if fields is not None:
                return str(fields.get("message") or fields.get("error_description"))
        return body.decode()


def has_unknown_state(frame: dict[str, Any], channel: object, message: object) -> bool:
    body = frame.get("body")
    state = cast("dict[str, Any]", body).get("current_state") if isinstance(body, dict) else None
    return channel == "pdfm" and state is not None and state not in STATES


DROPS: Mapping[str, Callable[[dict[str, Any], Any, Any], bool]] = {
    "DropsUnknown": lambda _, channel, __: channel not in KNOWN,
    "DropsUnknownMessages": lambda _, __, message: message == "VM_TELEPORTED",
    "DropsUnknownStates": has_unknown_state,
    "DropsOneMessage": lambda _, __, message: message == "HOST_STATS_UPDATE",
    "DropsErrorsWithoutId": lambda frame, _, message: message == "error" and "id" not in frame,
    "WantsMilliseconds": lambda frame, _, __: (
        "timestamp" in frame and re.search(r":\d\d\.\d{3}", str(frame["timestamp"])) is None
    ),
    "WantsShortIds": lambda frame, _, __: len(str(frame.get("id"))) > 1000,
    "EveryWelcomeTextIsOne": lambda _, __, message: message == WELCOME,
}
"""Faults that lose events, each with the events that it loses."""


class Direct(connect):
    """Follows no redirect."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class Receiver:
    """One connection: prints events, sends pings, leaves when one is not answered."""

    def __init__(self, hub: ClientConnection, faults: set[str], numbers: itertools.count[int]) -> None:
        self.hub = hub
        self.faults = faults
        self.numbers = numbers
        self.waiting: dict[str, asyncio.Event] = {}
        self.events = 0

    async def receive(self, *, has_health: bool) -> None:
        beat = asyncio.create_task(self.beat()) if has_health and "NoHeartbeats" not in self.faults else None
        try:
            while True:
                self.take(await self.hub.recv())
        finally:
            if beat is not None:
                beat.cancel()

    def take(self, raw: str | bytes) -> None:
        if "DiesOfBinary" in self.faults and isinstance(raw, bytes):
            raise GaveUp("binary")
        try:
            frame = json.loads(raw)
            channel, message = frame["event_type"], frame["message"]
        except (ValueError, TypeError, KeyError, RecursionError):
            if "DiesOfMalformed" in self.faults:
                raise
            return
        if "DiesOfWrongTypes" in self.faults and not isinstance(frame.get("body") or {}, dict):
            raise GaveUp("wrong type")
        if message == "pong" and self.is_answer(frame):
            return
        if any(drop(frame, channel, message) for name, drop in DROPS.items() if name in self.faults):
            return
        self.events += 1
        if "DropsInAFlood" in self.faults and self.events % 3000 == 0:
            return
        if "DropsFurtherKeys" in self.faults:
            known = ("id", "event_type", "timestamp", "message", "body", "ref_id", "client_id")
            frame = {key: frame[key] for key in known if key in frame}
        with contextlib.suppress(ValueError, RecursionError):
            say(frame)

    def is_answer(self, frame: dict[str, Any]) -> bool:
        if "WantsIdInReplies" in self.faults and "id" not in frame:
            return False
        reference = frame.get("ref_id")
        if "AnyPongWillDo" in self.faults and self.waiting:
            reference = next(iter(self.waiting))
        waiting = self.waiting.get(reference) if isinstance(reference, str) else None
        if waiting is not None:
            waiting.set()
        return waiting is not None

    async def beat(self) -> None:
        while True:
            await asyncio.sleep(PING_INTERVAL)
            identifier = "ping" if "OneIdForAll" in self.faults else f"ping-{next(self.numbers)}"
            command = {"event_type": "health", "type": "health", "message": "ping", "id": identifier}
            if "OneKeyInCommands" in self.faults:
                del command["type"]
            answered = self.waiting[identifier] = asyncio.Event()
            await self.hub.send(json.dumps(command))
            try:
                await asyncio.wait_for(
                    answered.wait(), None if "WaitsForEver" in self.faults else PONG_TIMEOUT
                )
            except TimeoutError:
                self.hub.transport.abort()
                return
            finally:
                del self.waiting[identifier]


def send_nothing_for_pings() -> None:
    """websockets has no switch for it."""
    send_frame = Protocol.send_frame

    def send(self: Protocol, frame: Frame) -> None:
        if frame.opcode is not Opcode.PONG:
            send_frame(self, frame)

    Protocol.send_frame = send  # type: ignore[method-assign]


def main() -> int:
    url, token, *names = sys.argv[1:]
    faults = {name for each in names for name in each.split(",") if name}
    unknown = faults - FAULTS.keys()
    if unknown:
        sys.exit(f"no such fault: {unknown}")
    if "NoPongFrames" in faults:
        send_nothing_for_pings()
    try:
        return asyncio.run(FaultyClient(url, token, faults).run())
    except GaveUp as error:
        print(f"gave up: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
