"""One edit in the spec reaches hub, client and judge: a sixth channel, and no hand-written line changed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from tests.hub_process import HubProcess, hub_process

ROOT = Path(__file__).parents[2]
SOURCES = ("sdk/python/src", "mockserver/src", "tests/contract/src", "codegen/src")
TOKEN = "token-of-the-sixth-channel-test"
CONTROL_TOKEN = "control-token-of-the-sixth-channel-test"
BODIES: dict[str, Any] = {
    "BACKUP_PLANNED": {"starts_at": "2026-05-01T02:00:00Z", "volumes": [{"name": "vm-1", "gigabytes": 64}]},
    "BACKUP_STARTED": None,
    "BACKUP_FINISHED": {"outcome": "partial"},
}


def message(name: str, body: dict[str, Any] | None, example: Any) -> dict[str, Any]:
    properties: dict[str, Any] = {"event_type": {"const": "backup"}, "message": {"const": name}}
    frame = {
        "id": f"evt-{name.lower()}",
        "event_type": "backup",
        "timestamp": "2026-05-01T02:00:00Z",
        "message": name,
    }
    payload: dict[str, Any] = {"type": "object", "properties": properties}
    if body is not None:
        properties["body"] = body
        payload["required"] = ["body"]
        frame["body"] = example
    return {
        "name": name,
        "summary": f"A backup: {name.removeprefix('BACKUP_').lower()}.",
        "payload": {"allOf": [{"$ref": "schemas/envelope.yaml#/EventEnvelope"}, payload]},
        "examples": [{"name": "one", "payload": frame}],
    }


def add_channel(asyncapi: Path) -> None:
    """Add the channel ``backup``: a nested list of objects, a message without a body, an enum."""
    document = yaml.safe_load(asyncapi.read_text(encoding="utf-8"))
    volume = {
        "type": "object",
        "required": ["name", "gigabytes"],
        "properties": {"name": {"type": "string"}, "gigabytes": {"type": "integer"}},
    }
    planned = {
        "type": "object",
        "required": ["starts_at", "volumes"],
        "properties": {
            "starts_at": {"type": "string", "format": "date-time"},
            "volumes": {"type": "array", "items": volume},
        },
    }
    finished = {
        "type": "object",
        "required": ["outcome"],
        "properties": {"outcome": {"type": "string", "enum": ["complete", "partial", "failed"]}},
    }
    added = {
        "BackupPlanned": message("BACKUP_PLANNED", planned, BODIES["BACKUP_PLANNED"]),
        "BackupStarted": message("BACKUP_STARTED", None, None),
        "BackupFinished": message("BACKUP_FINISHED", finished, BODIES["BACKUP_FINISHED"]),
    }
    document["components"]["messages"].update(added)
    document["channels"]["backup"] = {
        "address": document["channels"]["pdfm"]["address"],
        "summary": "Backups of volumes.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in added},
        "bindings": document["channels"]["pdfm"]["bindings"],
    }
    document["operations"]["sendBackupEvents"] = {
        "action": "send",
        "channel": {"$ref": "#/channels/backup"},
        "summary": "Backups.",
        "messages": [{"$ref": f"#/channels/backup/messages/{name}"} for name in added],
    }
    asyncapi.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), encoding="utf-8")
    channels = asyncapi.parent / "schemas/channel.yaml"
    names = channels.read_text(encoding="utf-8")
    assert "health]" in names
    channels.write_text(names.replace("health]", "health, backup]"), encoding="utf-8")


def hand_written(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for source in SOURCES
        for path in sorted((root / source).rglob("*"))
        if path.is_file() and not {"_generated", "__pycache__"} & set(path.parts)
    }


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the specs and of all four packages, regenerated after the edit."""
    root = tmp_path_factory.mktemp("sixth-channel")
    for folder in ("docs", "spec", *SOURCES):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("eventshub-codegen.toml", "pyproject.toml"):
        shutil.copy(ROOT / name, root / name)
    add_channel(root / "spec/events-hub.asyncapi.yaml")
    generated = python(root, "-m", "eventshub_codegen", "generate")
    assert generated.returncode == 0, generated.stdout + generated.stderr
    return root


def environment(root: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(str(root / source) for source in SOURCES),
        "PYTHONDONTWRITEBYTECODE": "1",
        "EVENTS_HUB_TOKEN": TOKEN,
        "EVENTS_HUB_CONTROL_TOKEN": CONTROL_TOKEN,
    }


def python(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env=environment(root),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def hub(workspace: Path) -> Iterator[HubProcess]:
    """The regenerated hub."""
    with hub_process(environment=environment(workspace), cwd=workspace) as hub:
        yield hub


CLIENT = """
import asyncio, os, sys
from eventshub import AsyncEventsHub
import eventshub

async def main():
    async with AsyncEventsHub(sys.argv[1]) as hub, hub.subscribe("backup") as events:
        print(sorted(str(name) for name in events.channels), flush=True)
        async for event in events:
            body = getattr(event, "body", None)
            print(type(event).__name__, repr(body), flush=True)
            if isinstance(event, eventshub.BackupFinished):
                return

asyncio.run(main())
"""


def test_nothing_hand_written_has_changed(workspace: Path) -> None:
    assert hand_written(workspace) == hand_written(ROOT)


def test_hub_publishes_it_and_client_delivers_it_typed(workspace: Path, hub: HubProcess) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CLIENT, hub.url],
        cwd=workspace,
        env=environment(workspace),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as client:
        assert client.stdout is not None
        subscribed = client.stdout.readline().strip()
        assert subscribed == "['backup', 'global']", client.communicate(timeout=20)
        for name, body in BODIES.items():
            publish = {"channel": "backup", "message": name, **({} if body is None else {"body": body})}
            answer = httpx.post(
                f"{hub.control_url}/publish",
                json=publish,
                headers={"Authorization": f"Bearer {CONTROL_TOKEN}"},
            )
            assert answer.status_code == 202, answer.text
        output, errors = client.communicate(timeout=20)
    assert client.returncode == 0, errors
    planned, started, finished = output.splitlines()
    assert planned.startswith("BackupPlanned BackupPlannedBody(")
    assert "BackupPlannedBodyVolumesItem(name='vm-1', gigabytes=64)" in planned
    assert started.split()[0] == "BackupStarted"
    assert "outcome=<" in finished
    assert "partial" in finished


def test_hub_refuses_what_the_new_schema_does_not_allow(hub: HubProcess) -> None:
    answer = httpx.post(
        f"{hub.control_url}/publish",
        json={"channel": "backup", "message": "BACKUP_FINISHED", "body": {"outcome": "perfect"}},
        headers={"Authorization": f"Bearer {CONTROL_TOKEN}"},
    )
    assert answer.status_code == 400
    assert "outcome" in answer.json()["message"]


def test_bundle_of_the_judge_knows_it(workspace: Path) -> None:
    bundle = json.loads(
        (workspace / "tests/contract/src/eventshub_contract/_generated/bundle.json").read_text()
    )
    assert "backup" in bundle["stream"]["channels"]
    known = {entry["values"].get("message") for entry in bundle["messages"] if "backup" in entry["channels"]}
    assert known == set(BODIES)


def test_judge_finds_the_regenerated_hub_conformant(workspace: Path, hub: HubProcess) -> None:
    judged = python(
        workspace,
        *("-m", "eventshub_contract", "--hub-url", hub.url, "--control-url", hub.control_url),
        *("--rule", "EVT-1", "--rule", "EVT-2", "--rule", "CONN-2"),
    )
    assert judged.returncode == 0, judged.stdout + judged.stderr
