"""The configuration file: which documents to read, what to generate, and where to."""

from __future__ import annotations

import keyword
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .config_schema import keys_of
from .frontends.documents import Inputs
from .frontends.wishes import Wishes
from .ir.json_values import is_array, is_object
from .targets.target import is_target, names

DEFAULT_FILE = Path("eventshub-codegen.toml")
_SPEC_KEYS = ("asyncapi", "openapi", "rules", "examples", "snippets")
_ROLES = ("server", "client")


class ConfigError(Exception):
    """The configuration cannot be used; the text says why and where."""


@dataclass(frozen=True, slots=True)
class TargetConfig:
    """One thing to generate."""

    name: str
    out: Path
    """The folder that belongs to the generator, whole."""
    package: str = ""
    """What the package is called that a target makes; the name of the folder if empty."""
    templates: Path | None = None
    """A folder with templates that take the place of the target's own."""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that a run is told."""

    inputs: Inputs
    targets: tuple[TargetConfig, ...]
    is_lenient: bool = False
    """Whether errors in parts of a document fail nothing, and these parts are left out."""
    path: Path | None = None
    """The file that all this is from."""


def read_config(path: Path) -> Config:
    """Read a configuration file; the paths in it are relative to it.

    Raises:
        ConfigError: it cannot be read, is no TOML, has an unknown key or target, or lacks something.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file (hint: name one with --config)") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    _refuse_unknown(path, content, keys_of(), "at the top")
    spec: Any = content.get("spec")
    inputs = _inputs(path, spec)
    is_lenient = spec.get("lenient", False)
    if not isinstance(is_lenient, bool):
        raise ConfigError(f"{path}: [spec]: `lenient` must be true or false")
    wishes = _wishes(path, content, spec)
    return Config(replace(inputs, wishes=wishes), _targets(path, content.get("target")), is_lenient, path)


def _wishes(path: Path, content: dict[str, Any], spec: dict[str, Any]) -> Wishes:
    names = content.get("names", {})
    if not is_object(names) or not all(isinstance(name, str) and name for name in names.values()):
        raise ConfigError(f'{path}: [names] maps names to names, such as Told = "Answer"')
    lists: dict[str, tuple[str, ...]] = {}
    for key in ("discriminators", "omit"):
        listed = spec.get(key, [])
        if not is_array(listed) or not all(isinstance(entry, str) for entry in listed):
            raise ConfigError(f"{path}: [spec]: `{key}` must be a list of strings")
        lists[key] = tuple(map(str, listed))
    return Wishes(names, lists["discriminators"], lists["omit"])


def _inputs(path: Path, spec: Any) -> Inputs:
    if not is_object(spec):
        raise ConfigError(f"{path}: [spec] is missing; it names the documents")
    _refuse_unknown(path, spec, keys_of("spec"), "in [spec]")
    role = _text(path, spec, "role", "[spec]") if "role" in spec else "server"
    if role not in _ROLES:
        raise ConfigError(f"{path}: [spec]: `role` must be one of {', '.join(_ROLES)}, not `{role}`")
    found = {key: path.parent / _text(path, spec, key, "[spec]") for key in _SPEC_KEYS if key in spec}
    if not found.keys() & {"asyncapi", "openapi"}:
        raise ConfigError(f"{path}: [spec] names neither an `asyncapi` nor an `openapi` document")
    return Inputs(
        asyncapi=found.get("asyncapi"),
        openapi=found.get("openapi"),
        rules=found.get("rules"),
        examples=found.get("examples"),
        snippets=found.get("snippets"),
        is_client_view=role == "client",
    )


def _targets(path: Path, tables: Any) -> tuple[TargetConfig, ...]:
    if tables is None:
        return ()
    if not is_array(tables) or not all(is_object(table) for table in tables):
        raise ConfigError(f"{path}: write `[[target]]`, once for each target")
    found: list[TargetConfig] = []
    for number, table in enumerate(tables, 1):
        where = f"[[target]] number {number}"
        _refuse_unknown(path, table, keys_of("target"), f"in {where}")
        name = _text(path, table, "name", where)
        if not is_target(name):
            raise ConfigError(f"{path}: {where}: there is no target `{name}`; there are {', '.join(names())}")
        out = path.parent / _text(path, table, "out", where)
        if any(_overlap(out, other.out) for other in found):
            raise ConfigError(
                f"{path}: {where}: `{table['out']}` is inside of another target's folder, or around it"
            )
        package = _text(path, table, "package", where) if "package" in table else ""
        if package and not is_package_name(package):
            raise ConfigError(f"{path}: {where}: `{package}` cannot be the name of a package")
        templates = path.parent / _text(path, table, "templates", where) if "templates" in table else None
        if templates is not None and not templates.is_dir():
            raise ConfigError(f"{path}: {where}: there is no folder `{table['templates']}`")
        found.append(TargetConfig(name, out, package, templates))
    return tuple(found)


def is_package_name(name: str) -> bool:
    """Whether Python can import a package of that name."""
    return name.isidentifier() and name.isascii() and not keyword.iskeyword(name)


def _overlap(one: Path, other: Path) -> bool:
    first, second = one.resolve(), other.resolve()
    return first.is_relative_to(second) or second.is_relative_to(first)


def _text(path: Path, table: dict[str, Any], key: str, where: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value:
        raise ConfigError(f"{path}: {where}: `{key}` must be a non-empty string")
    return value


def _refuse_unknown(path: Path, table: dict[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in known:
            raise ConfigError(f"{path}: unknown key `{key}` {where}; known are {', '.join(known)}")
