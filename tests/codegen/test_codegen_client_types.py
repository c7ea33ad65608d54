"""A twenty-line document in, classes out that decode what the document allows and refuse the rest."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from tests.codegen.project import Generated, Project
from tests.codegen.test_codegen_stream import chat


def body(project: Project, schema: dict[str, Any], schemas: dict[str, Any] | None = None) -> Generated:
    """Generate a client for a message whose body has one property ``value`` of a schema."""
    project.write_stream({"type": "object", "required": ["value"], "properties": {"value": schema}}, schemas)
    return project.generate()


def value(generated: Generated, data: Any) -> Any:
    """What ``value`` is decoded to."""
    return generated.decode("Posted", {"kind": "posted", "body": {"value": data}}).body.value


@pytest.mark.parametrize(
    ("schema", "good", "decoded", "bad"),
    [
        ({"type": "string"}, "text", "text", 1),
        ({"type": "string", "format": "uuid"}, "no UUID is fine", "no UUID is fine", 1),
        (
            {"type": "string", "format": "date-time"},
            "2026-01-02T03:04:05Z",
            datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
            "soon",
        ),
        (
            {"type": "string", "format": "date-time"},
            "2026-01-02T03:04:05Z",
            datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
            "2026-01-02T03:04:05",
        ),
        ({"type": "string", "minLength": 1, "maxLength": 2}, "ab", "ab", ""),
        ({"type": "string", "maxLength": 2}, "", "", "abc"),
        ({"type": ["string", "null"], "minLength": 1}, None, None, ""),
        ({"type": "integer", "minimum": 0}, 0, 0, -1),
        ({"type": "integer", "exclusiveMaximum": 10}, 9, 9, 10),
        ({"type": "number", "multipleOf": 0.5}, 1.5, 1.5, 1.3),
        ({"type": "array", "minItems": 1, "items": {"type": "integer"}}, [1], (1,), []),
        ({"type": "integer"}, 3, 3, "3"),
        ({"type": "number"}, 1.5, 1.5, "1.5"),
        ({"type": "boolean"}, True, True, "true"),
        ({"type": ["string", "null"]}, None, None, 1),
        ({"type": "string", "nullable": True}, None, None, 1),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, None, None, "x"),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, 7, 7, 1.5),
        (
            {"oneOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "string"}]},
            [1, 2],
            (1, 2),
            [None],
        ),
        ({"type": "array", "items": {"type": "string"}}, ["a", "b"], ("a", "b"), ["a", 1]),
        ({"type": "array"}, [1, "b"], (1, "b"), {}),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {"a": 1}, {"a": 1}, {"a": "b"}),
        ({"type": "object"}, {"a": [1]}, {"a": [1]}, []),
        ({"const": "fixed"}, "fixed", "fixed", "other"),
        ({"const": 3}, 3, 3, 4),
        ({"enum": ["only"]}, "only", "only", "other"),
        ({"enum": ["a", "b"]}, "newer", "newer", 1),
        ({"enum": ["a", "b", None]}, None, None, 1),
        ({"enum": [1, 2]}, 3, 3, "x"),
        ({"anyOf": [{"enum": ["a", "b"]}, {"type": "string"}]}, "newer", "newer", 1),
        ({"allOf": [{"type": "string"}, {"description": "a string with a comment"}]}, "x", "x", 1),
    ],
)
def test_a_schema_becomes_a_type(
    project: Project, schema: dict[str, Any], good: Any, decoded: Any, bad: Any
) -> None:
    generated = body(project, schema)
    assert value(generated, good) == decoded
    with pytest.raises(msgspec.ValidationError, match=r"\$\.body\.value"):
        value(generated, bad)


def test_absent_and_null_are_different(project: Project) -> None:
    project.write_stream({"type": "object", "properties": {"note": {"type": ["string", "null"]}}})
    generated = project.generate()
    absent = generated.decode("Posted", {"kind": "posted", "body": {}})
    null = generated.decode("Posted", {"kind": "posted", "body": {"note": None}})
    assert absent.body.note is msgspec.UNSET
    assert null.body.note is None
    assert msgspec.json.encode(absent.body) == b"{}"
    assert msgspec.json.encode(null.body) == b'{"note":null}'


def test_an_enum_knows_which_values_the_document_lists(project: Project) -> None:
    generated = body(
        project, {"$ref": "#/components/schemas/Mood"}, {"Mood": {"enum": ["calm", "angry-ish", "2nd", ""]}}
    )
    assert [member.name for member in generated.models.Mood] == ["CALM", "ANGRY_ISH", "VALUE_2ND", "VALUE"]
    assert value(generated, "calm") is generated.models.Mood.CALM
    assert value(generated, "calm").is_known
    assert not value(generated, "elated").is_known


def test_a_named_schema_becomes_one_class_wherever_it_is_used(project: Project) -> None:
    author = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
    schema = {"type": "array", "items": {"$ref": "#/components/schemas/Author"}}
    generated = body(project, schema, {"Author": author})
    assert value(generated, [{"name": "Ada"}]) == (generated.models.Author(name="Ada"),)
    assert generated.text("models.py").count("class Author(") == 1


def test_an_inline_object_is_named_after_where_it_is(project: Project) -> None:
    generated = body(
        project, {"type": "array", "items": {"type": "object", "properties": {"size": {"type": "integer"}}}}
    )
    assert value(generated, [{"size": 1}]) == (generated.models.PostedBodyValueItem(size=1),)


def test_a_recursive_schema_becomes_a_recursive_class(project: Project) -> None:
    children = {"type": "array", "items": {"$ref": "#/components/schemas/Node"}}
    properties = {"name": {"type": "string"}, "children": children}
    node = {"type": "object", "required": ["name"], "properties": properties}
    generated = body(project, {"$ref": "#/components/schemas/Node"}, {"Node": node})
    tree = value(generated, {"name": "a", "children": [{"name": "b", "children": []}]})
    assert tree.children[0].name == "b"
    with pytest.raises(msgspec.ValidationError, match=r"\$\.body\.value\.children\[0\]\.name"):
        value(generated, {"name": "a", "children": [{"name": 1}]})


def test_two_schemas_that_need_each_other(project: Project) -> None:
    ref = "#/components/schemas/"
    schemas = {
        "Parent": {"type": "object", "properties": {"child": {"$ref": f"{ref}Child"}}},
        "Child": {
            "type": "object",
            "properties": {"parent": {"anyOf": [{"$ref": f"{ref}Parent"}, {"type": "null"}]}},
        },
    }
    generated = body(project, {"$ref": f"{ref}Parent"}, schemas)
    assert value(generated, {"child": {"parent": {"child": {}}}}).child.parent.child.parent is msgspec.UNSET


def test_an_open_object_keeps_unlisted_keys(project: Project) -> None:
    machine = {
        "type": "object",
        "additionalProperties": True,
        "properties": {"Home path": {"type": "string"}},
    }
    generated = body(project, {"$ref": "#/components/schemas/Machine"}, {"Machine": machine})
    found = value(generated, {"Home path": "/home", "Boot order": ["disk"]})
    assert found.known.home_path == "/home"
    assert found["Boot order"] == ["disk"]
    with pytest.raises(msgspec.ValidationError, match=r"\$\.body\.value"):
        value(generated, {"Home path": 1})


def test_a_hub_puts_what_it_likes_into_an_open_object(project: Project) -> None:
    document = chat()
    machine = {"type": "object", "additionalProperties": True, "properties": {"name": {"type": "string"}}}
    document["components"]["schemas"] = {"Machine": machine}
    document["components"]["messages"]["Moved"]["payload"]["properties"]["body"] = {
        "$ref": "#/components/schemas/Machine"
    }
    project.write("asyncapi.yaml", document)
    generated = project.generate("python-hub")
    moved = generated.messages.Moved(body={"name": "box", "Home path": "/home"})
    assert msgspec.to_builtins(moved)["body"] == {"name": "box", "Home path": "/home"}
    assert "body: dict[str, Any] | UnsetType" in generated.text("messages.py")
    assert not hasattr(generated.models, "Machine")


def test_a_closed_object_ignores_unlisted_keys(project: Project) -> None:
    generated = body(
        project, {"type": "object", "additionalProperties": False, "properties": {"a": {"type": "integer"}}}
    )
    assert value(generated, {"a": 1, "b": 2}).a == 1


def test_all_of_one_reference_and_more_properties_is_inheritance(project: Project) -> None:
    base = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "string"}, "kind": {"type": "string"}},
    }
    properties = {"kind": {"const": "special"}, "size": {"type": "integer"}}
    more = {"type": "object", "required": ["kind"], "properties": properties}
    extended = {"allOf": [{"$ref": "#/components/schemas/Base"}, more]}
    generated = body(project, {"$ref": "#/components/schemas/Special"}, {"Base": base, "Special": extended})
    assert issubclass(generated.models.Special, generated.models.Base)
    assert generated.models.Special(id="1").kind == "special"
    with pytest.raises(msgspec.ValidationError, match=r"\$\.body\.value\.kind"):
        value(generated, {"id": "1", "kind": "ordinary"})


def test_all_of_what_contradicts_its_base_is_flattened(project: Project) -> None:
    base = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
    other = {
        "allOf": [
            {"$ref": "#/components/schemas/Base"},
            {"type": "object", "properties": {"id": {"type": "integer"}}},
        ]
    }
    generated = body(project, {"$ref": "#/components/schemas/Other"}, {"Base": base, "Other": other})
    assert not hasattr(generated.models, "Base")
    assert value(generated, {"id": 3}).id == 3


def test_all_of_two_references_is_flattened(project: Project) -> None:
    schemas = {
        "A": {"type": "object", "properties": {"a": {"type": "integer"}}},
        "B": {"type": "object", "properties": {"b": {"type": "integer"}}},
        "Both": {"allOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}]},
    }
    generated = body(project, {"$ref": "#/components/schemas/Both"}, schemas)
    found = value(generated, {"a": 1, "b": 2})
    assert (found.a, found.b) == (1, 2)


def test_names_that_python_does_not_allow(project: Project) -> None:
    keys = [
        "class",
        "client-id",
        "Home path",
        "2fa",
        "a.b",
        "str",
        "field",
        "datetime",
        "homePath",
        "ID",
        "id",
        "日本",
        "__",
    ]
    text = {"type": "string"}
    schema = {"type": "object", "properties": dict.fromkeys(keys, text)}
    generated = body(project, schema)
    found = value(generated, {key: key for key in keys})
    expected = "class_ client_id home_path field_2fa a_b str_ field_ datetime_ home_path_2 id_2 id 日本 field"
    names = expected.split()
    assert [getattr(found, name) for name in names[:12]] == keys[:12]
    assert msgspec.json.decode(msgspec.json.encode(found)) == {key: key for key in keys}


def test_a_name_that_the_document_gives(project: Project) -> None:
    generated = body(project, {"type": "object", "properties": {"x1": {"type": "string", "x-name": "width"}}})
    assert value(generated, {"x1": "wide"}).width == "wide"


def test_class_names_that_would_hide_what_the_module_needs(project: Project) -> None:
    item = {"type": "object", "properties": {"a": {"type": "integer"}}}
    schemas: dict[str, Any] = dict.fromkeys(("Struct", "Any", "Message", "UnknownEvent"), item)
    schema = {
        "type": "object",
        "properties": {name: {"$ref": f"#/components/schemas/{name}"} for name in schemas},
    }
    generated = body(project, schema, schemas)
    assert value(generated, {"Any": {"a": 1}}).any == generated.models.Any_(a=1)


def test_messages_whose_fields_would_hide_what_every_message_has(project: Project) -> None:
    project.write_stream({"type": "string"})
    document = (
        (project.folder / "asyncapi.yaml")
        .read_text()
        .replace("body:", "payload:", 1)
        .replace("- body", "- payload")
    )
    project.write("asyncapi.yaml", document.replace("  body:", "  payload:"))
    generated = project.generate()
    message = generated.decode("Posted", {"kind": "posted", "payload": "text"})
    assert message.payload_ == "text"


def test_two_schemas_of_one_name_in_two_files(project: Project) -> None:
    project.write("a.yaml", {"Size": {"type": "object", "properties": {"width": {"type": "integer"}}}})
    project.write("b.yaml", {"Size": {"type": "object", "properties": {"height": {"type": "integer"}}}})
    generated = body(
        project,
        {"type": "object", "properties": {"a": {"$ref": "a.yaml#/Size"}, "b": {"$ref": "b.yaml#/Size"}}},
    )
    found = value(generated, {"a": {"width": 1}, "b": {"height": 2}})
    assert (type(found.a).__name__, type(found.b).__name__) == ("Size", "Size2")


@pytest.mark.parametrize(
    "schema",
    [
        {"oneOf": [{"type": "object", "properties": {"a": {"type": "string"}}},
                   {"type": "object", "properties": {"b": {"type": "string"}}}]},
        {"type": "object", "patternProperties": {"^x-": {"type": "string"}}},
        {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]},
        {"const": {"a": 1}},
        {"const": True},
        {"enum": [1.5, 2.5]},
    ],
)  # fmt: skip
def test_what_cannot_be_expressed_is_said(project: Project, schema: dict[str, Any]) -> None:
    project.write_stream({"type": "object", "required": ["value"], "properties": {"value": schema}})
    found = [
        entry for entry in project.findings("python-client", "python-hub") if entry.rule == "inexpressible"
    ]
    assert found, "a warning"
    assert {(entry.severity, entry.file) for entry in found} == {("warning", "asyncapi.yaml")}
    project.generate()


def test_text_from_the_document_cannot_become_code(project: Project) -> None:
    evil = '"""\nimport os\n"""\\N{DASH} \\" {{ 7 * 7 }} \u202e`code`'
    schema = {"type": "string", "description": evil}
    project.write_stream(
        {"type": "object", "description": evil, "properties": {'"""\nx = 1\n': schema, "{{ y }}": schema}}
    )
    assert [found.rule for found in project.findings("python-client")] == ["inexpressible"], (
        "of the key with quotes"
    )
    generated = project.generate()
    found = generated.decode("Posted", {"kind": "posted", "body": {"{{ y }}": "b"}})
    assert found.body.y == "b"
    assert not hasattr(generated.models, "os")
    assert '\\"\\"\\"' in generated.text("models.py")
    assert "{{ 7 * 7 }}" in (generated.models.PostedBody.__doc__ or "")
