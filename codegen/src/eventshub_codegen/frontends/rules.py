"""The table of protocol rules: a list of mappings, one a rule."""

from __future__ import annotations

from ..ir.spec import Rule
from .validation import compile_schema, violations
from .workspace import Place, Workspace

_TEXT = {"type": "string", "minLength": 1}
_SHAPE = {
    "type": "array",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["id", "title", "statement", "guide", "level", "binds"],
        "properties": {
            "id": {"type": "string", "pattern": "^[A-Z][A-Z0-9]*-[0-9]+$"},
            "title": _TEXT,
            "statement": _TEXT,
            "guide": {"type": "array", "items": _TEXT},
            "level": {"enum": ["MUST", "SHOULD"]},
            "binds": {"enum": ["hub", "client", "both"]},
        },
    },
}


def read_rules(workspace: Workspace, document: Place) -> tuple[Rule, ...]:
    """Read the rules; none, and findings, if one of them has not the right shape."""
    found = list(violations(compile_schema(_SHAPE, draft=2020), document.value))
    for violation in found:
        at = Place(document.source, violation.pointer, None)
        workspace.report("rules-shape", at, violation.message, of_key=violation.names_key)
    if found:
        return ()
    rules: dict[str, Rule] = {}
    for entry in document.items():
        identifier = entry.text("id")
        if identifier in rules:
            workspace.report("rules-shape", entry.child("id"), f"the rule `{identifier}` is given twice")
        rules[identifier] = Rule(
            id=identifier,
            title=entry.text("title"),
            statement=entry.text("statement"),
            guide=entry.strings("guide"),
            level=entry.text("level"),
            binds=entry.text("binds"),
        )
    return tuple(rules.values())
