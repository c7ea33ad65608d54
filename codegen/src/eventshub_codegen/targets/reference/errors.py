"""What is said of everything that can go wrong."""

from __future__ import annotations

from ...ir.documentation import ResponseText
from ...ir.rest import Endpoint
from ...ir.spec import Spec
from ...ir.stream import Stream
from .account import Block, Grid, Line, Page, Section, code, words
from .directory import ERRORS, Directory
from .prose import as_words
from .rest import status_title


def error_page(spec: Spec, directory: Directory) -> Page | None:
    """Everything that says that something went wrong, on the socket and over HTTP; None if nothing does."""
    sections = _on_the_socket(spec.stream, directory) if spec.stream is not None else []
    sections += _by_status(spec, directory)
    lead = "What tells that something went wrong, on the socket and over HTTP."
    return Page(ERRORS, "Errors", lead, (), tuple(sections)) if sections else None


def _on_the_socket(stream: Stream, directory: Directory) -> list[Section]:
    found: list[Section] = []
    told: tuple[tuple[Line, ...], ...] = tuple(
        (
            (directory.name("message", message.name),),
            (directory.name("channel", message.home),),
            words(as_words(message.summary.partition("\n\n")[0])),
        )
        for message in stream.with_role("error")
    )
    if told:
        grid = Grid("Error messages", ("Message", "Channel", "What it says"), told)
        found.append(_section("On the socket", "socket", grid, directory))
    answers: tuple[tuple[Line, ...], ...] = tuple(
        ((directory.name("command", operation.name),), directory.names("message", operation.errors))
        for operation in stream.operations
        if operation.errors
    )
    if answers:
        grid = Grid("Errors of commands", ("Command", "Errors that may answer it"), answers)
        found.append(_section("By command", "commands", grid, directory))
    return found


def _by_status(spec: Spec, directory: Directory) -> list[Section]:
    statuses: dict[str, list[tuple[Endpoint, ResponseText]]] = {}
    for endpoint in spec.endpoints:
        for response in spec.documentation.endpoints[endpoint.name].responses:
            if response.status[:1] in {"4", "5"} or response.status == "default":
                statuses.setdefault(response.status, []).append((endpoint, response))
    found: list[Section] = []
    for status in sorted(statuses):
        rows: tuple[tuple[Line, ...], ...] = tuple(
            (
                (code(f"{endpoint.method} {endpoint.path}", directory.link("endpoint", endpoint.name)),),
                words(as_words(response.description)),
            )
            for endpoint, response in statuses[status]
        )
        grid = Grid(f"Endpoints that answer {status}", ("Endpoint", "When"), rows)
        found.append(_section(status_title(status), status, grid, directory))
    return found


def _section(title: str, name: str, block: Block, directory: Directory) -> Section:
    return Section(title, directory.new(ERRORS, name), blocks=(block,))
