"""Schemathesis, driven by an OpenAPI document against a hub that runs.

It is loaded by the tests that need it alone, and its pytest plugin by none: each start of pytest would wait
for it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any


def findings(
    document: dict[str, Any] | Path,
    base_url: str,
    token: str,
    operations: set[str],
    hooks: Sequence[Callable[..., Any]] = (),
    *,
    examples: int,
    every_boundary: bool,
    allowed: Sequence[str],
    parameters: Mapping[str, Any] | None = None,
) -> tuple[int, list[str]]:
    """How many operations were tried, and what is wrong with them.

    Args:
        document: the OpenAPI document.
        base_url: where the hub is.
        token: the bearer token of all requests, but for those that try without.
        operations: which of the document's are tried, by their IDs.
        hooks: functions that have the names of Schemathesis' hooks.
        examples: how many requests are drawn for each operation.
        every_boundary: whether those at the schemas' boundaries are made as well.
        allowed: statuses that a request which fits the schemas may be answered with.
        parameters: values that parameters of these names are to have.
    """
    import schemathesis
    from schemathesis import config as options
    from schemathesis.engine import Status, events, from_schema

    statuses = options.PositiveDataAcceptanceConfig(expected_statuses=list(allowed))
    project = options.ProjectConfig(
        base_url=base_url,
        headers={"Authorization": f"Bearer {token}"},
        request_timeout=30,
        parameters=dict(parameters or {}),
        checks=options.ChecksConfig(positive_data_acceptance=statuses),
        generation=options.GenerationConfig(max_examples=examples, deterministic=True, no_shrink=True),
        phases=options.PhasesConfig(
            coverage=options.CoveragePhaseConfig(enabled=every_boundary),
            stateful=options.StatefulPhaseConfig(enabled=False),
        ),
    )
    chosen = options.SchemathesisConfig(projects=options.ProjectsConfig(default=project))
    loader: Any = schemathesis.openapi
    load = loader.from_path if isinstance(document, Path) else loader.from_dict
    tested = load(document, config=chosen).include(operation_id=sorted(operations))
    labels: set[str] = set()
    found: list[str] = []
    with registered(*hooks):
        stream: Any = from_schema(tested).execute()
        for event in stream:
            if isinstance(event, events.NonFatalError):
                found.append(f"{event.label}: {event.value!r}")
            if isinstance(event, events.ScenarioFinished):
                labels.add(str(event.label))
                nodes = [node for nodes in event.recorder.checks.values() for node in nodes]
                found += [
                    f"{event.label}: {node.name}: {node.failure_info and node.failure_info.failure}"
                    for node in nodes
                    if node.status is not Status.SUCCESS
                ]
    return len(labels), found


def field(body: Any, name: str | int) -> object:
    """A member of what may be anything; ``None`` where there is none."""
    try:
        return body[name]
    except (LookupError, TypeError):
        return None


@contextmanager
def registered(*hooks: Callable[..., Any]) -> Generator[None]:
    """Let Schemathesis call these, found by their names, in a ``with`` block."""
    library: Any = import_module("schemathesis.hooks")  # its functions are typed in part
    for hook in hooks:
        library.hook(hook)
    try:
        yield
    finally:
        for hook in hooks:
            library.unregister(hook)
