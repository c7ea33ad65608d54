"""Security schemes of AsyncAPI and OpenAPI documents: where secrets go, and who needs which."""

from __future__ import annotations

from ..ir.access import SecurityScheme
from ..ir.json_values import is_array
from .workspace import Place, Workspace

_BEARER = frozenset(["oauth2", "openIdConnect"])
_PLACES = frozenset(["header", "query", "cookie"])
_RULE = "security-without-scheme"


class SecurityReader:
    """Reads requirements; collects the schemes that they name."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.schemes: dict[str, SecurityScheme] = {}
        """By name, those that can be expressed."""

    def of_asyncapi(self, security: Place | None) -> tuple[tuple[str, ...], ...]:
        """The alternatives of a server or an operation: each is a scheme, or a reference to one."""
        found: list[tuple[str, ...]] = []
        for entry in security.items() if security is not None else ():
            scheme = self._workspace.follow(entry)
            if scheme is None:
                continue
            name = scheme.last if scheme.pointer[:1] == ("components",) else (scheme.text("scheme") or "auth")
            if self._add(scheme, name):
                found.append((name,))
        return tuple(found)

    def of_openapi(self, document: Place, operation: Place) -> tuple[tuple[str, ...], ...]:
        """The alternatives of an operation, or of the whole document if it says nothing itself."""
        security = operation.get("security") or document.get("security")
        if security is None or not is_array(security.value):
            return ()
        components = document.get("components")
        declared = components.get("securitySchemes") if components is not None else None
        found: list[tuple[str, ...]] = []
        for entry in security.items():
            names: list[str] = []
            is_usable = True
            for name, requirement in entry.entries():
                reference = declared.get(name) if declared is not None else None
                if reference is None:
                    hint = "Declare it under `components.securitySchemes`."
                    message = f"there is no security scheme `{name}`"
                    self._workspace.report(_RULE, requirement, message, hint, of_key=True)
                    is_usable = False
                    continue
                scheme = self._workspace.follow(reference)
                if scheme is None:
                    is_usable = False
                elif scheme.text("type") != "mutualTLS":
                    is_usable = self._add(scheme, name) and is_usable
                    names.append(name)
            if is_usable:
                found.append(tuple(names))
        return tuple(found)

    def _add(self, place: Place, name: str) -> bool:
        """Keep a scheme; false, and a finding, if generated code cannot express it."""
        kind, key = _kind(place)
        if not kind:
            what = place.text("scheme") or place.text("type")
            message = f"the security scheme `{name}` ({what}) is left out: generated code cannot express it"
            hint = "Give what it needs as `extra_headers` or `ssl_context`."
            self._workspace.warn("inexpressible", place, message, hint)
            return False
        self.schemes.setdefault(name, SecurityScheme(name, kind, key, place.text("description")))
        return True


def _kind(place: Place) -> tuple[str, str]:
    kind, where = place.text("type"), place.text("in")
    if kind in {"http", "httpBearer"}:
        scheme = place.text("scheme").lower()
        return (scheme, "") if scheme in {"bearer", "basic"} else ("", "")
    if kind in _BEARER:
        return "bearer", ""
    if kind == "userPassword" or (kind == "apiKey" and where in {"user", "password"}):
        return "basic", ""
    if kind in {"apiKey", "httpApiKey"} and where in _PLACES:
        return where, place.text("name")
    return "", ""
