"""Reads what documents say to people, after everything else was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..ir.documentation import (
    Content,
    Credential,
    Documentation,
    EndpointText,
    Parameter,
    Prose,
    ResponseText,
    Server,
    Variable,
)
from ..ir.rest import Endpoint
from ..ir.stream import Stream
from .bundling import SchemaBundler
from .names import Names
from .servers import host_of
from .workspace import Place, Workspace


class DocumentationReader:
    """Reads the texts of one specification; give it the names that the rest of it was read with."""

    def __init__(self, workspace: Workspace, names: Names) -> None:
        self._workspace = workspace
        self._bundler = SchemaBundler(workspace, names, keeps_text=True)

    def read(
        self,
        asyncapi: Place | None,
        openapi: Place | None,
        stream: Stream | None,
        messages: Mapping[str, Place],
        endpoints: tuple[Endpoint, ...],
    ) -> Documentation:
        """Read all texts. The documents must be free of errors.

        Args:
            asyncapi: The document of the stream.
            openapi: The document of the endpoints.
            stream: What the first is about.
            messages: All messages that its channels list, by name, also those that the stream has not.
            endpoints: What the second is about.
        """
        main = asyncapi or openapi
        found = Documentation(prose=_prose(main.get("info") if main is not None else None))
        if asyncapi is not None and stream is not None:
            found = self._read_stream(found, asyncapi, stream, messages)
        if openapi is not None:
            found = self._read_rest(found, openapi, endpoints)
        return replace(found, schemas=self._bundler.schemas)

    def _read_stream(
        self, found: Documentation, document: Place, stream: Stream, listed: Mapping[str, Place]
    ) -> Documentation:
        channels: dict[str, Place] = dict(self._entries(document, "channels"))
        for name, place in listed.items():
            payload = place.get("payload")
            if payload is not None and payload.get("schemaFormat") is not None:
                payload = payload.get("schema")
            if payload is not None:
                self._bundler.add(payload, name)
        operations = {
            operation.name: _prose(self._workspace.place_of(operation.origin))
            for operation in stream.operations
        }
        first = next(
            (channels[channel.name] for channel in stream.channels if channel.name in channels), None
        )
        known = {message.name for message in stream.messages}
        servers = (
            Server(
                name=name,
                url=f"{server.text('protocol')}://{host_of(server)}{server.text('pathname')}",
                description=server.text("description") or server.text("summary"),
                variables=self._variables(server),
            )
            for name, server in self._entries(document, "servers")
        )
        return replace(
            found,
            channels={name: _prose(place) for name, place in channels.items()},
            messages={name: _prose(place) for name, place in listed.items()},
            others={name: _payloads(place) for name, place in listed.items() if name not in known},
            operations=operations,
            stream_parameters=self._handshake(first) if first is not None else (),
            stream_servers=tuple(servers),
            stream_credentials=self._stream_credentials(document),
            credentials=self._credentials(document),
        )

    def _stream_credentials(self, document: Place) -> tuple[str, ...]:
        names: dict[str, None] = {}
        for _, server in self._entries(document, "servers"):
            listed = server.get("security")
            for entry in listed.items() if listed is not None else ():
                scheme = self._workspace.follow(entry)
                if scheme is not None:
                    names[scheme.last] = None
        return tuple(names)

    def _handshake(self, channel: Place) -> tuple[Parameter, ...]:
        """Parameters of the address, and what the WebSocket binding says of query and headers."""
        found = [
            Parameter(
                name=name,
                place="path",
                is_required=True,
                description=place.text("description"),
                schema={
                    "type": "string",
                    **{key: place.value[key] for key in ("enum", "default") if place.get(key)},
                },
                examples=place.strings("examples"),
            )
            for name, place in self._entries(channel, "parameters")
        ]
        binding = self._entered(self._entered(channel, "bindings"), "ws")
        for key, where in (("query", "query"), ("headers", "header")):
            holder = self._entered(binding, key)
            required = holder.strings("required") if holder is not None else ()
            for name, schema in self._entries(holder, "properties") if holder is not None else ():
                examples = schema.get("examples")
                found.append(
                    Parameter(
                        name=name,
                        place=where,
                        is_required=name in required,
                        description=schema.text("description"),
                        schema=self._bundler.copy(schema),
                        examples=tuple(item.value for item in examples.items()) if examples else (),
                    )
                )
        return tuple(found)

    def _entered(self, holder: Place | None, key: str) -> Place | None:
        entry = holder.get(key) if holder is not None else None
        return self._workspace.follow(entry) if entry is not None else None

    def _read_rest(
        self, found: Documentation, document: Place, endpoints: tuple[Endpoint, ...]
    ) -> Documentation:
        security = document.get("security")
        texts: dict[str, EndpointText] = {}
        for endpoint in endpoints:
            operation = self._workspace.place_of(endpoint.origin)
            # The operation of a path item: `paths`, the path, the method.
            item = self._workspace.place_of(replace(endpoint.origin, pointer=endpoint.origin.pointer[:-1]))
            body = operation.get("requestBody")
            request = self._workspace.follow(body) if body is not None else None
            ways = operation.get("security") or security
            servers = operation.get("servers") or item.get("servers")
            texts[endpoint.name] = EndpointText(
                prose=_prose(operation),
                parameters=self._parameters(item, operation),
                request=self._contents(request) if request is not None else (),
                request_description=request.text("description") if request is not None else "",
                is_request_required=request is not None and request.is_true("required"),
                responses=self._responses(operation),
                credentials=tuple(tuple(way.value) for way in ways.items()) if ways is not None else (),
                servers=self._rest_servers(servers),
                is_deprecated=operation.is_true("deprecated"),
            )
        return replace(
            found,
            endpoints=texts,
            rest_servers=self._rest_servers(document.get("servers")),
            credentials={**found.credentials, **self._credentials(document)},
        )

    def _parameters(self, *holders: Place) -> tuple[Parameter, ...]:
        """Those of a path item and of its operation, which replaces some of them."""
        found: dict[tuple[str, str], Parameter] = {}
        for holder in holders:
            listed = holder.get("parameters")
            for entry in listed.items() if listed is not None else ():
                place = self._workspace.follow(entry)
                if place is not None:
                    name, where = place.text("name"), place.text("in")
                    found[where, name] = self._parameter(name, where, place)
        return tuple(found.values())

    def _parameter(self, name: str, where: str, place: Place) -> Parameter:
        schema = place.get("schema")
        return Parameter(
            name=name,
            place=where,
            is_required=place.is_true("required"),
            description=place.text("description"),
            schema=self._bundler.copy(schema) if schema is not None else {},
            examples=tuple(value for _, value in self._examples(place)),
        )

    def _responses(self, operation: Place) -> tuple[ResponseText, ...]:
        return tuple(
            ResponseText(
                status=status,
                description=place.text("description"),
                headers=tuple(
                    self._parameter(name, "header", header)
                    for name, header in self._entries(place, "headers")
                ),
                contents=self._contents(place),
            )
            for status, place in self._entries(operation, "responses")
        )

    def _contents(self, holder: Place) -> tuple[Content, ...]:
        found: list[Content] = []
        for content_type, media in self._entries(holder, "content"):
            schema = media.get("schema")
            copied = self._bundler.copy(schema) if schema is not None else None
            found.append(Content(content_type, copied, self._examples(media)))
        return tuple(found)

    def _examples(self, holder: Place) -> tuple[tuple[str, Any], ...]:
        single = holder.get("example")
        if single is not None:
            return (("", single.value),)
        found: list[tuple[str, Any]] = []
        for name, place in self._entries(holder, "examples"):
            value = place.get("value")
            if value is not None:
                found.append((place.text("summary") or name, value.value))
        return tuple(found)

    def _rest_servers(self, listed: Place | None) -> tuple[Server, ...]:
        return tuple(
            Server(
                name="",
                url=place.text("url"),
                description=place.text("description"),
                variables=self._variables(place),
            )
            for place in (listed.items() if listed is not None else ())
        )

    def _variables(self, server: Place) -> tuple[Variable, ...]:
        return tuple(
            Variable(name, place.text("default"), place.strings("enum"), place.text("description"))
            for name, place in self._entries(server, "variables")
        )

    def _credentials(self, document: Place) -> dict[str, Credential]:
        components = document.get("components")
        listed = self._entries(components, "securitySchemes") if components is not None else []
        return {
            name: Credential(
                name=name,
                kind="apiKey" if place.text("type") == "httpApiKey" else place.text("type"),
                scheme=place.text("scheme").lower(),
                place=place.text("in"),
                key=place.text("name"),
                description=place.text("description"),
            )
            for name, place in listed
        }

    def _entries(self, holder: Place, key: str) -> list[tuple[str, Place]]:
        listed = holder.get(key)
        entries = listed.entries() if listed is not None else ()
        return [
            (name, place) for name, entry in entries if (place := self._workspace.follow(entry)) is not None
        ]


def _payloads(message: Place) -> tuple[Any, ...]:
    examples = message.get("examples")
    found = [example.get("payload") for example in examples.items()] if examples is not None else []
    return tuple(payload.value for payload in found if payload is not None)


def _prose(place: Place | None) -> Prose:
    if place is None:
        return Prose()
    return Prose(place.text("title"), place.text("summary"), place.text("description"))
