"""AsyncAPI 2 documents are read as AsyncAPI 3."""

from __future__ import annotations

from typing import Any

from tests.codegen.project import Project, event

from eventshub._core.codec import Codec


def old_document() -> dict[str, Any]:
    """A channel on which clients subscribe to two messages and publish one; what it holds is all of 2.6."""
    return {
        "asyncapi": "2.6.0",
        "info": {"title": "Old", "version": "1.0.0"},
        "tags": [{"name": "news"}],
        "servers": {"live": {"url": "wss://example.com/base", "protocol": "wss", "security": [{"key": []}]}},
        "channels": {
            "/rooms/{room}": {
                "parameters": {
                    "room": {"description": "Which.", "schema": {"type": "string", "enum": ["a"]}}
                },
                "servers": ["live"],
                "bindings": {"ws": {"query": {"type": "object", "properties": {}}}},
                "subscribe": {
                    "summary": "What happens.",
                    "message": {
                        "oneOf": [
                            {"$ref": "#/components/messages/Posted"},
                            {"messageId": "Removed", **event("removed")},
                        ]
                    },
                },
                "publish": {"operationId": "say", "message": {"name": "Say", **event("say")}},
            }
        },
        "components": {
            "messages": {
                "Posted": event(
                    "posted",
                    {"type": "string"},
                    schemaFormat="application/vnd.aai.asyncapi+json;version=2.6.0",
                )
            },
            "securitySchemes": {"key": {"type": "apiKey", "in": "user"}},
        },
    }


def test_what_clients_subscribe_to_is_decoded_and_what_they_publish_is_sent(project: Project) -> None:
    project.write("asyncapi.yaml", old_document())
    assert project.findings("python-client", "contract-bundle") == []
    made = project.generate()
    messages, table = made.messages, made.protocol.PROTOCOL
    assert table.address == "/rooms/{room}"
    assert set(table.messages.values()) == {messages.Posted, messages.Removed}
    message: Any = Codec(table).decode(b'{"kind": "posted", "body": "hi"}')
    assert (type(message), message.body) == (messages.Posted, "hi")
    assert messages.Say().payload == {"kind": "say"}


def test_a_mistake_in_an_old_document_is_found_in_its_line(project: Project) -> None:
    document = old_document()
    document["components"]["messages"]["Posted"]["payload"]["properties"]["body"]["type"] = "strin"
    path = project.write("asyncapi.yaml", document)
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [entry for entry in project.findings() if entry.rule == "meta-schema"]
    assert found
    # Nested one deeper than in the file: the nearest node that exists is the payload.
    assert all(lines.index("    Posted:") < entry.line <= len(lines) for entry in found)
