"""Postman collections (v2.0, v2.1), held against the endpoints."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from ..bundle import Json, as_object, is_list
from ..errors import UsageError
from .log import Log
from .lookup import Lookup
from .rules import COLLECTIONS
from .shapes import Shapes


def check_collection(file: str, source: str, log: Log) -> None:
    """Judge the requests of a collection that are meant for the hub.

    Raises:
        UsageError: It is no collection.
    """
    try:
        collection = as_object(json.loads(source))
    except ValueError as error:
        raise UsageError(f"--postman: {file} is no JSON: {error}") from error
    if collection is None or not is_list(collection.get("item")):
        raise UsageError(f"--postman: {file} is no Postman collection: it has no list `item`")
    position = 0
    for item in _items(collection):
        position = max(position, source.find(f'"{_escaped(item)}"', position))
        _check_item(file, source.count("\n", 0, position) + 1, item, log)


def _check_item(file: str, line: int, item: Mapping[str, Json], log: Log) -> None:
    lookup = Lookup(log.bundle)
    name = str(item.get("name", "a request"))
    request = as_object(item.get("request"))
    url = _url(request) if request is not None else ""
    path = _path(url)
    if request is None or not (lookup.endpoints(path) or lookup.is_meant(path)):
        return
    method = str(request.get("method", "GET"))
    fault = lookup.path_fault(method, path + ("?" + url.partition("?")[2] if "?" in url else ""))
    if fault:
        log.found(COLLECTIONS, file, line, f"{name}: {fault}", lookup.endpoints_shown)
        return
    endpoint = next(each for each in lookup.endpoints(path) if each.method.upper() == method.upper())
    faults: list[tuple[str, str]] = []
    body = as_object(request.get("body")) or {}
    raw = body.get("raw")
    if endpoint.request is not None:
        faults += _body_faults(raw, endpoint.request, log)
    for header in request.get("header") or ():
        fault = lookup.header_fault(str((as_object(header) or {}).get("key", "Accept")))
        faults += [(fault, "")] if fault else []
    shapes = Shapes(log.bundle)
    for response in item.get("response") or ():
        saved = as_object(response) or {}
        status = str(saved.get("code", ""))
        documented = endpoint.responses.get(status)
        if status and documented is None:
            answers = f"{method} {endpoint.path} answers {', '.join(endpoint.responses)}"
            faults.append((f"a saved response has status {status}", answers))
        elif documented is not None and documented.schema is not None:
            faults += _body_faults(saved.get("body"), documented.schema, log)
    if isinstance(raw, str) and endpoint.request is None and endpoint.websocket:
        shape = shapes.of(_json(raw))
        if shape is not None:
            faults += [(each, "") for each in log.bundle.violations(shape.schema, _json(raw))]
    for what, says in faults:
        log.found(COLLECTIONS, file, line, f"{name}: {what}", says)
    if not faults:
        log.held(COLLECTIONS, file, line)


def _body_faults(raw: Json, schema: Json, log: Log) -> list[tuple[str, str]]:
    if not isinstance(raw, str) or not raw.strip():
        return [("there is no body, and the spec wants one", "")]
    value = _json(raw)
    if value is None:
        return [(f"the body is no JSON: {raw[:80]}", "")]
    return [(f"the body breaks its schema {each}", "") for each in log.bundle.violations(schema, value)]


def _json(raw: str) -> Json:
    try:
        return json.loads(raw.replace("{{client_id}}", "00000000-0000-4000-8000-000000000000"))
    except ValueError:
        return None


def _items(folder: Mapping[str, Json]) -> Iterator[dict[str, Json]]:
    for each in folder.get("item") or ():
        item = as_object(each)
        if item is not None:
            if is_list(item.get("item")):
                yield from _items(item)
            else:
                yield item


def _url(request: Mapping[str, Json]) -> str:
    url = request.get("url")
    return str((as_object(url) or {}).get("raw", "")) if not isinstance(url, str) else url


def _path(url: str) -> str:
    """The path of ``{{baseUrl}}/v1/...?query`` or of a whole URL."""
    without_scheme = url.partition("?")[0].partition("://")
    rest = without_scheme[2] or without_scheme[0]
    return "/" + rest.partition("/")[2]


def _escaped(item: Mapping[str, Json]) -> str:
    return json.dumps(str(item.get("name", "")), ensure_ascii=False)[1:-1]
