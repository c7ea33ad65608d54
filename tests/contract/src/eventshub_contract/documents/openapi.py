"""A service's own OpenAPI or Swagger document, held against our spec."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from ..bundle import Endpoint, Json, as_object, is_list
from ..errors import UsageError
from ..schemas import Schemas
from .log import Log
from .lookup import Lookup
from .rules import SERVICE_DOCUMENTS


def check_service_document(file: str, source: str, log: Log) -> None:
    """Judge the endpoints of a document that are the hub's; what else the service has is its own affair.

    Raises:
        UsageError: It is no OpenAPI document, or YAML without a library that reads it.
    """
    document = _Document(file, source)
    lookup = Lookup(log.bundle)
    found: set[str] = set()
    for path, item in document.paths.items():
        endpoints = lookup.endpoints(path)
        if not endpoints:
            if lookup.is_meant(path):
                line = document.line_of(path)
                log.found(SERVICE_DOCUMENTS, file, line, f"there is no path {path}", lookup.endpoints_shown)
            continue
        for endpoint in endpoints:
            operation = as_object(item.get(endpoint.method.lower()))
            if operation is None:
                continue
            found.add(endpoint.operation_id)
            _check_operation(document, path, endpoint, operation, log)
        methods = item.keys() & {"get", "put", "post", "delete", "patch", "head", "options"}
        for method in sorted(methods - {each.method.lower() for each in endpoints}):
            line = document.line_of(path, method)
            says = lookup.endpoints_shown
            log.found(SERVICE_DOCUMENTS, file, line, f"{path} has no method {method.upper()}", says)
    for endpoint in log.bundle.rest:
        if endpoint.operation_id not in found and endpoint.path.startswith(lookup.prefix):
            what = f"{endpoint.method.upper()} {endpoint.path} is not documented"
            log.found(SERVICE_DOCUMENTS, file, 1, what, lookup.endpoints_shown)


class _Document:
    """A document with its references followed."""

    def __init__(self, file: str, source: str) -> None:
        self._source = source
        self._files: dict[Path, Json] = {}
        value = as_object(self._loaded(Path(file), source))
        if value is None or not ("openapi" in value or "swagger" in value) or "paths" not in value:
            raise UsageError(f"--openapi: {file} is no OpenAPI or Swagger document")
        self.file = file
        base = str(value.get("basePath", "")).rstrip("/")
        self.paths: Mapping[str, dict[str, Json]] = {
            f"{base}{path}": as_object(item) or {} for path, item in (as_object(value["paths"]) or {}).items()
        }

    def line_of(self, *steps: str) -> int:
        """The line of a key within another."""
        position = 0
        for step in steps:
            match = re.search(
                rf"^\s*[\"']?{re.escape(step)}[\"']?\s*:", self._source[position:], re.MULTILINE
            )
            if match is None:
                break
            position += match.end()
        return self._source.count("\n", 0, position) + 1

    def resolved(self, node: Json) -> dict[str, Json]:
        """An object, a reference followed, into another file too.

        Raises:
            UsageError: The other file cannot be read.
        """
        value = as_object(node) or {}
        reference = value.get("$ref")
        if not isinstance(reference, str) or "#" not in reference:
            return value
        name, _, pointer = reference.partition("#")
        target = self._files.get(Path(name)) or self._read(Path(name))
        for step in pointer.strip("/").split("/"):
            target = (as_object(target) or {}).get(step.replace("~1", "/").replace("~0", "~"))
        return self.resolved(target)

    def _read(self, path: Path) -> Json:
        try:
            return self._loaded(path, path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"--openapi: {self.file} refers to {path}, which cannot be read") from error

    def _loaded(self, path: Path, source: str) -> Json:
        self._files[path] = _with_whole_references(_parsed(path.as_posix(), source), path)
        return self._files[path]

    def properties(self, schema: Json) -> dict[str, Json]:
        """The properties of an object's schema."""
        node = self.resolved(schema)
        found: dict[str, Json] = {}
        for part in node.get("allOf") or ():
            found |= self.properties(part)
        return found | (as_object(node.get("properties")) or {})

    def response_schema(self, response: Json) -> Json:
        """The schema of a response, of either version."""
        value = self.resolved(response)
        media = as_object(value.get("content")) or {}
        bodies = [as_object(body) or {} for body in (media.get("application/json"), *media.values())]
        return value.get("schema") or next((body["schema"] for body in bodies if "schema" in body), None)

    def request_schema(self, operation: Mapping[str, Json]) -> Json:
        """The schema of a request's body, of either version."""
        for each in operation.get("parameters") or ():
            parameter = self.resolved(each)
            if parameter.get("in") == "body":
                return parameter.get("schema")
        return self.response_schema(operation.get("requestBody"))


