"""Two versions of an OpenAPI document."""

from __future__ import annotations

import re
from dataclasses import replace

from ..frontends.workspace import Place
from ..ir.rest import Endpoint
from .changes import Changes
from .document import DocumentVersion
from .rule import Audience, Flow
from .security import compare_schemes, compare_security, endpoint_security
from .servers import compare_servers
from .shapes import Context, ShapeComparison

_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


def compare_endpoints(old: DocumentVersion, new: DocumentVersion, changes: Changes) -> None:
    """Report every change that a caller could notice."""
    _EndpointComparison(old, new, changes).run()


class _EndpointComparison:
    def __init__(self, old: DocumentVersion, new: DocumentVersion, changes: Changes) -> None:
        self._old = old
        self._new = new
        self._shapes = ShapeComparison(old, new, changes)

    def run(self) -> None:
        """Compare all of it. Endpoints are known by method and path; names in a path do not matter."""
        before = {_key(endpoint): endpoint for endpoint in self._old.spec.endpoints}
        after = {_key(endpoint): endpoint for endpoint in self._new.spec.endpoints}
        for key, endpoint in before.items():
            if key not in after:
                at, container = self._old.workspace.place_of(endpoint.origin), self._new.main.get("paths")
                what = f"`{_title(endpoint)}` is gone"
                self._shapes.add("endpoint-removed", what, _inward(endpoint), at, container or self._new.main)
        for key, endpoint in after.items():
            if key in before:
                self._compare(before[key], endpoint)
            else:
                at, container = self._new.workspace.place_of(endpoint.origin), self._old.main.get("paths")
                what = f"there is a new endpoint `{_title(endpoint)}`"
                self._shapes.add("endpoint-added", what, _inward(endpoint), container or self._old.main, at)
        compare_servers(self._shapes, self._old, self._new, Audience.CALLERS)
        compare_schemes(self._shapes, self._old, self._new, Audience.CALLERS)

    def _compare(self, before: Endpoint, after: Endpoint) -> None:
        old = self._old.workspace.place_of(before.origin)
        new = self._new.workspace.place_of(after.origin)
        context = _inward(after)
        was_called, is_called = old.text("operationId"), new.text("operationId")
        if was_called != is_called:
            what = f"the `operationId` was `{was_called}` and is `{is_called}`"
            at = old.get("operationId") or old, new.get("operationId") or new
            self._shapes.add("operation-id-changed", what, context, *at)
        self._compare_parameters(old, new, before, after)
        self._compare_requests(old, new, context)
        self._compare_responses(old, new, after)
        was, now = endpoint_security(self._old, old), endpoint_security(self._new, new)
        compare_security(self._shapes, was, now, context)

    def _compare_parameters(self, old: Place, new: Place, was: Endpoint, now: Endpoint) -> None:
        before, after = _parameters(self._old, old, was), _parameters(self._new, new, now)
        context = _inward(now)
        for key, place in before.items():
            if key not in after:
                what = f"the {_name(place)} is gone"
                container = new.get("parameters") or new
                self._shapes.add("parameter-removed", what, context, place, container)
        for key, place in after.items():
            if key in before:
                self._compare_parameter(before[key], place, context)
            elif place.is_true("required"):
                what = f"there is a new required {_name(place)}"
                container = old.get("parameters") or old
                self._shapes.add("required-parameter-added", what, context, container, place)
            else:
                what = f"there is a new {_name(place)}"
                container = old.get("parameters") or old
                self._shapes.add("parameter-added", what, context, container, place)

    def _compare_parameter(self, old: Place, new: Place, context: Context) -> None:
        was_required, is_required = old.is_true("required"), new.is_true("required")
        if was_required != is_required:
            rule, what = "parameter-became-optional", f"the {_name(new)} may be left out now"
            if is_required:
                rule, what = "parameter-became-required", f"the {_name(new)} must be there now"
            self._shapes.add(rule, what, context, old, new)
        was, now = _style(old), _style(new)
        if was != now:
            what = f"the {_name(new)} was written in the style {was} and is in {now}"
            self._shapes.add("parameter-style-changed", what, context, old, new)
        schemas = old.get("schema"), new.get("schema")
        if schemas[0] is not None and schemas[1] is not None:
            shapes = self._old.shape_of(schemas[0], "Parameter"), self._new.shape_of(schemas[1], "Parameter")
            self._shapes.compare(*shapes, context.inside(f" {_name(new)}"), schemas[0], schemas[1])

    def _compare_requests(self, old: Place, new: Place, context: Context) -> None:
        before, after = self._old.follow(old.get("requestBody")), self._new.follow(new.get("requestBody"))
        if before is not None and after is None:
            self._shapes.add("request-body-removed", "it takes no body any more", context, before, new)
            return
        if after is None:
            return
        is_required = after.is_true("required")
        if before is None:
            rule, what = "request-body-added", "it takes a body now"
            if is_required:
                rule, what = "request-body-became-required", "it demands a body now"
            self._shapes.add(rule, what, context, old, after)
            return
        if before.is_true("required") != is_required:
            rule, what = "request-body-became-optional", "the body may be left out now"
            if is_required:
                rule, what = "request-body-became-required", "the body must be there now"
            self._shapes.add(rule, what, context, before, after)
        self._compare_media(before, after, context.inside(" request"))

    def _compare_responses(self, old: Place, new: Place, endpoint: Endpoint) -> None:
        before, after = _children(old, "responses"), _children(new, "responses")
        context = Context(Flow.TO_CLIENT, Audience.CALLERS, _title(endpoint))
        listed = old.get("responses") or old, new.get("responses") or new
        for status, place in before.items():
            if status not in after:
                rule = "success-status-removed" if _is_success(status) else "error-status-removed"
                self._shapes.add(rule, f"it no longer answers with {status}", context, place, listed[1])
        for status, place in after.items():
            if status in before:
                self._compare_response(before[status], place, context.inside(f" {status}"))
                continue
            rule = "success-status-added" if _is_success(status) else "error-status-added"
            self._shapes.add(rule, f"it may answer with {status}", context, listed[0], place)

    def _compare_response(self, old: Place, new: Place, context: Context) -> None:
        before, after = self._old.follow(old), self._new.follow(new)
        if before is None or after is None:
            return
        was, now = _required_headers(self._old, before), _required_headers(self._new, after)
        for name, place in was.items():
            if name not in now:
                what = f"the header `{place.last}` may be missing now"
                self._shapes.add("response-header-removed", what, context, place, after)
        for name, place in now.items():
            if name not in was:
                what = f"the header `{place.last}` is always there now"
                self._shapes.add("response-header-added", what, context, before, place)
        contents = before.get("content"), after.get("content")
        if contents[0] is not None and contents[1] is None:
            self._shapes.add("response-body-removed", "the body is gone", context, before, after)
        elif contents[0] is None and contents[1] is not None:
            self._shapes.add("response-body-added", "there is a body now", context, before, after)
        else:
            self._compare_media(before, after, context)

    def _compare_media(self, old: Place, new: Place, context: Context) -> None:
        contents = old.get("content"), new.get("content")
        if contents[0] is None or contents[1] is None:
            return
        before, after = dict(contents[0].entries()), dict(contents[1].entries())
        for name, place in before.items():
            if name not in after:
                what = f"`{name}` is gone"
                self._shapes.add("media-type-removed", what, context, place, contents[1])
        for name, place in after.items():
            if name not in before:
                self._shapes.add("media-type-added", f"`{name}` is new", context, contents[0], place)
                continue
            schemas = before[name].get("schema"), place.get("schema")
            if schemas[0] is not None and schemas[1] is not None:
                shapes = self._old.shape_of(schemas[0], "Body"), self._new.shape_of(schemas[1], "Body")
                self._shapes.compare(*shapes, context, schemas[0], schemas[1])


