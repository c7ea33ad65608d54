"""Faults in what the hub sends and understands on the stream."""
# ruff: noqa: ARG002 - a fault need not look at all that it is given

from __future__ import annotations

import asyncio
import json
import struct
import uuid
from typing import ClassVar

from tests.contract_suite.distorting_proxy import (
    CLOSE,
    PING,
    PONG,
    TEXT,
    Fault,
    Frame,
    Json,
    Request,
    Response,
    Session,
    text,
)

SUBSCRIBE, UNSUBSCRIBE = "/v1/ws/subscribe", "/v1/ws/unsubscribe"
CLIENTS, STATS = "/v1/ws/clients", "/v1/ws/stats"


def is_event(frame: Frame, channel: str) -> bool:
    """Whether a frame is a broadcast on a channel."""
    value = frame.json
    return value.get("event_type") == channel and "ref_id" not in value and "client_id" not in value


class SlotFreedLate(Fault):
    breaks = ("IP-3",)

    async def on_end(self, session: Session) -> None:
        await asyncio.sleep(0.15)

    async def on_command(self, session: Session, frame: Frame) -> list[Frame]:
        if frame.opcode != CLOSE:
            return [frame]
        await session.to_judge(frame)
        session.leave_judge()
        return []


class EventBeforeWelcome(Fault):
    breaks = ("CONN-6", "EVT-1")

    async def on_frame(self, session: Session, frame: Frame) -> list[Frame]:
        if frame.json != session.welcome or session.request.query != "event_types=health,pdfm,system":
            return [frame]
        early = {**session.welcome, "message": "ANNOUNCEMENT", "body": {"severity": "info", "text": "early"}}
        return [text(early), frame]


class OtherWelcomeText(Fault):
    breaks = ("CONN-6",)

    async def on_frame(self, session: Session, frame: Frame) -> list[Frame]:
        return [text({**frame.json, "message": "welcome"})] if frame.json == session.welcome else [frame]


class GlobalLeftOut(Fault):
    breaks = ("CONN-3",)

    async def on_frame(self, session: Session, frame: Frame) -> list[Frame]:
        value = frame.json
        if value != session.welcome or session.request.query != "event_types=health,global,pdfm":
            return [frame]
        value["body"]["subscriptions"].remove("global")
        return [text(value)]


class TimestampForgotten(Fault):
    breaks = ("EVT-1",)

    async def on_frame(self, session: Session, frame: Frame) -> list[Frame]:
        if not is_event(frame, "orchestrator"):
            return [frame]
        value = frame.json
        del value["timestamp"]
        return [text(value)]


class UndocumentedMessage(Fault):
    breaks = ("EVT-1",)

    async def on_frame(self, session: Session, frame: Frame) -> list[Frame]:
        if frame.json.get("body") != session.welcome["body"]:
            return [frame]
        return [frame, text({**session.welcome, "id": "x", "message": "SURPRISE", "body": None})]


class UndocumentedFieldOfAnEvent(Fault):
    breaks = ("EVT-1",)

    async def on_frame(self, session: Session, frame: Frame) -> list[Frame]:
        return [text({**frame.json, "shard": 3})] if is_event(frame, "orchestrator") else [frame]


class DeliveredTwice(Fault):
    breaks = ("EVT-2",)

    async def on_frame(self, session: Session, frame: Frame) -> list[Frame]:
        return [frame, frame] if is_event(frame, "system") else [frame]


class TargetedMessageForAll(Fault):
    breaks = ("EVT-3",)

    async def on_frame(self, session: Session, frame: Frame) -> list[Frame]:
        value = frame.json
        is_targeted = "client_id" in value and value != session.welcome
        if is_targeted and "ref_id" not in value and value["message"] != "error":
            for other in self.proxy.sessions - {session}:
                await other.to_judge(frame)
        return [frame]


class OutOfOrder(Fault):
    breaks = ("EVT-4",)

    async def on_frame(self, session: Session, frame: Frame) -> list[Frame]:
        if not is_event(frame, "pdfm"):
            return [frame]
        session.memory["count"] = session.memory.get("count", 0) + 1
        if session.memory["count"] % 7:
            return [frame]
        asyncio.get_running_loop().call_later(0.03, lambda: asyncio.ensure_future(session.to_judge(frame)))
        return []


class FlushedByTimer(Fault):
    breaks = ("EVT-6",)

    async def on_frame(self, session: Session, frame: Frame) -> list[Frame]:
        if frame.json == session.welcome:
            return [frame]
        phase = asyncio.get_running_loop().time() % 0.1
        if phase > 0.01:
            await asyncio.sleep(0.1 - phase)
        return [frame]


class OlderKeyUnknown(Fault):
    breaks = ("CMD-1",)

    async def on_command(self, session: Session, frame: Frame) -> list[Frame]:
        value = frame.json
        if "type" in value and "event_type" not in value:
            return [text({key: each for key, each in value.items() if key != "type"})]
        return [frame]


