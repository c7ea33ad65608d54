"""Streams: what tells messages apart, commands and their replies, the tables of client and hub."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.codegen.project import Project, event, stream_document

from eventshub._core.codec import Codec
from eventshub.exceptions import MessageDecodeError
from eventshub_codegen.config import Config, ConfigError, TargetConfig, read_config
from eventshub_codegen.pipeline import build

TEXT = {"type": "string"}


def chat() -> dict[str, Any]:
    """Two channels, a welcome, an error, a command with a reply; told apart by ``room`` and ``verb``."""

    def message(room: str, verb: str | None, **extra: Any) -> dict[str, Any]:
        properties: dict[str, Any] = {"room": {"const": room, "x-name": "channel"}, "ref": TEXT, "id": TEXT}
        properties |= {"verb": {"const": verb}} if verb else {"verb": TEXT}
        return {
            "payload": {"type": "object", "required": ["room", "verb"], "properties": properties},
            **extra,
        }

    def channel(*names: str, **extra: Any) -> dict[str, Any]:
        listed = {name: {"$ref": f"#/components/messages/{name}"} for name in names}
        return {"address": "/chat", "messages": listed, **extra}

    def listed(room: str, *names: str) -> list[dict[str, str]]:
        return [{"$ref": f"#/channels/{room}/messages/{name}"} for name in names]

    lobby, games = {"$ref": "#/channels/lobby"}, {"$ref": "#/channels/board-games"}
    ask = message("board-games", "ask", correlationId={"location": "$message.payload#/id"})
    ask["payload"]["required"] = ["verb"]
    ask["payload"]["properties"]["channel"] = {"const": "board-games", "x-alias-of": "room"}
    reply = {"location": "$message.payload#/ref"}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Chat", "version": "2.1.0"},
        "channels": {
            "lobby": channel("Hello", "Failed", **{"x-always-subscribed": True}),
            "board-games": channel("Moved", "Ask", "Answer", "Failed"),
        },
        "operations": {
            "sendLobby": {"action": "send", "channel": lobby},
            "sendGames": {"action": "send", "channel": games, "messages": listed("board-games", "Moved")},
            "askMove": {
                "action": "receive",
                "summary": "A player asks.",
                "channel": games,
                "messages": listed("board-games", "Ask"),
                "reply": {"channel": games, "messages": listed("board-games", "Answer", "Failed")},
            },
        },
        "components": {
            "messages": {
                "Hello": message("lobby", None, **{"x-role": "welcome"}),
                "Failed": message("lobby", "failed", correlationId=reply, **{"x-role": "error"}),
                "Moved": message("board-games", "moved", summary="A piece moved."),
                "Ask": ask,
                "Answer": message("board-games", "answer", correlationId=reply),
            }
        },
    }


def test_the_client_knows_the_stream(project: Project) -> None:
    project.write("asyncapi.yaml", chat())
    assert project.findings("python-client") == []
    generated = project.generate()
    messages, table = generated.messages, generated.protocol.PROTOCOL
    assert table.address == "/chat"
    assert table.channels == ("lobby", "board-games")
    assert table.always_subscribed == ("lobby",)
    assert table.discriminators == ("channel", "verb")
    assert table.header is messages.UnknownEvent
    assert table.welcome is messages.Hello
    assert table.errors == (messages.Failed,)
    assert table.messages == {
        ("lobby", "failed"): messages.Failed,
        ("board-games", "moved"): messages.Moved,
        ("board-games", "answer"): messages.Answer,
    }


def test_the_client_knows_who_answers(project: Project) -> None:
    project.write("asyncapi.yaml", chat())
    generated = project.generate()
    operation = generated.protocol.ASK_MOVE
    assert operation.name == "askMove"
    assert operation.request is generated.messages.Ask
    assert operation.reply is generated.messages.Answer
    assert operation.errors == (generated.messages.Failed,)
    assert (operation.request_correlation, operation.reply_correlation) == ("id", "ref")


def test_a_command_fills_in_its_fixed_values_and_their_aliases(project: Project) -> None:
    project.write("asyncapi.yaml", chat())
    messages = project.generate().messages
    ask = messages.Ask(id="7")
    assert (ask.channel, ask.verb) == ("board-games", "ask")
    assert ask.payload["room"] == ask.payload["channel"] == "board-games"


def test_each_channel_has_a_union_of_its_messages(project: Project) -> None:
    project.write("asyncapi.yaml", chat())
    messages = project.generate().messages
    assert messages.LobbyEvent == messages.Hello | messages.Failed
    assert messages.BoardGamesEvent == messages.Moved | messages.Answer
    assert messages.Event == messages.LobbyEvent | messages.BoardGamesEvent | messages.UnknownEvent


def test_the_client_package_exports_every_class(project: Project) -> None:
    project.write("asyncapi.yaml", chat())
    text = project.files("python-client")["__init__.py"]
    for name in ("Answer", "Ask", "BoardGamesEvent", "Event", "Hello", "UnknownEvent"):
        assert f'    "{name}",\n' in text


def test_the_hub_knows_what_to_send_and_what_to_answer(project: Project) -> None:
    project.write("asyncapi.yaml", chat())
    generated = project.generate("python-hub")
    messages, table = generated.messages, generated.protocol.PROTOCOL
    assert table.discriminators == (("room", "channel"), ("verb",))
    assert table.welcome is messages.Hello
    assert table.shutdown is None
    assert table.errors == {"lobby": messages.Failed}
    assert list(table.events) == [("lobby", "failed"), ("board-games", "moved"), ("board-games", "answer")]
    ((key, command),) = table.commands.items()
    assert key == ("board-games", "ask")
    assert (command.name, command.handler) == ("askMove", "ask_move")
    assert (command.request, command.reply) == (messages.Ask, messages.Answer)
    assert generated.protocol.CommandHandler.ask_move.__doc__ == "A player asks."


def test_a_hub_needs_a_welcome(project: Project) -> None:
    project.write_stream(TEXT)
    (found,) = project.findings("python-hub")
    assert (found.rule, found.severity) == ("role-missing", "error")


def test_a_discriminator_may_be_a_number(project: Project) -> None:
    messages = {name: event(name) for name in ("Posted", "Removed")}
    for number, message in enumerate(messages.values()):
        message["payload"]["properties"]["kind"] = {"const": number}
    project.write("asyncapi.yaml", stream_document(messages))
    generated = project.generate()
    assert list(generated.protocol.PROTOCOL.messages) == [(0,), (1,)]
    assert generated.decode("UnknownEvent", {"kind": 7}).kind == 7


def test_a_value_that_all_messages_share_does_not_discriminate(project: Project) -> None:
    messages = {name: event(name) for name in ("Posted", "Removed")}
    for message in messages.values():
        message["payload"]["properties"]["version"] = {"const": 2}
        message["payload"]["required"].append("version")
    project.write("asyncapi.yaml", stream_document(messages))
    assert project.generate().protocol.PROTOCOL.discriminators == ("kind",)


def test_what_a_sender_leaves_out_a_receiver_may_tolerate(project: Project) -> None:
    """``readOnly`` is for the hub to fill in; ``x-tolerate-missing`` is for the client to bear."""
    document = chat()
    moved = document["components"]["messages"]["Moved"]["payload"]
    moved["properties"] |= {"serial": {**TEXT, "readOnly": True}, "at": TEXT}
    moved["required"] += ["serial", "at"]
    moved["x-tolerate-missing"] = ["at"]
    project.write("asyncapi.yaml", document)
    client, hub = project.generate(), project.generate("python-hub")
    assert client.decode("Moved", {"room": "board-games", "verb": "moved", "serial": "1"}).serial == "1"
    with pytest.raises(Exception, match="`serial`"):
        client.decode("Moved", {"room": "board-games", "verb": "moved", "at": "now"})
    hub.messages.Moved(at="now")
    with pytest.raises(TypeError, match="'at'"):
        hub.messages.Moved(serial="1")


def test_a_message_that_nobody_sends_is_left_out_and_said(project: Project) -> None:
    document = chat()
    del document["operations"]["sendGames"]
    project.write("asyncapi.yaml", document)
    (found,) = project.findings("python-client")
    assert (found.rule, found.severity) == ("unused-message", "warning")
    assert not hasattr(project.generate().messages, "Moved")


def test_the_same_document_gives_the_same_bytes(project: Project) -> None:
    project.write("asyncapi.yaml", chat())
    targets = ("python-client", "python-hub", "contract-bundle")
    assert project.run(*targets).files == project.run(*targets).files


def test_a_message_that_cannot_be_told_apart_is_left_out_of_the_rest(project: Project) -> None:
    vague = {"payload": {"type": "object", "properties": {"size": {"type": "integer"}}}}
    messages = {"Posted": event("posted"), "Removed": event("removed"), "Vague": vague}
    project.write("asyncapi.yaml", stream_document(messages))
    (found,) = project.findings("python-client")
    assert (found.rule, found.severity.value) == ("no-discriminator", "warning")
    assert "`Vague` has no fixed value for `kind`" in found.message
    made = project.generate()
    assert made.decode("Posted", {"kind": "posted"}).kind == "posted"
    assert not hasattr(made.messages, "Vague")
    assert "Vague" not in made.text("protocol.py")


def test_the_only_message_needs_no_telling_apart(project: Project) -> None:
    tick = {"type": "object", "required": ["price"], "properties": {"price": {"type": "number"}}}
    project.write("asyncapi.yaml", stream_document({"Tick": {"payload": tick}}))
    assert project.findings("python-client") == []
    made = project.generate()
    codec = Codec(made.protocol.PROTOCOL)
    message: Any = codec.decode(b'{"price": 1.5, "venue": "X"}')
    assert isinstance(message, made.messages.Tick)
    assert (message.price, message.payload["venue"]) == (1.5, "X")
    with pytest.raises(MessageDecodeError, match="a frame") as caught:
        codec.decode(b'{"price": "high"}')
    assert caught.value.path == "$.price"


def test_a_hub_needs_something_that_tells_messages_apart(project: Project) -> None:
    tick = {"type": "object", "properties": {"price": {"type": "number"}}}
    project.write("asyncapi.yaml", stream_document({"Tick": {"payload": tick}}))
    found = {entry.rule: entry for entry in project.findings("python-hub")}
    assert found["no-discriminator"].severity.value == "error"


def test_a_client_may_send_what_nothing_tells_apart(project: Project) -> None:
    """Who sends a command knows which one it is; only a hub would have to find out."""
    document = chat()
    del document["components"]["messages"]["Ask"]["payload"]["properties"]["verb"]["const"]
    project.write("asyncapi.yaml", document)
    assert project.findings("python-client") == []
    assert project.generate().messages.Ask(verb="please").verb == "please"
    (found,) = project.findings("python-hub")
    assert (found.rule, found.severity.value) == ("no-discriminator", "error")
    assert "`Ask`" in found.message


def test_a_message_that_is_no_object_is_left_out_of_the_rest(project: Project) -> None:
    messages = {"Posted": event("posted"), "Sound": {"payload": {"type": "string", "format": "binary"}}}
    project.write("asyncapi.yaml", stream_document(messages))
    (found,) = project.findings("python-client")
    assert (found.rule, found.severity.value) == ("inexpressible", "warning")
    assert not hasattr(project.generate().messages, "Sound")


def test_a_stream_of_which_nothing_is_left_is_an_error(project: Project) -> None:
    vague = {"payload": {"type": "object", "properties": {"size": {"type": "integer"}}}}
    project.write("asyncapi.yaml", stream_document({"Vague": vague, "Dim": vague}))
    found = {entry.rule: entry for entry in project.findings("python-client")}
    assert found["no-messages"].severity.value == "error"
    assert "can be told apart" in found["no-messages"].message


def test_constants_that_no_message_requires_tell_messages_apart_too(project: Project) -> None:
    messages = {"Posted": event("posted"), "Removed": event("removed")}
    for message in messages.values():
        del message["payload"]["required"]
    project.write("asyncapi.yaml", stream_document(messages))
    (found,) = project.findings("python-client")
    assert (found.rule, found.severity.value) == ("optional-discriminator", "warning")
    made = project.generate()
    codec = Codec(made.protocol.PROTOCOL)
    assert isinstance(codec.decode(b'{"kind": "posted"}'), made.messages.Posted)
    unknown = codec.decode(b'{"ok": true}')
    assert isinstance(unknown, made.messages.UnknownEvent)
    assert unknown.payload == {"ok": True}


def test_messages_without_the_key_of_most_are_told_by_another(project: Project) -> None:
    alarm = {
        "type": "object",
        "required": ["alert"],
        "properties": {"alert": {"const": "fire"}, "floor": {"type": "integer"}},
    }
    messages = {"Posted": event("posted"), "Removed": event("removed"), "Alarm": {"payload": alarm}}
    project.write("asyncapi.yaml", stream_document(messages))
    assert [found.rule for found in project.findings("python-client")] == ["optional-discriminator"]
    made = project.generate()
    codec = Codec(made.protocol.PROTOCOL)
    message: Any = codec.decode(b'{"alert": "fire", "floor": 3}')
    assert isinstance(message, made.messages.Alarm)
    assert message.floor == 3
    assert isinstance(codec.decode(b'{"kind": "removed"}'), made.messages.Removed)
    assert isinstance(codec.decode(b'{"alert": "flood"}'), made.messages.UnknownEvent)


def test_messages_that_look_the_same_arrive_as_unknown(project: Project) -> None:
    """A guess which of both it is would refuse good frames of the other."""
    messages = {"Posted": event("posted"), "Added": event("emoji", {}), "Gone": event("emoji")}
    project.write("asyncapi.yaml", stream_document(messages))
    (found,) = project.findings("python-client")
    assert (found.rule, found.severity.value) == ("duplicate-message", "warning")
    made = project.generate()
    codec = Codec(made.protocol.PROTOCOL)
    assert isinstance(codec.decode(b'{"kind": "posted"}'), made.messages.Posted)
    assert isinstance(codec.decode(b'{"kind": "emoji"}'), made.messages.UnknownEvent)
    assert not hasattr(made.messages, "Added")


def test_a_message_may_go_both_ways(project: Project) -> None:
    document = chat()
    document["operations"]["move"] = {
        "action": "receive",
        "channel": {"$ref": "#/channels/board-games"},
        "messages": [{"$ref": "#/channels/board-games/messages/Moved"}],
    }
    project.write("asyncapi.yaml", document)
    assert project.findings("python-client", "python-hub") == []
    made = project.generate()
    assert made.protocol.PROTOCOL.messages["board-games", "moved"] is made.messages.Moved
    assert made.messages.Moved(verb="moved").payload["room"] == "board-games"
    (found,) = project.findings("contract-bundle")
    assert (found.rule, "both ways" in found.message) == ("inexpressible", True)


def test_a_document_may_take_the_view_of_a_client(project: Project) -> None:
    messages = {"Posted": event("posted"), "Removed": event("removed"), "Ask": event("ask")}
    document = stream_document(messages)
    news = {"$ref": "#/channels/news"}
    both = [{"$ref": f"#/channels/news/messages/{name}"} for name in ("Posted", "Removed")]
    asked = [{"$ref": "#/channels/news/messages/Ask"}]
    document["operations"] = {
        "take": {"action": "receive", "channel": news, "messages": both},
        "ask": {"action": "send", "channel": news, "messages": asked},
    }
    project.write("asyncapi.yaml", document)
    config = project.write("eventshub-codegen.toml", '[spec]\nasyncapi = "asyncapi.yaml"\nrole = "client"\n')
    target = TargetConfig("contract-bundle", project.folder / "out")
    run = build(Config(read_config(config).inputs, (target,)), project.folder)
    assert run.findings.sorted() == []
    bundle = json.loads(run.files[project.folder / "out" / "bundle.json"])
    found = {message["name"]: message["direction"] for message in bundle["messages"]}
    assert found == {"Posted": "hub-to-client", "Removed": "hub-to-client", "Ask": "client-to-hub"}


def test_a_role_that_there_is_not_is_refused(project: Project) -> None:
    config = project.write("eventshub-codegen.toml", '[spec]\nasyncapi = "asyncapi.yaml"\nrole = "judge"\n')
    with pytest.raises(ConfigError, match="`role` must be one of server, client"):
        read_config(config)
