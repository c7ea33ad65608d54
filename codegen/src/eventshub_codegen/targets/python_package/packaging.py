"""What makes a package installable: its metadata and its README."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...ir.spec import Spec
from ..python.modules import render_template
from ..python.naming import pascal_words
from ..python.text import quote

_VERSION = re.compile(r"v?(\d+(?:\.\d+)*)")
_RUNTIME = "eventshub>=0.1"


def api_name(spec: Spec) -> str:
    """What classes of the package are called after: ``gemini_market`` becomes ``GeminiMarket``."""
    return pascal_words(spec.package)


def distribution(spec: Spec, common: Mapping[str, Any]) -> dict[str, str]:
    """``pyproject.toml`` and ``README.md``."""
    match = _VERSION.match(spec.version)
    values = {
        **common,
        "package": spec.package,
        "distribution": spec.package.replace("_", "-"),
        "version": match[1] if match else "0.0.0",
        "description": " ".join((spec.title or spec.package).split()),
        "title": " ".join((spec.title or spec.package).split()),
        "runtime": _RUNTIME,
        "stream_url": spec.stream_url,
        "rest_url": spec.rest_url,
    }
    return {
        "pyproject.toml": render_template("python_package", "pyproject.jinja", values),
        "README.md": render_template("python_package", "readme.jinja", values),
    }


def toml_text(text: str) -> str:
    """Text as a basic string of TOML, whose escapes are those of JSON."""
    return quote(text)
