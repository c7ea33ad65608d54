"""Examples against the schemas that they are examples of."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..findings import Severity
from ..ir.json_values import is_array, is_object
from ..ir.types import JsonSchema
from .bundling import SchemaBundler
from .validation import SchemaTable, SchemaValidator, Violation, reachable, violations
from .workspace import Place, Workspace

RULE = "example-invalid"
_KEPT = 8


class ExampleChecker:
    """Checks examples; each schema is compiled once."""

    def __init__(
        self, workspace: Workspace, bundler: SchemaBundler, *, draft: int, is_fatal: bool = True
    ) -> None:
        """``draft`` is 7 or 2020; ``is_fatal`` makes a wrong example inside of a document an error."""
        self._workspace = workspace
        self._severity = Severity.ERROR if is_fatal else Severity.WARNING
        self._bundler = bundler
        self._table = SchemaTable(bundler.schemas, draft=draft)
        self._validators: dict[str, SchemaValidator | None] = {}

    def check_messages(
        self, places: Mapping[str, Place], variants: Mapping[str, list[str]]
    ) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
        """Check the examples that stand beside messages in the document.

        Args:
            places: The messages.
            variants: Those that stand for a message which is one of several objects; they get its examples.

        Returns:
            The payloads of those that fit, by name of message, and nothing that does not.
        """
        valid: dict[str, list[Any]] = {}
        standing_in = {name for names in variants.values() for name in names}
        for name, place in places.items():
            examples = place.get("examples") if name not in standing_in else None
            for example in examples.items() if examples else ():
                payload = example.get("payload")
                if payload is not None and self._check(payload, self._validator_of(name), f"`{name}`"):
                    valid.setdefault(name, []).append(payload.value)
        self._distribute(valid, variants)
        return valid, {}

    def check_media(self, places: Iterable[Place]) -> None:
        """Check the examples of media types of requests and responses."""
        for media in places:
            schema = media.get("schema")
            examples = list(self._media_examples(media))
            if schema is not None and examples:
                validator = self._compile(schema, self._bundler.copy(schema))
                for example in examples:
                    self._check(example, validator, "its schema")

    def check_schemas(self) -> None:
        """Check the examples inside of schemas."""
        for place in list(self._bundler.places.values()):
            self._check_schema(place)

    def check_files(
        self, folder: Path, names: Iterable[str], variants: Mapping[str, list[str]]
    ) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
        """Check ``valid/<message>/*.json``, which must fit, and ``invalid/<message>/*.json``, which must not.

        Returns:
            The valid ones of each message and the invalid ones, both by file name.
        """
        known = set(names)
        valid: dict[str, list[Any]] = {}
        invalid: dict[str, list[Any]] = {}
        for kind in ("valid", "invalid"):
            for path in sorted((folder / kind).glob("*/*.json")):
                source = self._workspace.open(path)
                if source is None:
                    continue
                place, name = Place(source, (), source.value), path.parent.name
                if name not in known:
                    message = f"there is no message `{name}`, after which this folder is named"
                    self._workspace.report("example-of-nothing", place, message)
                    continue
                validator = self._validator_of(name)
                if kind == "valid":
                    valid.setdefault(name, []).append(source.value)
                    self._check(place, validator, f"`{name}`", Severity.ERROR)
                    continue
                invalid.setdefault(name, []).append(source.value)
                if validator is not None and validator.is_valid(source.value):
                    message = f"this is an example of what `{name}` is not, but its schema allows it"
                    hint = "" if self._is_whole(name) else "Mend the dangling reference first."
                    self._workspace.report("example-accepted", place, message, hint)
        self._distribute(valid, variants)
        return valid, invalid

    def _distribute(self, valid: dict[str, list[Any]], variants: Mapping[str, list[str]]) -> None:
        for whole, names in variants.items():
            for name in names:
                validator = self._validator_of(name)
                if validator is not None:
                    valid[name] = [value for value in valid.get(whole, []) if validator.is_valid(value)]

    def _check_schema(self, place: Place) -> None:
        if place.reference is not None or not is_object(place.value):
            return
        examples = place.get("examples")
        single = place.get("example")
        found = [*(examples.items() if examples else ()), *([single] if single else ())]
        if found:
            validator = self._compile(place, self._bundler.copy(place))
            for example in found:
                self._check(example, validator, "its schema")
        for key, child in place.entries():
            if key in {"properties", "patternProperties"}:
                for _, schema in child.entries():
                    self._check_schema(schema)
            elif key in {"allOf", "anyOf", "oneOf", "prefixItems"}:
                for schema in child.items():
                    self._check_schema(schema)
            elif key in {"items", "additionalProperties"}:
                self._check_schema(child)

    def _media_examples(self, media: Place) -> Iterator[Place]:
        single = media.get("example")
        if single is not None:
            yield single
        examples = media.get("examples")
        for _, entry in examples.entries() if examples else ():
            example = self._workspace.follow(entry)
            value = example.get("value") if example is not None else None
            if value is not None:
                yield value

    def _is_whole(self, name: str) -> bool:
        """Whether nothing is missing that a dangling reference should have brought."""
        parts = reachable({"$ref": f"#/$defs/{name}"}, self._bundler.schemas)
        return self._bundler.incomplete.isdisjoint(parts)

    def _validator_of(self, name: str) -> SchemaValidator | None:
        if name not in self._validators:
            # Examples of one message come one after the other: more than a few would only take room.
            while len(self._validators) >= _KEPT:
                del self._validators[next(iter(self._validators))]
            place = self._bundler.places.get(name)
            self._validators[name] = (
                self._compile(place, {"$ref": f"#/$defs/{name}"}) if place is not None else None
            )
        return self._validators[name]

    def _compile(self, place: Place, schema: JsonSchema) -> SchemaValidator | None:
        try:
            return self._table.validator(schema)
        except ValueError as error:
            message = f"this schema cannot be used: {_reason(error)}"
            self._workspace.report("meta-schema", place, message)
            return None

    def _check(
        self,
        example: Place,
        validator: SchemaValidator | None,
        of: str,
        severity: Severity | None = None,
    ) -> bool:
        """Report what is wrong with an example; say whether nothing is."""
        wrong = list(violations(validator, example.value)) if validator is not None else []
        for found in wrong:
            self._report(example, found, of, severity or self._severity)
        return not wrong

    def _report(self, example: Place, found: Violation, of: str, severity: Severity) -> None:
        at = Place(example.source, (*example.pointer, *found.pointer), None)
        where = ".".join(map(str, found.pointer))
        told = f"`{where}`: {found.message}" if where and not found.names_key else found.message
        message = f"the example does not fit {of}: {told}"
        is_quoted = found.keyword == "type" and isinstance(example.value, str) and _is_json(example.value)
        hint = "It is text that holds JSON: write it as the value itself." if is_quoted else ""
        self._workspace.report(RULE, at, message, hint, of_key=found.names_key, severity=severity)


def _is_json(text: str) -> bool:
    try:
        value: object = json.loads(text)
    except ValueError:
        return False
    return is_object(value) or is_array(value)


def _reason(error: ValueError) -> str:
    """The first line of what the library says: the rest names the meta-schema."""
    return str(error).strip().partition("\n")[0][:120]