def _check_operation(
    document: _Document, path: str, endpoint: Endpoint, operation: Mapping[str, Json], log: Log
) -> None:
    method, shown = endpoint.method.lower(), f"{endpoint.method.upper()} {endpoint.path}"
    short = path if document.line_of(path) > 1 else endpoint.path
    faults: list[tuple[int, str, str]] = []
    responses = as_object(operation.get("responses")) or {}
    answers = f"{shown} answers {', '.join(endpoint.responses)}"
    for status, response in responses.items():
        if status == "default" or "default" in endpoint.responses:
            continue
        documented = endpoint.responses.get(str(status))
        line = document.line_of(short, method, str(status))
        if documented is None:
            faults.append((line, f"{shown} does not answer {status}", answers))
            continue
        log.traffic.of(document.file).response(endpoint, int(status))
        theirs = document.response_schema(response)
        faults += _field_faults(document, theirs, documented.schema, line, f"{shown} {status}", log)
    missing = [status for status in endpoint.responses if status not in {str(key) for key in responses}]
    if missing and "default" not in responses:
        line = document.line_of(short, method)
        faults.append((line, f"{shown}: {', '.join(missing)} is not documented", answers))
    if endpoint.request is not None:
        line = document.line_of(short, method)
        theirs = document.request_schema(operation)
        faults += _field_faults(document, theirs, endpoint.request, line, f"the request {shown}", log)
    for line, what, says in faults:
        log.found(SERVICE_DOCUMENTS, document.file, line, what, says)
    if not faults:
        log.held(SERVICE_DOCUMENTS, document.file, document.line_of(short, method))


def _field_faults(
    document: _Document, theirs: Json, ours: Json, line: int, where: str, log: Log
) -> list[tuple[int, str, str]]:
    if ours is None or (as_object(ours) or {}).get("type") == "array":
        return []
    schemas = Schemas(log.bundle)
    known, documented = schemas.properties(ours), document.properties(theirs)
    says = f"{where} has {', '.join(known)}"
    if not documented:
        return [(line, f"{where}: no fields are documented", says)]
    faults = [(line, f"{where}: there is no field {name}", says) for name in documented if name not in known]
    required = schemas.required(ours)
    faults += [
        (line, f"{where}: the field {name} is not documented", says)
        for name in known
        if name not in documented and name in required
    ]
    for name in known.keys() & documented.keys():
        our_type = (as_object(schemas.resolved(known[name])) or {}).get("type")
        their_type = document.resolved(documented[name]).get("type")
        if isinstance(our_type, str) and isinstance(their_type, str) and our_type != their_type:
            faults.append((line, f"{where}: {name} is {our_type}, not {their_type}", says))
    return faults


def _with_whole_references(node: Json, path: Path) -> Json:
    """The same value, in which every reference names its file."""
    if is_list(node):
        return [_with_whole_references(each, path) for each in node]
    value = as_object(node)
    if value is None:
        return node
    reference = value.get("$ref")
    if isinstance(reference, str):
        name, _, pointer = reference.partition("#")
        return {"$ref": f"{(path.parent / name) if name else path}#{pointer}"}
    return {str(key): _with_whole_references(each, path) for key, each in value.items()}


def _parsed(file: str, source: str) -> Json:
    try:
        return json.loads(source)
    except ValueError as error:
        if source.lstrip().startswith("{"):
            raise UsageError(f"--openapi: {file} is no JSON: {error}") from error
    try:
        import yaml
    except ImportError as error:
        raise UsageError(
            f"--openapi: {file} is no JSON; for YAML: pip install 'eventshub-contract[yaml]'"
        ) from error
    try:
        value = yaml.safe_load(source)
    except yaml.YAMLError as error:
        raise UsageError(f"--openapi: {file} is no YAML: {error}") from error
    return value if not is_list(value) else None
