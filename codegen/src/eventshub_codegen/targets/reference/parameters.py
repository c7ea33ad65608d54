"""Parameters as tables."""

from __future__ import annotations

import json
from typing import Any

from ...ir.documentation import Parameter
from .account import Property
from .schemas import SchemaTables


def parameter_rows(
    parameters: tuple[Parameter, ...], tables: SchemaTables, *, says_where: bool = True
) -> tuple[Property, ...]:
    """Parameters as a table of properties; where they go is told unless it is plain."""
    return tuple(
        Property(
            name=parameter.name,
            kind=tables.kind(parameter.schema),
            is_required=parameter.is_required,
            notes=(
                *(((f"in the {parameter.place}", ""),) if says_where else ()),
                *tables.notes(parameter.schema),
                *((("for example", _plain(parameter.examples[0])),) if parameter.examples else ()),
            ),
            description=parameter.description,
        )
        for parameter in parameters
    )


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