class OtherClientId(Fault):
    breaks = ("CMD-2",)

    async def on_frame(self, session: Session, frame: Frame) -> list[Frame]:
        value = frame.json
        if value.get("message") == "client-id":
            value["body"] = {"client-id": str(uuid.uuid4())}
            return [text(value)]
        return [frame]


class NoIdNoAnswer(Fault):
    breaks = ("CMD-3",)

    async def on_command(self, session: Session, frame: Frame) -> list[Frame]:
        value = frame.json
        return (
            []
            if value.get("message") == "ping" and value.get("event_type") and not value.get("id")
            else [frame]
        )


class SubscriptionNotNeeded(Fault):
    breaks = ("CMD-4",)

    async def on_frame(self, session: Session, frame: Frame) -> list[Frame]:
        value = frame.json
        if value.get("message") == "error" and value.get("ref_id") in {"not-mine", "no-longer"}:
            return [text({**value, "event_type": "health", "message": "pong", "body": None})]
        return [frame]


class ClosesOnNonsense(Fault):
    breaks = ("CMD-5",)

    async def on_command(self, session: Session, frame: Frame) -> list[Frame]:
        if frame.data == b"hello, hub":
            await session.to_judge(Frame(CLOSE, struct.pack("!H", 1007)))
            return []
        return [frame]


class SilentAboutNonsense(Fault):
    breaks = ("CMD-5",)

    async def on_command(self, session: Session, frame: Frame) -> list[Frame]:
        if frame.opcode != TEXT:
            return [frame]
        try:
            is_object = isinstance(json.loads(frame.data), dict)
        except (ValueError, RecursionError):
            is_object = False
        return [frame] if is_object or frame.data == b"hello, hub" else []


class OtherCloseCode(Fault):
    """Close codes replaced; by subclass."""

    codes: ClassVar[tuple[int, int]]

    async def on_frame(self, session: Session, frame: Frame) -> list[Frame]:
        wrong, right = self.codes[1], self.codes[0]
        if frame.opcode == CLOSE and frame.data[:2] == struct.pack("!H", right):
            return [Frame(CLOSE, struct.pack("!H", wrong))]
        return [frame]


class TooLargeIsNormal(OtherCloseCode):
    breaks = ("CMD-6",)

    codes = (1009, 1000)


class FloodIsNormal(OtherCloseCode):
    breaks = ("CMD-6",)

    codes = (1008, 1000)


class ShutdownIsNormal(OtherCloseCode):
    breaks = ("END-1",)

    codes = (1001, 1000)


class ShutdownUnannounced(Fault):
    breaks = ("END-1",)

    async def on_frame(self, session: Session, frame: Frame) -> list[Frame]:
        return [] if frame.json.get("message") == "SHUTDOWN" else [frame]


class DeadPeersKept(Fault):
    breaks = (
        "HB-1",
        "HB-3",
    )

    async def on_frame(self, session: Session, frame: Frame) -> list[Frame]:
        if frame.opcode == PING:
            await session.to_hub(Frame(PONG, frame.data))
        return [frame]


class NoPings(DeadPeersKept):
    breaks = (
        "HB-1",
        "HB-3",
    )

    async def on_frame(self, session: Session, frame: Frame) -> list[Frame]:
        await super().on_frame(session, frame)
        return [] if frame.opcode == PING else [frame]


class RemovedChannelGoesOn(Fault):
    breaks = ("UNSUB-6",)

    def on_response(self, request: Request, response: Response) -> None:
        if request.path == UNSUBSCRIBE and response.status == 200 and "pdfm" in request.json["event_types"]:
            for session in self.proxy.sessions:
                if session.client_id == request.json["client_id"]:
                    session.memory["removed"] = True

    async def on_frame(self, session: Session, frame: Frame) -> list[Frame]:
        if is_event(frame, "pdfm"):
            for other in self.proxy.sessions - {session}:
                if other.memory.get("removed"):
                    await other.to_judge(frame)
        return [frame]


class SubscribesByCommand(Fault):
    breaks = ("UNSUB-7",)

    async def on_frame(self, session: Session, frame: Frame) -> list[Frame]:
        value = frame.json
        if value.get("ref_id") == "add-it":
            return [text({**value, "event_type": "health", "message": "pong", "body": None})]
        return [frame]


class Replayed(Fault):
    breaks = ("END-3",)

    def __init__(self) -> None:
        self._published: list[dict[str, Json]] = []
        self._last_to_leave = ""

    def on_response(self, request: Request, response: Response) -> None:
        if request.path == "/control/publish" and response.status == 202:
            event = {"id": json.loads(response.body)["id"], "event_type": request.json["channel"]}
            self._published.append({**request.json, **event})
            del self._published[-1]["channel"]

    async def on_end(self, session: Session) -> None:
        self._last_to_leave = session.source
        self._published.clear()

    async def on_frame(self, session: Session, frame: Frame) -> list[Frame]:
        if frame.json != session.welcome or session.source != self._last_to_leave:
            return [frame]
        stamp = session.welcome["timestamp"]
        return [frame, *(text({**event, "timestamp": stamp}) for event in self._published)]
