"""The page about operating: its configurations are good ones, its options and figures exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import trustme

from eventshub_mockserver import ManualClock
from eventshub_mockserver.config_file import read_config_file
from eventshub_mockserver.core.hub import Hub
from eventshub_mockserver.net.metrics import exposition
from eventshub_mockserver.serve_options import ServeOptions, option_types
from eventshub_mockserver.serving import prepare

PAGE = (Path(__file__).parents[2] / "docs" / "operating.md").read_text(encoding="utf-8")
CONFIGURATIONS = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", CONFIGURATIONS, ids=range(len(CONFIGURATIONS)))
def test_configurations_can_be(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    issued = trustme.CA().issue_cert("localhost")
    for name in ("chain.pem", "key.pem"):
        issued.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / name))
    (tmp_path / "dashboard").write_text("s3cret")
    monkeypatch.setenv("HUB_CONTROL_TOKEN", "s3cret-control")
    monkeypatch.setenv("HUB_CI_SECRET", "s3cret-ci")
    file = tmp_path / "hub.toml"
    file.write_text(re.sub(r"/(etc/eventshub/tls|run/secrets)/", f"{tmp_path}/", text))
    read = read_config_file(file)
    prepare(ServeOptions(**read.values, credentials=read.credentials))


def test_what_it_calls_an_option_is_one() -> None:
    known = option_types().keys() | {"config", "check_config", "print_config", "url", "ca"}
    named = set(re.findall(r"--([a-z][a-z-]+)", PAGE))
    assert {name.replace("-", "_") for name in named} <= known
    variables = set(re.findall(r"EVENTS_HUB_([A-Z_]+[A-Z])", PAGE))
    assert {name.lower() for name in variables} <= known
    assert {"insecure_bind", "open_metrics", "log_format", "allowed_origin", "drain_timeout"} <= known


def test_every_figure_is_in_the_table_and_no_other() -> None:
    told = set(re.findall(r"^# TYPE (\w+)", exposition(Hub(clock=ManualClock())).decode(), re.MULTILINE))
    table = set(re.findall(r"`(eventshub_\w+)", PAGE))
    assert table == told
