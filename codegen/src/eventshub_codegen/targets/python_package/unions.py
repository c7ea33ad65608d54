"""Classes of unions, ready to be laid out."""

from __future__ import annotations

from collections.abc import Mapping

from ...ir.origin import Origin
from ...ir.types import Declaration
from ..python.annotations import Used
from ..python.classes import ClassBuilder, ClassView, Member
from ..python.text import quote
from ..python.union_classes import demands, tags_of

_NOWHERE = Origin("", ())


def union_views(
    builder: ClassBuilder, declarations: Mapping[str, Declaration], used: Used
) -> list[ClassView]:
    """All classes of unions; to write one may bring another."""
    found: dict[str, ClassView] = {}
    registry = builder.unions
    while registry is not None and (waiting := [entry for entry in registry.take() if entry[0] not in found]):
        for name, union in waiting:
            used.imports |= {("typing", "Any"), ("eventshub.runtime", "OneOf")}
            ordered = sorted(union.options, key=lambda kind: demands(kind, declarations), reverse=True)
            written = [builder.writer.write(kind, used, _NOWHERE) for kind in ordered]
            members = [
                Member("__slots__ = ()"),
                Member(
                    "@classmethod\n    def options(cls) -> tuple[Any, ...]:\n"
                    f"        return ({', '.join(written)},)"
                ),
            ]
            tag, tagged = tags_of(union, declarations)
            if tag:
                used.imports.add(("collections.abc", "Mapping"))
                pairs = ", ".join(
                    f"{quote(value)}: {builder.writer.write(kind, used, _NOWHERE)}" for value, kind in tagged
                )
                members += [
                    Member(f"tag = {quote(tag)}"),
                    Member(
                        f"@classmethod\n    def tagged(cls) -> Mapping[Any, Any]:\n        return {{{pairs}}}"
                    ),
                ]
            doc = "One of several types; `value` holds it."
            if tag:
                doc = f"One of several types, which `{tag}` names; `value` holds it."
            base = f"OneOf[{quote(' | '.join(dict.fromkeys(written)))}]"
            found[name] = ClassView(name, base, doc, tuple(members))
    return list(found.values())