def _parameters(
    version: DocumentVersion, operation: Place, endpoint: Endpoint
) -> dict[tuple[str, str], Place]:
    """Those of the operation and of its path, by where they are and what they are called."""
    names = re.findall(r"\{([^}]*)\}", endpoint.path)
    item = version.workspace.place_of(replace(endpoint.origin, pointer=endpoint.origin.pointer[:-1]))
    found: dict[tuple[str, str], Place] = {}
    for holder in (item, operation):
        listed = holder.get("parameters")
        for entry in listed.items() if listed is not None else ():
            place = version.follow(entry)
            if place is None:
                continue
            where, name = place.text("in"), place.text("name")
            # In a path the position counts; in HTTP the case of a header's name does not.
            if where == "path" and name in names:
                name = str(names.index(name))
            found[where, name.lower() if where == "header" else name] = place
    return found


def _children(place: Place, key: str) -> dict[str, Place]:
    found = place.get(key)
    return dict(found.entries()) if found is not None else {}


def _required_headers(version: DocumentVersion, response: Place) -> dict[str, Place]:
    headers = response.get("headers")
    return {
        name.lower(): entry
        for name, entry in (headers.entries() if headers is not None else ())
        if (header := version.follow(entry)) is not None and header.is_true("required")
    }


def _style(parameter: Place) -> str:
    style = parameter.text("style") or _STYLES.get(parameter.text("in"), "")
    explode = parameter.get("explode")
    is_exploded = explode.value is True if explode is not None else style == "form"
    return f"`{style}`{', exploded' if is_exploded else ''}"


def _name(parameter: Place) -> str:
    return f"{parameter.text('in')} parameter `{parameter.text('name')}`"


def _is_success(status: str) -> bool:
    return status[:1] in {"1", "2", "3"}


def _key(endpoint: Endpoint) -> tuple[str, str]:
    return endpoint.method, re.sub(r"\{[^}]*\}", "{}", endpoint.path)


def _title(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


def _inward(endpoint: Endpoint) -> Context:
    return Context(Flow.TO_HUB, Audience.CALLERS, _title(endpoint))
