"""Faults on the command line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.mockserver.fault_peers import read_ending, upgrade
from tests.mockserver.raw_peer import RawPeer
from tests.mockserver.serving_process import serving
from typer.testing import CliRunner

from eventshub_mockserver.cli import app


async def test_faults_of_the_command_line_strike(tmp_path: Path) -> None:
    faults = (
        "--fault", "refuse:status=429,retry-after=3,times=1",
        "--fault", "truncate:step=welcome,bytes=5,times=1",
        "--fault", "reset:times=1",
    )  # fmt: skip
    with serving(tmp_path / "ready.json", "--token", "s3cret", *faults) as (_, told):
        peer = await RawPeer.dial(told["url"])
        answer = await upgrade(peer, token="s3cret")
        assert (answer.status, answer.headers["Retry-After"]) == (429, "3")
        await peer.end()
        for size in (5, None):
            peer = await RawPeer.dial(told["url"])
            assert (await upgrade(peer, token="s3cret")).status == 101
            data, is_reset = await read_ending(peer)
            assert is_reset
            assert size is None or len(data) == size
            await peer.end()
        peer = await RawPeer.subscribe(told["url"], "s3cret")
        await peer.end()


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("refuse:status=9000", "status must be a whole number from 200 to 599"),
        ("explode", "unknown fault 'explode'"),
        ("tls-certificate:file=x.pem", "no TLS"),
    ],
)
def test_a_wrong_fault_is_wrong_usage(fault: str, complaint: str) -> None:
    result = CliRunner().invoke(app, ["serve", "--port", "0", "--token", "s3cret", "--fault", fault])
    assert result.exit_code == 2, result.output
    text = re.sub(r"[\s│]+", " ", result.output)
    assert complaint in text
    assert "--fault" in text
    assert "Traceback" not in text
