"""Reads the configuration file of ``serve``: TOML, whose keys are the names of options with underscores.

Files that it names are looked for beside it, wherever the hub is started.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from .core.credentials import READ_ONLY, ApiKey, Token
from .serve_options import NUMBERS_OR_WORDS, SECRETS, option_types

_TABLES: Final[Mapping[str, str]] = {"tokens": "name", "api_keys": "key"}
"""Tables of credentials, and the key that names one."""
_KEY: Final = re.compile(r"""\s*(["']?)([A-Za-z0-9_-]+)\1\s*=""")
_HEADER: Final = re.compile(r"\s*\[{1,2}\s*([A-Za-z0-9_.-]+)\s*\]{1,2}")


class ConfigFileError(ValueError):
    """The file cannot be used; the text names the file, the line and the key."""


@dataclass(frozen=True)
class ConfigFile:
    """What a file says, checked by itself: what the values mean together is for others to judge."""

    path: Path
    values: Mapping[str, Any]
    """By the names of options; secrets are resolved."""
    credentials: tuple[Token | ApiKey, ...] = field(repr=False)
    content: Mapping[str, Any]
    """As written, with references in the places of secrets."""
    lines: Mapping[tuple[str, int, str], int]

    def reference(self, written: Mapping[str, str]) -> dict[str, str]:
        """A reference to a secret, good wherever it is read."""
        folder = self.path.parent.absolute()
        return {kind: str(folder / name) if kind == "file" else name for kind, name in written.items()}

    def where(self, key: str) -> str:
        """A key with its file and line, for a person."""
        return _where(self.path, self.lines, ("", 0, key))


def read_config_file(path: Path) -> ConfigFile:
    """Read and check a file.

    Raises:
        ConfigFileError: it cannot be read, is no TOML, or has a key or value that cannot be.
    """
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except OSError as error:
        raise ConfigFileError(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigFileError(f"{path}: this is no TOML: {error}") from error
    reader = _Reader(path, _lines(text))
    values = {key: reader.option(key, value) for key, value in content.items() if key not in _TABLES}
    credentials = [
        reader.credential(table, number, entry)
        for table in _TABLES
        for number, entry in enumerate(reader.entries(table, content.get(table, [])))
    ]
    return ConfigFile(path, values, tuple(credentials), content, reader.lines)


class _Reader:
    def __init__(self, path: Path, lines: Mapping[tuple[str, int, str], int]) -> None:
        self._path = path
        self._folder = path.parent.absolute()
        self._owners: dict[bytes, str] = {}
        self.lines = lines
        self._options = option_types()

    def option(self, key: str, value: object) -> object:
        """The value of a top-level key."""
        at = ("", 0, key)
        option = self._options.get(key)
        if option is None:
            known = [*self._options, *_TABLES]
            close = difflib.get_close_matches(key.replace("-", "_"), known, 1)
            raise self._error(at, f"there is no such key{f'; did you mean {close[0]}?' if close else ''}")
        if key in ("token", "api_key"):
            raise self._error(at, f"in a file this is a table of its own: [[{key}s]]")
        if key in SECRETS:
            return self._secret(at, value)
        if key in NUMBERS_OR_WORDS and type(value) in (int, float):
            return str(value)
        try:
            converted = msgspec.convert(value, option, dec_hook=self._file)
        except msgspec.ValidationError as error:
            raise self._error(at, str(error)) from error
        if key == "jwt_keys" and "://" not in converted:
            return str(self._folder / converted)
        if key == "scenario":
            return [self._scenario(text) for text in converted]
        return converted

    def entries(self, table: str, value: object) -> list[dict[str, Any]]:
        """The tables of an array of tables."""
        try:
            return msgspec.convert(value, list[dict[str, Any]])
        except msgspec.ValidationError as error:
            raise self._error(("", 0, table), f"write each as a table: [[{table}]]") from error

    def credential(self, table: str, number: int, entry: Mapping[str, Any]) -> Token | ApiKey:
        """A token or an API key."""
        naming = _TABLES[table]
        for key in entry:
            if key not in (naming, "secret", "claims", "expires"):
                known = f"{naming}, secret, claims, expires"
                raise self._error((table, number, key), f"there is no such key; there are {known}")
        for key in (naming, "secret"):
            if key not in entry:
                raise self._error((table, number, naming if key == "secret" else ""), f"{key} is missing")
        name = entry[naming]
        if not isinstance(name, str) or not name:
            raise self._error((table, number, naming), "it must be a text")
        secret = self._secret((table, number, "secret"), entry["secret"])
        try:
            claims = msgspec.convert(entry.get("claims", [READ_ONLY]), frozenset[str])
        except msgspec.ValidationError as error:
            raise self._error((table, number, "claims"), str(error)) from error
        expires_at = self._moment((table, number, "expires"), entry.get("expires"))
        kind = Token if table == "tokens" else ApiKey
        credential = kind(name, secret, claims, expires_at)
        owner = self._owners.setdefault(credential.presented(), name)
        if owner != name:
            raise self._error((table, number, "secret"), f"{owner!r} has the same secret")
        return credential

    def _moment(self, at: tuple[str, int, str], value: object) -> float | None:
        if value is None:
            return None
        if isinstance(value, datetime):
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp()
        raise self._error(at, "it must be a date, with or without a time")

    def _secret(self, at: tuple[str, int, str], value: object) -> str:
        """What a reference refers to: the file itself holds no secret."""
        try:
            ((kind, name),) = msgspec.convert(value, dict[str, str]).items()
        except ValueError as error:
            wanted = 'say where the secret is: { env = "VARIABLE" } or { file = "PATH" }'
            raise self._error(at, wanted) from error
        if kind == "env":
            secret = os.environ.get(name, "")
        elif kind == "file":
            try:
                secret = (self._path.parent / name).read_text(encoding="utf-8").rstrip("\r\n")
            except (OSError, UnicodeDecodeError) as error:
                reason = error.strerror if isinstance(error, OSError) else "it is no text"
                raise self._error(at, f"cannot read {name}: {reason}") from error
        else:
            raise self._error(at, f"a secret comes from env or file, not from {kind}")
        if not secret:
            raise self._error(at, f"{kind} {name} is empty or missing")
        return secret

    def _file(self, kind: type, value: object) -> Path:
        if kind is not Path or not isinstance(value, str):
            raise ValueError(f"Expected `str`, got `{type(value).__name__}`")
        return self._folder / value

    def _scenario(self, text: str) -> str:
        name, *variables = text.split(":", 1)
        is_file = name.endswith((".yaml", ".yml"))
        return ":".join([str(self._folder / name) if is_file else name, *variables])

    def _error(self, at: tuple[str, int, str], text: str) -> ConfigFileError:
        return ConfigFileError(f"{_where(self._path, self.lines, at)}: {text}")


def _where(path: Path, lines: Mapping[tuple[str, int, str], int], at: tuple[str, int, str]) -> str:
    table, number, key = at
    line = lines.get(at) or lines.get((table, number, "")) or lines.get((key, 0, ""))
    name = ".".join(part for part in (table, key) if part)
    return f"{path}:{line}: {name}" if line else f"{path}: {name}"


def _lines(text: str) -> dict[tuple[str, int, str], int]:
    """Where each key stands: by table, number of the table among those of its name, and key."""
    lines: dict[tuple[str, int, str], int] = {}
    counts: dict[str, int] = {}
    table, number = "", 0
    for line_number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = header[1]
            number = counts.get(table, 0)
            counts[table] = number + 1
            lines.setdefault((table, number, ""), line_number)
        elif key := _KEY.match(line):
            lines.setdefault((table, number, key[2]), line_number)
    return lines
