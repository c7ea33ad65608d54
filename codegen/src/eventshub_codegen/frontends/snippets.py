"""Programs that show how something is done: a folder for each topic, in it a file for each language."""

from __future__ import annotations

from pathlib import Path

from ..ir.documentation import Snippet, Topic
from .workspace import Workspace

_LANGUAGES = {
    ".py": "Python",
    ".mjs": "Node",
    ".js": "Node",
    ".ts": "TypeScript",
    ".go": "Go",
    ".sh": "curl",
    ".rs": "Rust",
    ".java": "Java",
    ".cs": "C#",
    ".rb": "Ruby",
    ".php": "PHP",
}
"""In the order in which they are shown."""
_ABOUT = "about.md"


def read_snippets(workspace: Workspace, folder: Path) -> tuple[Topic, ...]:
    """Read all topics, in the order of their folders' names.

    A folder is called after its topic; digits and a hyphen before that only
    say its place. ``about.md`` in it begins with a heading, the topic's title.
    """
    if not folder.is_dir():
        workspace.report_file("unreadable-file", folder, "there is no such folder of snippets")
        return ()
    topics: list[Topic] = []
    for entry in sorted(folder.iterdir()):
        if not entry.is_dir():
            continue
        number, _, rest = entry.name.partition("-")
        name = rest if number.isdecimal() and rest else entry.name
        found = [
            Snippet(_LANGUAGES[path.suffix], f"{entry.name}/{path.name}", path.read_text(encoding="utf-8"))
            for path in sorted(entry.iterdir())
            if path.suffix in _LANGUAGES and path.is_file()
        ]
        order = list(dict.fromkeys(_LANGUAGES.values()))
        found.sort(key=lambda snippet: order.index(snippet.language))
        if found:
            title, description = _about(entry / _ABOUT, name)
            topics.append(Topic(name, title, description, tuple(found)))
    return tuple(topics)


def _about(path: Path, name: str) -> tuple[str, str]:
    text = path.read_text(encoding="utf-8").strip() if path.is_file() else ""
    heading, _, rest = text.partition("\n")
    return (heading.lstrip("# ").strip(), rest.strip()) if heading.startswith("# ") else (name, text)
