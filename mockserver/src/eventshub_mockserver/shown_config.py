"""A configuration as TOML, to look at or to begin a file with; secrets are not in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

from .config_file import ConfigFile
from .core.credentials import ApiKey, Token
from .serve_options import SECRETS, ServeOptions, values_of

_MASK: Final = "***"


def shown(options: ServeOptions, file: ConfigFile | None) -> str:
    """Every option with its value, wherever that came from.

    Secrets that the file refers to are shown as these references, others as ``***``.
    """
    content: Mapping[str, Any] = {} if file is None else file.content
    lines = [_line(name, value, content) for name, value in values_of(options).items()]
    for credential in options.credentials:
        lines += ["", *_table(credential, content)]
    return "\n".join(lines) + "\n"


def _line(name: str, value: object, content: Mapping[str, Any]) -> str:
    if value is None:
        return f"# {name} ="
    if name in SECRETS:
        shown_value = _toml(content[name]) if name in content else _toml(_MASK)
        return f"{'' if name in content else '# '}{name} = {shown_value}"
    return f"{name} = {_toml(value)}"


def _table(credential: Token | ApiKey, content: Mapping[str, Any]) -> list[str]:
    table, naming = ("tokens", "name") if isinstance(credential, Token) else ("api_keys", "key")
    reference = next(entry["secret"] for entry in content[table] if entry[naming] == credential.name)
    lines = [
        f"[[{table}]]",
        f"{naming} = {_toml(credential.name)}",
        f"secret = {_toml(reference)}",
        f"claims = {_toml(sorted(credential.claims))}",
    ]
    if credential.expires_at is not None:
        lines.append(f"expires = {datetime.fromtimestamp(credential.expires_at, UTC).isoformat()}")
    return lines


def _toml(value: object) -> str:
    """A value as TOML writes it; its basic strings are JSON's, but for the character DEL."""
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, object]", value).items()
        return "{ " + ", ".join(f"{key} = {_toml(one)}" for key, one in pairs) + " }"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(_toml, cast("Sequence[object]", value))) + "]"
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    return json.dumps(str(value) if isinstance(value, Path) else value, ensure_ascii=False).replace(
        "\x7f", "\\u007f"
    )
