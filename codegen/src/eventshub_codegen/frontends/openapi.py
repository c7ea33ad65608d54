"""OpenAPI 3 documents: operations, what goes in and what comes out."""

from __future__ import annotations

from ..ir.media import content_kind, is_json
from ..ir.rest import Body, Endpoint, Response
from .bundling import SchemaBundler
from .names import pascal
from .openapi_parameters import ParameterReader
from .schemas import SchemaReader
from .security import SecurityReader
from .wishes import Wishes
from .workspace import Place, Workspace

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_PREFERRED = ("json", "multipart", "form", "text", "bytes")


class OpenApiReader:
    """Reads one document."""

    def __init__(
        self, workspace: Workspace, schemas: SchemaReader, bundler: SchemaBundler, wishes: Wishes
    ) -> None:
        self._wishes = wishes
        self._workspace = workspace
        self._schemas = schemas
        self._bundler = bundler
        self._parameters = ParameterReader(workspace, schemas)
        self.security = SecurityReader(workspace)
        self.media: list[Place] = []
        """Every media type that was met and that has a schema."""

    def read(self, document: Place) -> tuple[Endpoint, ...]:
        """Read all operations, in the order of the document."""
        found: list[Endpoint] = []
        names: dict[str, Place] = {}
        self._report_left_out(document, "webhooks")
        paths = document.get("paths")
        for path, entry in paths.entries() if paths else ():
            item = self._workspace.follow(entry)
            if item is None or not path.startswith("/") or self._wishes.leaves_out("paths", path):
                continue
            for method in _METHODS:
                operation = item.get(method)
                if operation is None:
                    continue
                name = operation.text("operationId") or f"{method} {path}"
                if self._wishes.leaves_out("operations", name):
                    continue
                name = self._wishes.renamed(name)
                if name in names:
                    at = operation.get("operationId") or operation
                    message = f"the operation ID `{name}` is used twice"
                    self._workspace.report("duplicate-operation", at, message, "Operation IDs are unique.")
                    continue
                names[name] = operation
                found.append(self._endpoint(document, name, method, path, item, operation))
        return tuple(found)

    def _endpoint(
        self, document: Place, name: str, method: str, path: str, item: Place, operation: Place
    ) -> Endpoint:
        responses: dict[str, Response] = {}
        listed = operation.get("responses")
        for status, entry in listed.entries() if listed else ():
            place = self._workspace.follow(entry)
            if place is not None:
                self._report_links(place)
                responses[status] = Response(
                    status=status,
                    body=self._body(place, f"{pascal(name)}Response{pascal(status)}"),
                    headers=self._headers(place, required=True),
                    optional_headers=self._headers(place, required=False),
                )
        self._report_left_out(operation, "callbacks")
        is_websocket = operation.is_true("x-websocket")
        body = operation.get("requestBody")
        request = self._workspace.follow(body) if body is not None else None
        taken = self._body(request, f"{pascal(name)}Request") if request is not None else None
        return Endpoint(
            name=name,
            method=method.upper(),
            path=path,
            summary=operation.text("summary") or operation.text("description"),
            is_websocket=is_websocket,
            request=taken,
            responses=responses,
            # What opens a WebSocket is described in the other document.
            parameters=() if is_websocket else self._parameters.read(name, path, item, operation),
            security=self.security.of_openapi(document, operation),
            origin=operation.origin,
            other_media=self._others(request, taken),
            is_request_required=request is not None and request.is_true("required"),
        )

    def _report_left_out(self, holder: Place, key: str) -> None:
        requests = holder.get(key)
        if requests is not None and requests.value:
            message = (
                f"the {key} are left out: they are requests that the service sends, and this is a client"
            )
            hint = "Generate your side of them from a document in which they are `paths`."
            self._workspace.warn("inexpressible", requests, message, hint, of_key=True)

    def _report_links(self, response: Place) -> None:
        links = response.get("links")
        if links is not None and links.value:
            message = "the links are left out: what an answer holds is not passed on to other operations"
            self._workspace.warn("inexpressible", links, message, "Pass it on yourself.", of_key=True)

    def _body(self, place: Place, hint: str) -> Body | None:
        """What ``content`` says: the first JSON media type, else a form, else the first of all."""
        content = place.get("content")
        media = dict(content.entries()) if content is not None else {}
        if not media:
            return None
        for entry in media.values():
            if entry.get("schema") is not None:
                self.media.append(entry)
        content_type = min(media, key=lambda name: (not is_json(name), _PREFERRED.index(content_kind(name))))
        schema = media[content_type].get("schema")
        if schema is None:
            return Body(content_type, None, None)
        return Body(content_type, self._schemas.type_of(schema, hint), self._bundler.copy(schema))

    def _others(self, request: Place | None, taken: Body | None) -> tuple[str, ...]:
        content = request.get("content") if request is not None else None
        if content is None or taken is None:
            return ()
        return tuple(name for name, _ in content.entries() if name != taken.content_type)

    def _headers(self, response: Place, *, required: bool) -> tuple[str, ...]:
        headers = response.get("headers")
        found: list[str] = []
        for name, entry in headers.entries() if headers else ():
            header = self._workspace.follow(entry)
            if header is not None and header.is_true("required") == required:
                found.append(name)
        return tuple(found)
