"""Every snippet that the reference shows does what it says, against a real hub."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from eventshub import EventsHub
from eventshub_mockserver import HubConfig, SimulatedFleet, ThreadedHub, serve_in_thread

SNIPPETS = Path(__file__).parents[2] / "docs" / "snippets"
TOPICS = ("1-subscribe/subscribe", "2-ping/ping", "3-unsubscribe/unsubscribe", "4-stats/stats")
WITHOUT_LIBRARY = ("3-unsubscribe/unsubscribe", "4-stats/stats")
# Compilers and interpreters that start on a busy machine take their time.
PATIENCE = 90

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node on this machine")
needs_go = pytest.mark.skipif(shutil.which("go") is None, reason="there is no Go on this machine")
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
pytestmark = pytest.mark.timeout(4 * PATIENCE)


@pytest.fixture(scope="module")
def hub() -> Iterator[ThreadedHub]:
    """A hub with a busy simulated fleet, for any number of clients."""
    fleet = SimulatedFleet(seed=1, rate=50)
    with serve_in_thread(HubConfig(sources=(fleet,), connections_per_address=None)) as hub:
        yield hub


def environment(hub: ThreadedHub, **more: str) -> dict[str, str]:
    return {**os.environ, "EVENTS_HUB_URL": hub.url, "EVENTS_HUB_TOKEN": hub.token, **more}


def output(command: list[str], variables: Mapping[str, str]) -> str:
    """What a program prints that ends by itself, successfully."""
    done = subprocess.run(
        command, env=variables, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def first_lines(command: list[str], variables: Mapping[str, str], number: int) -> list[str]:
    """What a program prints at first that goes on until it is stopped."""
    with subprocess.Popen(
        command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        lines = [program.stdout.readline() for _ in range(number)]
        program.terminate()
        _, errors = program.communicate(timeout=PATIENCE)
    assert all(lines), errors
    return lines


def check(topic: str, command: list[str], hub: ThreadedHub) -> None:
    """Run a snippet and look at what it prints."""
    if topic == "1-subscribe/subscribe":
        granted, *shown = first_lines(command, environment(hub), 5)
        assert granted.startswith("granted:")
        assert "orchestrator" in granted
        assert {event.split()[0] for event in shown} <= {"pdfm", "orchestrator", "global"}
    elif topic == "2-ping/ping":
        assert output(command, environment(hub)).startswith("round trip: ")
    elif topic == "3-unsubscribe/unsubscribe":
        client = EventsHub(hub.url, token=hub.token)
        with client, client.subscribe("pdfm", "system") as events:
            client_id = events.client_id()
            said = output(command, environment(hub, CLIENT_ID=client_id))
            (left,) = [one for one in client.clients() if one.id == client_id]
        assert "pdfm" in said
        assert {*left.event_subscriptions} == {"system", "global"}
    else:
        assert "clients" in output(command, environment(hub))


def test_every_topic_is_told_and_tested() -> None:
    folders = {path.parent.name for path in SNIPPETS.glob("*/about.md")}
    assert folders == {topic.partition("/")[0] for topic in TOPICS}
    for topic in TOPICS:
        assert {path.suffix for path in SNIPPETS.glob(f"{topic}.*")} >= {".py", ".mjs", ".go"}


@pytest.mark.parametrize("topic", TOPICS)
def test_python(hub: ThreadedHub, topic: str) -> None:
    check(topic, [sys.executable, f"{SNIPPETS / topic}.py"], hub)


@needs_node
@pytest.mark.parametrize("topic", TOPICS)
def test_node(hub: ThreadedHub, topic: str) -> None:
    version = output(["node", "--version"], os.environ)
    major = int(version.removeprefix("v").partition(".")[0])
    if major < 20 and topic not in WITHOUT_LIBRARY:
        pytest.skip(f"Node {version.strip()} has no WebSocket; the snippets need 20 or newer")
    flags = ["--experimental-websocket"] if major < 22 and topic not in WITHOUT_LIBRARY else []
    check(topic, ["node", *flags, f"{SNIPPETS / topic}.mjs"], hub)


@needs_curl
@pytest.mark.parametrize("topic", [topic for topic in TOPICS if (SNIPPETS / f"{topic}.sh").exists()])
def test_curl(hub: ThreadedHub, topic: str) -> None:
    command = ["bash", f"{SNIPPETS / topic}.sh"]
    if topic != "1-subscribe/subscribe":
        check(topic, command, hub)
        return
    done = subprocess.run(command, env=environment(hub), capture_output=True, timeout=PATIENCE, check=False)
    # It is curl that ends this, after the time that it was given.
    assert done.returncode in {0, 28}, done.stderr
    assert done.stdout.startswith(b"HTTP/1.1 101 Switching Protocols")


@needs_go
def test_go_is_formatted_the_way_its_people_do() -> None:
    assert output(["gofmt", "-l", str(SNIPPETS)], os.environ) == ""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Go snippets that need no library, compiled."""
    folder = tmp_path_factory.mktemp("go")
    packages = [f"./{topic.partition('/')[0]}" for topic in WITHOUT_LIBRARY]
    compile_go(folder, packages)
    return folder


def compile_go(folder: Path, packages: list[str]) -> None:
    done = subprocess.run(
        ["go", "build", "-o", f"{folder}/", *packages],
        cwd=SNIPPETS,
        env={**os.environ, "GOFLAGS": "-mod=readonly -buildvcs=false", "GOTOOLCHAIN": "local"},
        capture_output=True,
        text=True,
        timeout=3 * PATIENCE,
        check=False,
    )
    if "go.mod requires go" in done.stderr:
        pytest.skip(f"this Go is too old: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr


@needs_go
@pytest.mark.parametrize("topic", WITHOUT_LIBRARY)
def test_go(hub: ThreadedHub, programs: Path, topic: str) -> None:
    check(topic, [str(programs / topic.partition("/")[0])], hub)


@needs_go
@pytest.mark.parametrize("topic", [topic for topic in TOPICS if topic not in WITHOUT_LIBRARY])
def test_go_with_its_library(hub: ThreadedHub, tmp_path: Path, topic: str) -> None:
    fetched = subprocess.run(
        ["go", "mod", "download"], cwd=SNIPPETS, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    if fetched.returncode != 0:
        pytest.skip(f"the WebSocket library for Go cannot be had here: {fetched.stderr.strip()[-200:]}")
    package = topic.partition("/")[0]
    compile_go(tmp_path, [f"./{package}"])
    check(topic, [str(tmp_path / package)], hub)
