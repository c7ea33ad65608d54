"""JSON Schemas in generated files: the hub's copy and the contract suite's bundle."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
from tests.codegen.project import Project
from tests.codegen.test_codegen_stream import chat

MOOD = {"anyOf": [{"enum": ["calm", "angry"]}, {"type": "string"}]}


@pytest.fixture
def moods(project: Project) -> Project:
    """A stream and a REST operation that share a schema in a file of its own."""
    document = chat()
    payload = document["components"]["messages"]["Moved"]["payload"]
    payload["properties"]["mood"] = {"$ref": "moods.yaml#/Mood"}
    frame = {"room": "board-games", "verb": "moved", "mood": "calm"}
    document["components"]["messages"]["Moved"]["examples"] = [{"payload": frame}]
    project.write("asyncapi.yaml", document)
    project.write("moods.yaml", {"Mood": {**MOOD, "description": "How somebody feels."}})
    project.write("examples/valid/Moved/angry.json", {**frame, "mood": "angry"})
    project.write("rules.yaml", RULES)
    project.write("openapi.yaml", OPENAPI)
    return project


RULES = "- {id: A-1, title: One, statement: It is so., guide: ['2'], level: MUST, binds: hub}"
OPENAPI = """\
openapi: 3.1.0
info: {title: Rest, version: 1.0.0}
paths:
  /chat:
    get:
      operationId: join
      x-websocket: true
      parameters: [{name: room, in: query, schema: {type: string}}]
      responses: {'101': {description: Joined, headers: {Upgrade: {required: true, schema: {type: string}}}}}
  /leave:
    post:
      operationId: leave-room
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [mood]
              properties: {mood: {$ref: moods.yaml#/Mood}}
            example: {mood: calm}
      responses:
        '200':
          description: Left
          headers: {X-Left: {required: true, schema: {type: string}}, X-Maybe: {schema: {type: string}}}
          content:
            application/json:
              schema:
                type: array
                items: {type: object, required: [name], properties: {name: {type: string}}}
        '404': {$ref: '#/components/responses/Missing'}
        default: {description: Anything else}
  /health:
    get:
      operationId: health
      responses: {'204': {description: Fine}}
components:
  responses:
    Missing:
      description: There is none
      content: {application/json: {schema: {type: object, properties: {why: {type: string}}}}}
"""


def test_all_of_it_is_without_findings(moods: Project) -> None:
    assert moods.findings("python-client", "python-hub", "contract-bundle") == []


def validate(schemas: dict[str, Any], reference: dict[str, Any], value: Any) -> bool:
    return jsonschema_rs.is_valid({"$defs": schemas["$defs"], **reference}, value)


def test_the_hub_is_strict_in_what_it_sends(moods: Project) -> None:
    schemas = json.loads(moods.files("python-hub")["schemas.json"])
    frame = {"room": "board-games", "verb": "moved"}
    assert validate(schemas, schemas["messages"]["Moved"], {**frame, "mood": "calm"})
    assert not validate(schemas, schemas["messages"]["Moved"], {**frame, "mood": "elated"})
    assert not validate(schemas, schemas["messages"]["Moved"], {"room": "lobby", "verb": "moved"})
    assert not validate(schemas, schemas["rest"]["leave-room"]["request"], {})
    assert list(schemas["rest"]) == ["leave-room"]


def test_the_judge_is_as_open_as_the_document(moods: Project) -> None:
    bundle = json.loads(moods.files("contract-bundle")["bundle.json"])
    moved = next(message for message in bundle["messages"] if message["name"] == "Moved")
    frame = {"room": "board-games", "verb": "moved"}
    assert validate(bundle, moved["schema"], {**frame, "mood": "elated"})
    assert not validate(bundle, moved["schema"], {**frame, "mood": 1})


def test_the_bundle_says_all_of_the_stream(moods: Project) -> None:
    bundle = json.loads(moods.files("contract-bundle")["bundle.json"])
    assert (bundle["title"], bundle["version"]) == ("Chat", "2.1.0")
    assert bundle["stream"] == {
        "address": "/chat",
        "channels": ["lobby", "board-games"],
        "always_subscribed": ["lobby"],
        "discriminators": [["room", "channel"], ["verb"]],
    }
    by_name = {message["name"]: message for message in bundle["messages"]}
    assert by_name["Moved"]["values"] == {"room": "board-games", "verb": "moved"}
    assert [example["mood"] for example in by_name["Moved"]["examples"]] == ["calm", "angry"]
    assert (by_name["Hello"]["role"], by_name["Moved"]["role"]) == ("welcome", None)
    assert by_name["Hello"]["values"] == {"room": "lobby"}
    assert (by_name["Ask"]["direction"], by_name["Answer"]["direction"]) == ("client-to-hub", "hub-to-client")
    assert by_name["Failed"]["channels"] == ["lobby", "board-games"]
    assert bundle["operations"] == [
        {
            "name": "askMove",
            "request": "Ask",
            "replies": ["Answer"],
            "errors": ["Failed"],
            "request_correlation": "id",
            "reply_correlation": "ref",
        }
    ]
    assert bundle["rules"] == [
        {
            "id": "A-1",
            "title": "One",
            "statement": "It is so.",
            "guide": ["2"],
            "level": "MUST",
            "binds": "hub",
        }
    ]


def test_the_bundle_says_all_of_rest(moods: Project) -> None:
    join, leave, health = json.loads(moods.files("contract-bundle")["bundle.json"])["rest"]
    assert (join["operation_id"], join["websocket"], leave["websocket"]) == ("join", True, False)
    assert join["responses"]["101"] == {"schema": None, "content_type": None, "headers": ["Upgrade"]}
    assert leave["responses"]["200"]["headers"] == ["X-Left"]
    assert leave["responses"]["200"]["optional_headers"] == ["X-Maybe"]
    assert leave["responses"]["404"]["content_type"] == "application/json"
    assert list(leave["responses"]) == ["200", "404", "default"]
    assert (health["method"], health["path"], health["request"]) == ("GET", "/health", None)


def test_every_reference_is_local(moods: Project) -> None:
    for target, file in (("python-hub", "schemas.json"), ("contract-bundle", "bundle.json")):
        content = json.loads(moods.files(target)[file])
        text = json.dumps(content)
        references = {part.partition('"')[0] for part in text.split('"$ref": "')[1:]}
        assert references
        assert references <= {f"#/$defs/{name}" for name in content["$defs"]}


def test_the_client_has_the_rest_operations(moods: Project) -> None:
    text = moods.files("python-client")["rest.py"]
    assert 'name="leave-room"' in text
    assert "LEAVE_ROOM: Final = Endpoint(" in text
    assert "request=LeaveRoomRequest," in text
    assert "response=tuple[LeaveRoomResponse200Item, ...]," in text
    assert "response=type(None)," in text
    assert "join" not in text


def test_the_hub_has_all_routes_and_statuses(moods: Project) -> None:
    text = moods.files("python-hub")["rest.py"]
    assert 'name="join"' in text
    assert "statuses=(200, 404)," in text


def test_the_first_line_says_that_it_is_generated(moods: Project) -> None:
    for target in ("python-client", "python-hub", "contract-bundle"):
        for name, content in moods.files(target).items():
            assert "Generated by `eventshub-codegen generate`" in content.partition("\n")[0], name


def test_open_api_3_0_and_its_nullable(project: Project) -> None:
    document = OPENAPI.replace("3.1.0", "3.0.3").replace(
        "{mood: {$ref: moods.yaml#/Mood}}", "{mood: {type: string, nullable: true}}"
    )
    project.write("openapi.yaml", document.replace("example: {mood: calm}", "example: {mood: null}"))
    assert project.findings("python-client", "python-hub", "contract-bundle") == []
    assert "mood: str | None\n" in project.files("python-client")["models.py"]


def test_an_example_of_a_request_is_checked(project: Project) -> None:
    project.write("moods.yaml", {"Mood": MOOD})
    project.write("openapi.yaml", OPENAPI.replace("example: {mood: calm}", "example: {mood: 3}"))
    line = OPENAPI[: OPENAPI.index("example: {")].count("\n") + 1
    assert project.places() == [f"openapi.yaml:{line}:29 example-invalid"]


def test_swagger_is_refused_with_advice(project: Project) -> None:
    project.write("openapi.yaml", "swagger: '2.0'\ninfo: {title: Old, version: '1'}\npaths: {}\n")
    (found,) = project.findings()
    assert found.rule == "unsupported-version"
    assert found.message == "this is a Swagger 2.0 document, and OpenAPI 3.0 or 3.1 is needed"
    assert found.hint.startswith("Convert it to OpenAPI 3.0 or 3.1")
    assert (found.line, found.column) == (1, 10)


def test_an_asyncapi_before_version_2_is_refused_with_advice(project: Project) -> None:
    project.write("asyncapi.yaml", "asyncapi: 1.2.0\ninfo: {title: Old, version: '1'}\nchannels: {}\n")
    (found,) = project.findings()
    assert (found.rule, found.line, found.column) == ("unsupported-version", 1, 11)
    assert found.message == "AsyncAPI 1.2.0 is not supported"
    assert found.hint == "Use AsyncAPI 2, 3.0 or 3.1."
