"""What fails a test that passes, and what does not: runs of pytest with tests of both sorts."""

from __future__ import annotations

import re

import pytest

pytest_plugins = ["pytester"]

HEAD = """
import json, random, threading
import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from eventshub_mockserver import HubForTests, VirtualClock

def address(hub, channels="pdfm,health", token=None):
    return f"{hub.ws_url}/v1/ws/subscribe?event_types={channels}&access_token={token or hub.token}"

def say_nonsense(hub):
    with connect(address(hub)) as client:
        client.recv()
        client.send('{"event_type": "health", "message": "dance"}')
        return client.recv()

def be_refused(hub, token=None):
    try:
        with connect(address(hub, token=token)):
            pass
    except InvalidStatus as error:
        return error.response.status_code

def get(hub, path):
    return httpx.get(hub.url + path, headers={"Authorization": f"Bearer {hub.token}"}).status_code
"""


def run(pytester: pytest.Pytester, source: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(HEAD + source)
    return pytester.runpytest_subprocess(
        "-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:randomly", *options, timeout=50
    )


def failures(result: pytest.RunResult) -> dict[str, str]:
    """What is told of each test that failed."""
    parts = re.split(r"^_{3,} (\w+) _{3,}$", result.stdout.str(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_what_nobody_asked_for_fails_the_test(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_unknown_command(events_hub):
    say_nonsense(events_hub)

def test_not_json(events_hub):
    with connect(address(events_hub)) as client:
        client.send("{")

def test_binary(events_hub):
    with connect(address(events_hub)) as client:
        client.send(b"x")
        client.recv()
        client.recv()

def test_broken_frame(events_hub):
    with connect(address(events_hub)) as client:
        client.recv()
        client.socket.sendall(b"\\x81\\x81\\0\\0\\0\\0\\xff")
        with pytest.raises(ConnectionClosed):
            client.recv()

def test_wrong_credential(events_hub):
    assert be_refused(events_hub, "wrong") == 401

def test_address_taken(events_hub):
    with connect(address(events_hub)):
        assert be_refused(events_hub) == 409

def test_nowhere(events_hub):
    assert get(events_hub, "/v1/ws/nowhere") == 404

def test_fault_that_a_test_did_not_cause_alone(events_hub):
    events_hub.faults.add("refuse", status=503, times=1)
    assert be_refused(events_hub) == 503
    assert be_refused(events_hub, "wrong") == 401

def test_another_status_was_expected(events_hub):
    assert be_refused(events_hub, "wrong") == 401
    events_hub.journal.handshakes(409)

def test_declared_and_not_met(events_hub):
    events_hub.later.expect_command("health", "ping", timeout=0.01)

def test_the_whole_journal_is_no_question(events_hub):
    say_nonsense(events_hub)
    assert events_hub.journal.counts() and events_hub.journal.timeline() and events_hub.journal.har()
""",
    )
    result.assert_outcomes(failed=11)
    told = failures(result)
    unmet = told.pop("test_declared_and_not_met")
    assert "expected the command health/ping from a client: it did not come in 0.01 s" in unmet
    assert len(told) == 10
    for name, text in told.items():
        assert "the hub had to refuse what the test has not asked for" in text, name
        assert "strict=False" in text, name
        assert "handshake" in text, name
    assert re.search(r"rejected .*unknown command on health: 'dance'", told["test_unknown_command"])
    assert "waiter.py" not in result.stdout.str()
    assert "pytest_plugin.py" not in result.stdout.str()
    assert "During handling of the above exception" not in result.stdout.str(), "each is told once"


def test_what_a_test_has_asked_for_and_ordinary_use_do_not(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_error_expected(events_hub):
    say_nonsense(events_hub)
    assert events_hub.expect_error("unknown command").channel == "health"

def test_error_expected_later(events_hub):
    events_hub.later.expect_error("dance")
    say_nonsense(events_hub)

def test_errors_read(events_hub):
    say_nonsense(events_hub)
    assert len(events_hub.journal.rejected()) == 1

def test_error_replies_read(events_hub):
    say_nonsense(events_hub)
    assert events_hub.journal.sent("global", "error").values("$.body.error")

def test_errors_waited_for(events_hub):
    say_nonsense(events_hub)
    events_hub.wait_for(lambda journal: journal.rejected())

def test_refusal_expected(events_hub):
    be_refused(events_hub, "wrong")
    assert events_hub.expect_refusal(401).detail == "GET /v1/ws/subscribe"

def test_refusal_read_before_more_come(events_hub):
    with connect(address(events_hub)):
        be_refused(events_hub)
        assert len(events_hub.journal.handshakes(409)) == 1
        be_refused(events_hub)

def test_refusals_read_without_a_status(events_hub):
    be_refused(events_hub, "wrong")
    assert [entry.status for entry in events_hub.journal.handshakes()] == [401]

def test_rest_refusal_read(events_hub):
    get(events_hub, "/nowhere")
    assert len(events_hub.journal.rest(404)) == 1

def test_credential_revoked_by_the_test(events_hub):
    events_hub.revoke("default")
    assert be_refused(events_hub) == 401

def test_fault_caused_by_the_test(events_hub):
    events_hub.faults.add("refuse", status=503, times=2)
    assert [be_refused(events_hub) for _ in range(3)] == [503, 503, None]

def test_error_published_by_the_test(events_hub):
    with connect(address(events_hub)) as client:
        events_hub.publish("global", "error", {"error": "disk full"})

@pytest.mark.events_hub(strict=False)
def test_not_strict(events_hub):
    say_nonsense(events_hub)
    be_refused(events_hub, "wrong")

def test_declared_and_met_at_the_last_moment(events_hub):
    events_hub.later.expect_command("health", "ping")
    client = connect(address(events_hub))
    threading.Timer(0.1, client.send, ['{"event_type": "health", "message": "ping"}']).start()

def test_clients_that_vanish(events_hub):
    for end in (lambda c: c.close(), lambda c: c.socket.close(), lambda c: c.close(4000)):
        client = connect(address(events_hub))
        client.recv()
        events_hub.assert_subscribed({"pdfm", "health"})
        end(client)
        events_hub.wait_for(lambda _: not events_hub_connections(events_hub))

def events_hub_connections(hub):
    return hub._server.connections

def test_the_hub_ends_it(events_hub):
    with connect(address(events_hub)) as client:
        events_hub.assert_subscribed({"pdfm", "health"})
        events_hub.close_connections(1013)
        with pytest.raises(ConnectionClosed):
            client.recv()
            client.recv()

@pytest.mark.xfail(strict=True, reason="it is the test's own failure that counts")
def test_a_failure_of_its_own(events_hub):
    say_nonsense(events_hub)
    raise ZeroDivisionError
""",
    )
    result.assert_outcomes(passed=16, xfailed=1)


def test_the_marker_chooses_the_hub(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
pytestmark = pytest.mark.events_hub(seed=7)
streams = []

@pytest.mark.events_hub(virtual_time=True)
@pytest.mark.parametrize("number", range(3))
def test_one_seed_one_stream(events_hub, number):
    with connect(address(events_hub)) as client:
        for _ in range(3):
            events_hub.advance(1.5)
            events_hub.publish("pdfm", "VM_REMOVED", {"vm_id": "vm-1"})
        streams.append([client.recv() for _ in range(4)])
    assert streams[number] == streams[0]

@pytest.mark.events_hub(seed=8, virtual_time=True)
def test_another_seed(events_hub):
    with connect(address(events_hub)) as client:
        assert client.recv() != streams[0][0]

FAULTS = ["refuse:status=503,times=1", {"fault": "refuse", "status": 429, "times": 1}]

@pytest.mark.events_hub(dialect="guide", faults=FAULTS)
def test_faults(events_hub):
    assert be_refused(events_hub) in (429, 503)

@pytest.mark.events_hub(faults="refuse:status=403")
class TestInAClass:
    def test_all(self, events_hub):
        assert be_refused(events_hub) == 403

    @pytest.mark.events_hub(faults=())
    def test_this_one_not(self, events_hub):
        assert be_refused(events_hub) is None

class Once:
    def run(self, publish, clock):
        from eventshub_mockserver import messages, models
        yield 10
        publish(messages.VmRemoved(body=models.VmRemovedBody(vm_id=f"{clock.monotonic():g}")))

@pytest.mark.events_hub(scenario=Once(), virtual_time=True)
def test_a_source(events_hub):
    with connect(address(events_hub)) as client:
        events_hub.assert_subscribed({"pdfm", "health"})
        client.recv()
        events_hub.advance(9)
        assert not events_hub.journal.sent("pdfm")
        events_hub.advance(2)
        assert json.loads(client.recv())["body"] == {"vm_id": "10"}

def test_time_passes_by_itself_otherwise(events_hub):
    with pytest.raises(RuntimeError, match="virtual_time=True"):
        events_hub.advance(1)
""",
    )
    result.assert_outcomes(passed=9)


def test_a_wrong_marker_is_told_before_the_test_runs(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.mark.parametrize("number", range(1))
@pytest.mark.events_hub(dialekt="guide")
def test_name(events_hub, number): raise SystemExit

@pytest.mark.events_hub("guide")
def test_position(events_hub): raise SystemExit

@pytest.mark.events_hub(dialect="klingon")
def test_dialect(events_hub): raise SystemExit

@pytest.mark.events_hub(seed="x")
def test_seed(events_hub): raise SystemExit

@pytest.mark.events_hub(strict="no")
def test_strict(events_hub): raise SystemExit

@pytest.mark.events_hub(faults="explode")
def test_fault(events_hub): raise SystemExit

@pytest.mark.events_hub(faults=7)
def test_fault_type(events_hub): raise SystemExit

@pytest.mark.events_hub(scenario=7)
def test_scenario(events_hub): raise SystemExit

def test_the_next_test_has_its_hub(events_hub):
    assert events_hub.connections == []
""",
        "--strict-markers",
    )
    result.assert_outcomes(errors=8, passed=1)
    text = result.stdout.str()
    for told in (
        "@pytest.mark.events_hub of test_name[0]: there is no 'dialekt': there are dialect, scenario, faults",
        "write the names: got 'guide'",
        "dialect 'klingon' does not exist: there are guide, service",
        "seed must be a whole number, got 'x'",
        "strict must be True or False, got 'no'",
        "unknown fault 'explode'",
        "a fault is text, a mapping or a FaultRule, got 7",
        "a scenario is a name, a file or a source, got 7",
    ):
        assert told in text
    assert "During handling of the above exception" not in text, "each is told once"
    assert "Traceback" not in text
