"""The pytest plugin in runs of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]

HEAD = """
import asyncio, contextlib, json
import pytest
from websockets.asyncio.client import connect as connect_async
from websockets.sync.client import connect
from eventshub_mockserver import HubConfig, HubForTests, Token

def address(hub, channels="pdfm"):
    return f"{hub.ws_url}/v1/ws/subscribe?event_types={channels}&access_token={hub.token}"
"""


@pytest.fixture
def run(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeini("[pytest]\nfilterwarnings = error\nasyncio_default_fixture_loop_scope = function\n")
    return pytester


def run_tests(pytester: pytest.Pytester, source: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(HEAD + source)
    return pytester.runpytest_subprocess(
        "-p", "no:cacheprovider", "-p", "no:schemathesis", *options, timeout=50
    )


def test_the_fixture_works_in_plain_asyncio_and_anyio_tests(run: pytest.Pytester) -> None:
    result = run_tests(
        run,
        """
def test_plain(events_hub: HubForTests):
    with connect(address(events_hub)) as client:
        events_hub.assert_subscribed({"pdfm"})
        events_hub.publish("pdfm", "VM_REMOVED", {"vm_id": "vm-1"})
        assert json.loads(client.recv())["body"]["client_id"]
        assert json.loads(client.recv())["message"] == "VM_REMOVED"
        assert len(events_hub.journal.sent(channel="pdfm")) == 1

async def use(events_hub):
    async with connect_async(address(events_hub)) as client:
        await events_hub.aio.assert_subscribed({"pdfm"})
        await client.recv()
        events_hub.publish("pdfm", "VM_REMOVED", {"vm_id": "vm-1"})
        assert json.loads(await client.recv())["message"] == "VM_REMOVED"

@pytest.mark.asyncio
async def test_asyncio(events_hub: HubForTests):
    await use(events_hub)

@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest.mark.anyio
async def test_anyio(events_hub: HubForTests):
    await use(events_hub)
""",
        "-p",
        "anyio",
    )
    result.assert_outcomes(passed=3)


def test_every_test_has_a_fresh_hub_and_the_session_one_address(run: pytest.Pytester) -> None:
    result = run_tests(
        run,
        """
leaked, addresses = contextlib.ExitStack(), set()

@pytest.mark.parametrize("number", range(3))
def test_leaks(events_hub, number):
    assert events_hub.connections == []
    assert list(events_hub.journal) == []
    leaked.enter_context(connect(address(events_hub)))
    events_hub.assert_subscribed({"pdfm"})
    addresses.add((events_hub.url, events_hub.token))
    if number == 0:
        events_hub.revoke("default")

def test_what_was_left(events_hub):
    assert len(addresses) == 1
    leaked.close()
""",
    )
    result.assert_outcomes(passed=4)


def test_it_works_under_xdist_with_a_hub_for_each_worker(run: pytest.Pytester) -> None:
    result = run_tests(
        run,
        """
@pytest.mark.parametrize("number", range(6))
def test_one(events_hub, number):
    with connect(address(events_hub)):
        events_hub.assert_subscribed({"pdfm"})

def test_failing(events_hub):
    events_hub.expect_command("health", "ping", timeout=0.01)
""",
        "-n2",
    )
    result.assert_outcomes(passed=6, failed=1)
    result.stdout.fnmatch_lines(["*Events Hub journal*"])


def test_a_failing_test_shows_the_conversation_and_no_secret(run: pytest.Pytester) -> None:
    result = run_tests(
        run,
        """
@pytest.fixture(scope="session")
def events_hub_config():
    return HubConfig(credentials=(Token("ci", "s3cret-of-this-test"),))

def test_failing(events_hub):
    with connect(events_hub.ws_url + "/v1/ws/subscribe", additional_headers={
        "Authorization": f"Bearer {events_hub.token}"
    }) as client:
        client.send('{"event_type": "health", "message": "hello"}')
        client.recv()
        client.recv()
    assert False, "the application is wrong"

def test_unmet(events_hub):
    events_hub.expect_command("health", "ping", timeout=0.01)

def test_passing(events_hub):
    pass
""",
    )
    result.assert_outcomes(failed=2, passed=1)
    result.stdout.fnmatch_lines(
        [
            "*the application is wrong*",
            "*Events Hub journal*",
            "*handshake*as ci 101*",
            "*received*health/hello*",
            "*sent*global/error*unknown command on health*",
            "*expected the command health/ping from a client: it did not come in 0.01 s",
            "*(the journal is empty)",
        ],
        consecutive=False,
    )
    assert "s3cret-of-this-test" not in result.stdout.str()
    assert "waiter.py" not in result.stdout.str(), "the traceback ends in the test"


def test_a_fixture_that_fails_shows_the_conversation_as_well(run: pytest.Pytester) -> None:
    result = run_tests(
        run,
        """
@pytest.fixture
def application(events_hub):
    with connect(address(events_hub)):
        raise OSError("the application does not start")

def test_it(application):
    pass

def test_the_next_one(events_hub):
    pass
""",
    )
    result.assert_outcomes(errors=1, passed=1)
    result.stdout.fnmatch_lines(
        ["*the application does not start*", "*Events Hub journal*", "*handshake*as default 101*"]
    )


def test_the_hub_can_be_configured_and_always_has_a_journal(run: pytest.Pytester) -> None:
    result = run_tests(
        run,
        """
@pytest.fixture(scope="session")
def events_hub_config():
    return HubConfig(connections_per_address=2)

def test_two(events_hub):
    with connect(address(events_hub)), connect(address(events_hub, "health")):
        events_hub.assert_subscribed({"pdfm"})
        events_hub.assert_subscribed({"health"})
        assert len(events_hub.journal.handshakes(101)) == 2
""",
    )
    result.assert_outcomes(passed=1)


def test_a_run_that_does_not_use_it_does_not_import_the_hub(run: pytest.Pytester) -> None:
    run.makepyfile(
        """
import sys

def test_what_is_imported():
    assert "eventshub_mockserver.pytest_plugin" in sys.modules
    assert not {"eventshub_mockserver.core", "aiohttp", "msgspec", "jsonschema_rs"} & set(sys.modules)
"""
    )
    run.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:schemathesis", timeout=50).assert_outcomes(
        passed=1
    )


def test_importing_the_package_imports_nothing_heavy() -> None:
    heavy = "{'aiohttp', 'msgspec', 'asyncio'}"
    program = f"import sys, eventshub_mockserver; print(*sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
