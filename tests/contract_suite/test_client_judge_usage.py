"""What a person sees who gives the judge of clients something else than a client."""

from __future__ import annotations

import sys

import pytest
from tests.contract_suite.judging import Judgement, run_judge

ANY = "true {url} {token}"
ASKS_AND_LEAVES = (
    "import http.client as c, sys; h = c.HTTPConnection(sys.argv[1][7:]); h.request('GET', '/');"
    " h.getresponse(); sys.exit('no websocket')"
)


def assert_one_line(judged: Judgement, *words: str) -> None:
    assert judged.out == ""
    assert len(judged.err.strip().splitlines()) == 1, judged.err
    for word in words:
        assert word in judged.err, judged.err
    assert "Traceback" not in judged.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["no client", "--exec", "--adapter", "eventshub-async"]),
        (["--exec", "my-client"], ["{url} and {token}"]),
        (["--exec", "my-client {url}"], ["{token}"]),
        (["--exec", "my-client '{url} {token}"], ["--exec does not parse"]),
        (["--exec", "no-such-client {url} {token}"], ["no-such-client", "No such file"]),
        (["--exec", ANY, "--patience", "soon"], ["--patience", "seconds"]),
        (["--exec", ANY, "--jobs", "0"], ["--jobs"]),
        (["--exec", ANY, "--rule", "END-22"], ["--rule END-22", "END-2"]),
        (["--exec", ANY, "--rule", "IP-1"], ["--rule IP-1", "binds a client"]),
        (["--exec", ANY, "--case", "floods"], ["--case floods", "flood"]),
        (["--exec", ANY, "--bundle", "no-such-file.json"], ["no-such-file.json"]),
    ],
)
def test_options_that_cannot_be(arguments: list[str], words: list[str]) -> None:
    judged = run_judge("client", *arguments)
    assert judged.exit_code == 4, judged.err
    assert_one_line(judged, *words)


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("print('hello')", ["did not connect", "ended with 0"]),
        ("raise SystemExit('no good')", ["did not connect", "ended with 1: no good"]),
        (
            ASKS_AND_LEAVES,
            ["was not delivered", "no websocket"],
        ),
    ],
    ids=["ends at once", "fails", "prints nothing"],
)
def test_a_command_that_is_no_client(program: str, words: list[str]) -> None:
    command = f'{sys.executable} -c "{program}" {{url}} {{token}}'
    judged = run_judge("client", "--exec", command, "--patience", "3")
    assert judged.exit_code == 6, judged.err
    assert_one_line(judged, "there is no client to judge", *words)


def test_help_says_what_the_command_has_to_do() -> None:
    judged = run_judge("client", "--help")
    assert judged.exit_code == 0
    for word in ("{url}", "{token}", "--adapter", "one JSON line", "exit codes:"):
        assert word in judged.out, word
