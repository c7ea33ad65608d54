"""A configuration as TOML, to look at or to begin a file with; secrets are not in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast

from .config_file import ConfigFile
from .core.credentials import ApiKey, Token
from .serve_options import SECRETS, ServeOptions, values_of

_MASK: Final = "***"


def shown(options: ServeOptions, file: ConfigFile | None) -> str:
    """Every option with its value, wherever that came from.

    Secrets that the file refers to are shown as these references, others as ``***``.
    """
    lines = [_line(name, value, file) for name, value in values_of(options).items()]
    if file is not None:
        written = [*file.content.get("tokens", ()), *file.content.get("api_keys", ())]
        for credential, entry in zip(file.credentials, written, strict=True):
            lines += ["", *_table(credential, file.reference(entry["secret"]))]
    return "\n".join(lines) + "\n"


def _line(name: str, value: object, file: ConfigFile | None) -> str:
    if value is None:
        return f"# {name} ="
    if name not in SECRETS:
        return f"{name} = {_toml(value)}"
    if file is not None and file.values.get(name) == value:
        return f"{name} = {_toml(file.reference(file.content[name]))}"
    return f"# {name} = {_toml(_MASK)}"


def _table(credential: Token | ApiKey, reference: Mapping[str, str]) -> list[str]:
    table, naming = ("tokens", "name") if isinstance(credential, Token) else ("api_keys", "key")
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
