"""Documents in the styles of well-known services: JSON-RPC, gateways with two keys, polymorphic REST."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.codegen.packages import Package, make_package
from websockets.asyncio.server import ServerConnection, serve

from eventshub import MessageDecodeError, runtime
from eventshub.runtime.codec import OpenCodec


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties}


def _write(folder: Path, document: dict[str, Any], name: str = "document.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(document))
    return path


def _version_2(sent: list[dict[str, Any]], **channel: Any) -> dict[str, Any]:
    return {
        "asyncapi": "2.6.0",
        "info": {"title": "Gateway", "version": "1"},
        "channels": {"/": {"subscribe": {"message": {"oneOf": sent}}, **channel}},
    }


def _findings(package: Package) -> list[tuple[str, str]]:
    return [(found.rule, found.message) for found in package.findings]


def _rpc() -> dict[str, Any]:
    """Two methods whose results look the same: only the ID says whose a result is."""

    def message(**properties: Any) -> dict[str, Any]:
        payload = _object(
            ["jsonrpc", "id", *properties], jsonrpc={"const": "2.0"}, id={"type": "integer"}, **properties
        )
        return {"payload": payload, "correlationId": {"location": "$message.payload#/id"}}

    def operation(asked: str, answer: str) -> dict[str, Any]:
        channel = {"$ref": "#/channels/rpc"}
        return {
            "action": "receive",
            "channel": channel,
            "messages": [{"$ref": f"#/channels/rpc/messages/{asked}"}],
            "reply": {"channel": channel, "messages": [{"$ref": f"#/channels/rpc/messages/{answer}"}]},
        }

    messages = {
        "GetBlock": message(method={"const": "get_block"}),
        "Block": message(result={"type": "string"}),
        "GetName": message(method={"const": "get_name"}),
        "Name": message(result={"type": "string"}),
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Node", "version": "1"},
        "channels": {"rpc": {"address": "/", "messages": messages}},
        "operations": {"block": operation("GetBlock", "Block"), "name": operation("GetName", "Name")},
    }


async def test_results_that_look_alike_are_those_of_the_method_that_was_called(tmp_path: Path) -> None:
    package = make_package(tmp_path, asyncapi=_write(tmp_path, _rpc()))
    assert package.rules == {"duplicate-message"}
    messages: Any = package.part("messages")

    async def answer(connection: ServerConnection) -> None:
        async for frame in connection:
            asked = json.loads(frame)
            result = {"jsonrpc": "2.0", "id": asked["id"], "result": asked["method"]}
            await connection.send(json.dumps(result))

    settings = runtime.ClientSettings(reconnect=None, proxy=None)
    async with serve(answer, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        kind = next(value for name, value in vars(package.module).items() if name.endswith("Client"))
        client = kind(f"ws://127.0.0.1:{port}", settings=settings)
        async with client, client.connect() as connection:
            block = await connection.block(messages.GetBlock(id=0))
            name = await connection.name(messages.GetName(id=0))
    assert block == messages.Block(id=1, result="get_block")
    assert name == messages.Name(id=2, result="get_name")


async def test_an_answer_that_no_document_describes_fails_its_command_at_once(tmp_path: Path) -> None:
    package = make_package(tmp_path, asyncapi=_write(tmp_path, _rpc()))
    messages: Any = package.part("messages")
    client_type = next(value for name, value in vars(package.module).items() if name.endswith("Client"))

    async def refuse(connection: ServerConnection) -> None:
        async for frame in connection:
            wrong = {"jsonrpc": "2.0", "id": json.loads(frame)["id"], "error": {"code": -32601}}
            await connection.send(json.dumps(wrong | {"id": 99}))
            await connection.send(json.dumps(wrong))

    settings = runtime.ClientSettings(reconnect=None, proxy=None)
    async with serve(refuse, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        client = client_type(f"ws://127.0.0.1:{port}", settings=settings)
        async with client, client.connect() as connection:
            with pytest.raises(MessageDecodeError, match="the answer to block") as caught:
                await connection.block(messages.GetBlock(id=0))
            assert json.loads(caught.value.raw)["error"] == {"code": -32601}
            # What answers nobody is an unknown message, as ever.
            async for message in connection:
                assert message.payload["id"] == 99
                break


def test_a_second_key_is_found_for_messages_that_share_the_first(tmp_path: Path) -> None:
    def sent(name: str, op: int, event: str = "", **data: Any) -> dict[str, Any]:
        fixed: dict[str, Any] = {"op": {"const": op}} | ({"t": {"const": event}} if event else {})
        return {"name": name, "payload": _object([*fixed], **fixed, d=data)}

    document = _version_2(
        [
            sent("Ready", 0, "READY", type="string"),
            sent("Posted", 0, "POSTED", type="integer"),
            sent("Alive", 11, type="null"),
            sent("Reconnect", 7, type="boolean"),
        ]
    )
    package = make_package(tmp_path, asyncapi=_write(tmp_path, document))
    assert package.rules == {"optional-discriminator"}
    messages: Any = package.part("messages")
    codec = OpenCodec(package.part("protocol").STREAM)
    assert codec.decode(b'{"op": 0, "t": "READY", "d": "x"}') == messages.Ready(d="x")
    assert codec.decode(b'{"op": 0, "t": "POSTED", "d": 5}') == messages.Posted(d=5)
    assert codec.decode(b'{"op": 7, "d": true}') == messages.Reconnect(d=True)
    assert codec.decode(b'{"op": 11, "t": null, "d": null}') == messages.Alive(d=None)
    assert type(codec.decode(b'{"op": 0, "t": "NOVEL"}')).__name__.endswith("Unknown")


def test_what_version_2_says_of_operations_and_servers_is_kept_or_told(tmp_path: Path) -> None:
    document = _version_2(
        [{"name": "Tick", "payload": _object(["n"], n={"type": "integer"})}],
        publish={
            "operationId": "say",
            "security": [{"token": []}],
            "traits": [{"$ref": "#/components/operationTraits/spoken"}],
            "message": {"name": "Say", "payload": _object(["text"], text={"type": "string"})},
        },
        bindings={"ws": {"query": {"$ref": "#/components/schemas/Query"}}},
    )
    document["servers"] = {"live": {"url": "wss://example.com/base?v=10", "protocol": "wss"}}
    document["components"] = {
        "operationTraits": {"spoken": {"description": "Said aloud."}},
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        "schemas": {"Query": _object([], v={"type": "integer"})},
    }
    path = _write(tmp_path, document)
    package = make_package(tmp_path, asyncapi=path)
    assert _findings(package) == [("inexpressible", "the query of this URL is left out")]
    (found,) = package.findings
    assert path.read_text()[found.column - 1 :].startswith('"wss://example.com/base?v=10"')
    assert [each.security for each in package.spec.streams] == [(("token",),)]
    assert [each.name for each in package.spec.streams[0].parameters] == ["v"]
    assert package.spec.streams[0].sendings[0].summary == "Said aloud."


def test_the_security_of_an_operation_that_the_server_does_not_demand_is_told(tmp_path: Path) -> None:
    document = _version_2([{"name": "Tick", "payload": _object(["n"], n={"type": "integer"})}])
    document["channels"]["/"]["subscribe"] |= {"operationId": "listen", "security": [{"token": []}]}
    document["servers"] = {"live": {"url": "wss://example.com", "protocol": "wss", "security": [{"key": []}]}}
    document["components"] = {
        "securitySchemes": {
            "token": {"type": "http", "scheme": "bearer"},
            "key": {"type": "httpApiKey", "in": "query", "name": "key"},
        }
    }
    package = make_package(tmp_path, asyncapi=_write(tmp_path, document))
    told = "the security of `listen` is left out: the server's is shown to connect"
    assert _findings(package) == [("inexpressible", told)]
    assert package.spec.streams[0].security == (("key",),)


def test_a_payload_may_be_in_an_openapi_3_0_document(tmp_path: Path) -> None:
    """There, ``exclusiveMinimum`` is a boolean, which JSON Schema no longer allows."""
    reading = _object(["value"], value={"type": "number", "minimum": 0, "exclusiveMinimum": True})
    rest = {"openapi": "3.0.3", "info": {"title": "x", "version": "1"}, "paths": {}}
    _write(tmp_path, rest | {"components": {"schemas": {"Reading": reading}}}, "rest.json")
    payload = {"$ref": "./rest.json#/components/schemas/Reading"}
    document = _version_2([{"name": "Read", "payload": payload, "examples": [{"payload": {"value": 0}}]}])
    package = make_package(tmp_path, asyncapi=_write(tmp_path, document))
    told = "the example does not fit `Read`: `value`: 0 is less than or equal to the minimum of 0"
    assert _findings(package) == [("example-invalid", told)]


def _pets(*examples: dict[str, Any]) -> dict[str, Any]:
    def kind(*required: str, **properties: Any) -> dict[str, Any]:
        return {"allOf": [{"$ref": "#/components/schemas/Base"}, _object([*required], **properties)]}

    schemas = {
        "Pet": {
            "oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in ("Cat", "Dog")],
            "discriminator": {"propertyName": "kind", "mapping": {"cat": "#/components/schemas/Cat"}},
        },
        "Base": _object(["kind"], kind={"type": "string"}),
        "Cat": {
            "allOf": [{"$ref": "#/components/schemas/Base"}, {"properties": {"claws": {"type": "integer"}}}]
        },
        "Dog": kind("barks", barks={"type": "boolean"}),
    }
    media = {
        "schema": {"$ref": "#/components/schemas/Pet"},
        "examples": {f"e{number}": {"value": value} for number, value in enumerate(examples)},
    }
    answer = {"description": "A pet.", "content": {"application/json": media}}
    operation = {"operationId": "pet", "responses": {"200": answer, "404": {"description": "None."}}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Pets", "version": "1"},
        "paths": {"/pet": {"get": operation}},
        "components": {"schemas": schemas},
    }


@pytest.mark.parametrize("fitting", [{"kind": "cat"}, {"kind": "Dog", "barks": True}])
def test_a_discriminator_chooses_the_schema_of_an_example(tmp_path: Path, fitting: dict[str, Any]) -> None:
    """A dog fits the schema of a cat as well, for that requires nothing."""
    package = make_package(tmp_path, openapi=_write(tmp_path, _pets(fitting)))
    assert _findings(package) == []


@pytest.mark.parametrize("wrong", [{"kind": "cat", "claws": "x"}, {"kind": "Dog"}, {"kind": "cow"}])
def test_an_example_that_its_discriminator_belies_is_found(tmp_path: Path, wrong: dict[str, Any]) -> None:
    package = make_package(tmp_path, openapi=_write(tmp_path, _pets(wrong)))
    assert package.rules == {"example-invalid"}


def test_what_leads_elsewhere_is_told(tmp_path: Path) -> None:
    """Links between operations, and replies to an address that the command names."""
    pets: dict[str, Any] = _pets()
    pets["paths"]["/pet"]["get"]["responses"]["200"]["links"] = {"owner": {"operationId": "getPet"}}
    rpc = _rpc()
    rpc["operations"]["name"]["reply"]["address"] = {"location": "$message.payload#/id"}
    package = make_package(
        tmp_path, asyncapi=_write(tmp_path, rpc, "rpc.json"), openapi=_write(tmp_path, pets, "pets.json")
    )
    found = [message.partition(":")[0] for rule, message in _findings(package) if rule == "inexpressible"]
    assert sorted(found) == ["the links are left out", "the reply's address is left out"]


def test_requests_that_a_service_sends_are_told(tmp_path: Path) -> None:
    document: dict[str, Any] = _pets() | {"openapi": "3.1.0"}
    told = {"post": {"responses": {"200": {"description": "Heard."}}}}
    document["webhooks"] = {"born": told}
    document["paths"]["/pet"]["get"]["callbacks"] = {"moved": {"{$request.query.url}": told}}
    package = make_package(tmp_path, openapi=_write(tmp_path, document))
    assert sorted(message.partition(":")[0] for _, message in _findings(package)) == [
        "the callbacks are left out",
        "the webhooks are left out",
    ]


def test_an_array_of_anything_is_tried_after_those_that_say_more(tmp_path: Path) -> None:
    row = {"type": "array", "items": [{"type": "integer"}, {"type": "string"}]}
    document = _version_2(
        [{"name": "Row", "payload": row}, {"name": "Rows", "payload": {"type": "array", "items": row}}]
    )
    package = make_package(tmp_path, asyncapi=_write(tmp_path, document))
    assert package.rules == {"inexpressible"}
    codec = OpenCodec(package.part("protocol").STREAM)
    assert type(codec.decode(b'[[1, "a"], [2, "b"]]')).__name__ == "Rows"
    assert type(codec.decode(b'[1, "a"]')).__name__ == "Row"


def test_arrays_of_open_length_are_told_apart_by_what_is_where(tmp_path: Path) -> None:
    def sent(name: str, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"name": name, "payload": {"type": "array", "items": list(items), **more}}

    quote = _object(["bid"], bid={"type": "string"}, at={"type": "string", "format": "date-time"})
    text: dict[str, Any] = {"type": "string"}
    number: dict[str, Any] = {"type": "integer"}
    document = _version_2(
        [
            sent("Short", number, text),
            sent("Candle", number, {"type": "array", "items": text}, text, text),
            sent("Ticker", number, quote, {"const": "ticker"}, text),
            sent("Book", number, quote, text, text),
            sent("Pair", text, text, minItems=2, maxItems=2),
            sent("Closed", {"type": "boolean"}, text, additionalItems=False),
        ]
    )
    package = make_package(tmp_path, asyncapi=_write(tmp_path, document))
    assert package.rules == {"inexpressible"}
    assert all(found.hint.startswith("Give it `minItems: ") for found in package.findings)
    codec = OpenCodec(package.part("protocol").STREAM)
    bid = {"bid": "1.5", "at": "2026-01-01T00:00:00Z"}
    for name, frame in {
        "Short": [1, "a"],
        "Candle": [1, ["2"], "ohlc-5", "XBT"],
        "Ticker": [1, bid, "ticker", "XBT"],
        "Book": [1, bid, "book", "XBT", "checked", 5],
        "Pair": ["a", "b"],
        "Closed": [True],
    }.items():
        message: Any = codec.decode(json.dumps(frame).encode())
        assert type(message).__name__ == name
        assert msgspec.json.decode(codec.encode(message)) == frame
    assert not isinstance(codec.decode(b'[true, "a", "b"]'), runtime.ValueMessage)
    ticker: Any = codec.decode(json.dumps([1, bid, "ticker", "XBT"]).encode())
    assert (ticker.value[1].bid, ticker.value[1].at.year) == ("1.5", 2026)


def test_a_module_of_arrays_imports_nothing_that_it_does_not_use(tmp_path: Path) -> None:
    document = _version_2([{"name": "Numbers", "payload": {"type": "array", "items": {"type": "number"}}}])
    package = make_package(tmp_path, asyncapi=_write(tmp_path, document))
    assert not hasattr(package.part("messages"), "Message")
    assert hasattr(package.part("messages"), "ValueMessage")
