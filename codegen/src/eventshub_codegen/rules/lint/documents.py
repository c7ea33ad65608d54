"""Rules about whole documents, beside what reading them finds."""

from __future__ import annotations

from pathlib import Path

from ...frontends.documents import Inputs
from ...frontends.workspace import Place, Workspace
from .descriptions import check_descriptions
from .failing import check_failing
from .reachability import check_reachability
from .sharing import check_sharing
from .wording import check_wording


def check_documents(inputs: Inputs, workspace: Workspace) -> None:
    """Report what the rules find in documents that have been read; what could not be read is passed over."""
    asyncapi = _root(workspace, inputs.asyncapi, "asyncapi")
    openapi = _root(workspace, inputs.openapi, "openapi")
    for document in (asyncapi, openapi):
        if document is not None:
            check_descriptions(workspace, document)
            check_failing(workspace, document, "receive" if not inputs.is_client_view else "send")
            check_wording(workspace, document)
    check_reachability(workspace, [document for document in (asyncapi, openapi) if document is not None])
    if asyncapi is not None and openapi is not None:
        check_sharing(workspace, asyncapi, openapi)


def _root(workspace: Workspace, path: Path | None, kind: str) -> Place | None:
    source = workspace.open(path) if path is not None else None
    root = Place(source, (), source.value) if source is not None else None
    return root if root is not None and root.text(kind) else None
