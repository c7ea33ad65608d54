"""Messages of an AsyncAPI document as far as they are known while it is read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ..ir.media import is_json, is_text
from ..ir.stream import Direction, Frame
from ..ir.types import Field, Object
from .bundling import SchemaBundler
from .names import Names
from .schemas import SchemaReader
from .traits import stated, stated_text
from .workspace import Place, Workspace

_SCHEMA_FORMATS = ("vnd.aai.asyncapi", "schema+json", "schema+yaml", "vnd.oai.openapi")


@dataclass(slots=True)
class Draft:
    """A message as far as it is known."""

    name: str
    place: Place
    channels: list[str] = field(default_factory=list[str])
    direction: Direction | None = None
    is_two_way: bool = False
    payload: Object | None = None
    frame: Frame = "object"
    is_unread: bool = False
    """Whether its payload is described in a language that is not read, which is reported."""

    def assign(self, direction: Direction) -> None:
        """Some operation sends it this way; if another sends it the other way, it goes both ways."""
        if self.direction not in {None, direction}:
            self.direction, self.is_two_way = Direction.TO_CLIENT, True
        elif self.direction is None:
            self.direction = direction


class PayloadReader:
    """Reads what messages hold."""

    def __init__(
        self,
        workspace: Workspace,
        schemas: SchemaReader,
        bundler: SchemaBundler,
        names: Names,
        *,
        default_content_type: str,
    ) -> None:
        self._workspace = workspace
        self._schemas = schemas
        self._bundler = bundler
        self._names = names
        self._default = default_content_type

    def read(self, draft: Draft) -> list[Draft]:
        """Read the payload of a message.

        Returns:
            The message; several if its payload is one of several objects.
        """
        self._report_headers(draft)
        payload = stated(self._workspace, draft.place, "payload")
        if payload is not None and payload.get("schemaFormat") is not None:
            if not self._is_json_schema(payload):
                draft.is_unread = True
                return [draft]
            payload = payload.get("schema")
        draft.frame = self._unparsed(draft, payload)
        if payload is None or draft.frame != "object":
            return [draft]
        variants = self._schemas.payload_variants(payload)
        if len(variants) > 1:
            return self._split(draft, payload, variants)
        draft.payload = self._schemas.message_payload(payload, draft.name)
        self._bundler.add(payload, draft.name)
        if draft.payload is None:
            self._declare_value(draft, payload)
        return [draft]

    def _declare_value(self, draft: Draft, payload: Place) -> None:
        """Declare what is no object as the only property of one."""
        draft.frame = "value"
        kind = self._schemas.type_of(payload, f"{draft.name}Value")
        value = Field("value", kind, is_required=True, origin=payload.origin)
        self._schemas.declarations[draft.name] = Object(draft.name, "", (value,), payload.origin)

    def _split(self, draft: Draft, payload: Place, variants: list[Place]) -> list[Draft]:
        names: list[str] = []
        for number, variant in enumerate(variants, 1):
            target = self._workspace.follow(variant)
            title = target.text("title") if target is not None else ""
            wanted = target.last if target is not None and variant.reference is not None else title
            names.append(self._names.name(variant.origin, wanted or f"{draft.name}{number}", draft.name))
        whole = self._bundler.add(payload, draft.name)
        found: list[Draft] = []
        for name, variant in zip(names, variants, strict=True):
            declared = self._schemas.variant_payload(payload, variant, name)
            self._bundler.add_as(name, variant, {"allOf": [whole, self._bundler.copy(variant)]})
            found.append(replace(draft, name=name, channels=list(draft.channels), payload=declared))
        return found

    def _is_json_schema(self, payload: Place) -> bool:
        form = payload.text("schemaFormat")
        if any(known in form for known in _SCHEMA_FORMATS):
            return True
        message = f"schemas of the format `{form}` are not read; the message is left out"
        hint = "Use JSON Schema, or an OpenAPI schema."
        self._workspace.warn("schema-format", payload.child("schemaFormat"), message, hint)
        return False

    def _unparsed(self, draft: Draft, payload: Place | None) -> Frame:
        """Whether the frame is text or bytes, and no JSON."""
        content_type = stated_text(self._workspace, draft.place, "contentType") or self._default
        schema = self._workspace.follow(payload) if payload is not None else None
        if schema is not None and schema.text("type") == "string":
            if schema.text("format") == "binary":
                return "bytes"
            if schema.get("contentEncoding") is not None and not is_json(content_type):
                return "bytes"
        if is_json(content_type) or (schema is not None and schema.text("type") not in {"", "string"}):
            return "object"
        if not content_type:
            # Nobody said JSON: what is sent is the string, without quotes.
            return "text" if schema is not None and schema.text("type") == "string" else "object"
        return "text" if is_text(content_type) else "bytes"

    def _report_headers(self, draft: Draft) -> None:
        headers = stated(self._workspace, draft.place, "headers")
        if headers is not None:
            message = f"the headers of `{draft.name}` are left out: a frame of a WebSocket has none"
            hint = "Put them into the payload, or into the channel's `bindings.ws.headers`."
            self._workspace.warn("message-headers", headers, message, hint, of_key=True)
