"""The configuration file of ``serve``: what counts, what is told of mistakes, and what is shown of it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import trustme
from tests.mockserver.signing import Issuer, jwk_set
from typer.testing import CliRunner, Result

from eventshub_mockserver import HubConfig
from eventshub_mockserver.cli import app
from eventshub_mockserver.config_file import ConfigFileError, read_config_file
from eventshub_mockserver.core.limits import Limits
from eventshub_mockserver.serve_options import ServeOptions, option_types
from eventshub_mockserver.serving import prepare

Run = Callable[..., Result]
EVERYTHING = """\
port = 9000
connections_per_ip = 3
ping_interval = 10
trusted_proxy = ["10.0.0.0/8", "::1"]
simulate = true
log_format = "json"
control_token = { env = "CONTROL" }
jwt_issuer = "https://issuer.example"
jwt_audience = "hub"
jwt_secret = { file = "jwt.key" }

[[tokens]]
name = "ci"
secret = { env = "CI" }
claims = ["READ_ONLY", "ADMIN"]
expires = 2030-01-01T00:00:00Z

[[tokens]]
name = "dash"
secret = { file = "dash.key" }

[[api_keys]]
key = "robot"
secret = { env = "ROBOT" }
expires = 2030-01-02
"""
TOKEN = "[[tokens]]\nname = '{}'\nsecret = {{ env = 'CI' }}\n"
JWT = "jwt_issuer = 'i'\njwt_audience = 'a'\n"
SECRETS = {"CONTROL": "s3cret-control", "CI": "s3cret-ci", "ROBOT": "s3cret-robot"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "jwt.key").write_text("s3cret-of-thirty-two-bytes-or-more\n")
    (tmp_path / "dash.key").write_text("s3cret-dash\n")
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    return tmp_path


@pytest.fixture
def run(folder: Path) -> Run:
    runner = CliRunner(env={"COLUMNS": "300", "EVENTS_HUB_TOKEN": None, "EVENTS_HUB_CONTROL_TOKEN": None})

    def invoke(text: str, *arguments: str, **variables: str) -> Result:
        (folder / "hub.toml").write_text(text)
        command = ["serve", "--config", str(folder / "hub.toml"), *arguments]
        return runner.invoke(app, command, env=variables)

    return invoke


def test_everything_that_it_says_counts(folder: Path) -> None:
    (folder / "hub.toml").write_text(EVERYTHING)
    file = read_config_file(folder / "hub.toml")
    config = prepare(ServeOptions(**file.values, credentials=file.credentials)).config
    assert (config.port, config.connections_per_address, config.limits.ping_interval) == (9000, 3, 10)
    assert config.trusted_proxies == ("10.0.0.0/8", "::1")
    assert config.control_token == "s3cret-control"
    assert config.jwt is not None
    assert config.jwt.secret == "s3cret-of-thirty-two-bytes-or-more"
    told = {c.name: (c.secret, sorted(c.claims), c.expires_at) for c in config.credentials}
    assert told == {
        "ci": ("s3cret-ci", ["ADMIN", "READ_ONLY"], 1893456000.0),
        "dash": ("s3cret-dash", ["READ_ONLY"], None),
        "robot": ("s3cret-robot", ["READ_ONLY"], 1893542400.0),
    }


def test_an_option_counts_before_a_variable_and_a_variable_before_the_file(run: Run) -> None:
    def port(*arguments: str, **variables: str) -> Any:
        result = run("port = 1001\n", "--print-config", *arguments, **variables)
        assert result.exit_code == 0, result.output
        return tomllib.loads(result.stdout)["port"]

    assert port() == 1001
    assert port(EVENTS_HUB_PORT="1002") == 1002
    assert port("--port", "1003", EVENTS_HUB_PORT="1002") == 1003


def test_what_is_printed_is_a_file_that_means_the_same_and_has_no_secret(run: Run) -> None:
    first = run(EVERYTHING, "--print-config")
    assert "s3cret" not in first.output
    again = run(first.stdout, "--print-config")
    assert again.stdout == first.stdout
    printed = tomllib.loads(first.stdout)
    assert printed["tokens"][0] == {
        "name": "ci",
        "secret": {"env": "CI"},
        "claims": ["ADMIN", "READ_ONLY"],
        "expires": tomllib.loads("x = 2030-01-01T00:00:00Z")["x"],
    }


def test_two_secrets_of_one_principal_are_printed_each(run: Run) -> None:
    entry = "[[tokens]]\nname = 'a'\nsecret = {{ env = '{}' }}\n"
    printed = tomllib.loads(run(entry.format("CI") + entry.format("ROBOT"), "--print-config").stdout)
    assert [one["secret"] for one in printed["tokens"]] == [{"env": "CI"}, {"env": "ROBOT"}]


def test_what_does_not_count_is_not_printed(run: Run) -> None:
    given = {"EVENTS_HUB_CONTROL_TOKEN": "s3cret-of-the-variable"}
    result = run("control_token = { env = 'CI' }\n", "--print-config", **given)
    assert '# control_token = "***"' in result.stdout


def test_files_are_looked_for_beside_the_configuration(
    run: Run, folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    trustme.CA().issue_cert("hub").private_key_and_cert_chain_pem.write_to_path(str(folder / "hub.pem"))
    (folder / "play.yaml").write_text("variables: {vm: a}\nsteps: [{delay: 1}]\n")
    (folder / "keys.json").write_text(jwk_set(Issuer()).decode())
    text = (
        f"{JWT}jwt_keys = 'keys.json'\ntls_cert = 'hub.pem'\nready_file = 'ready'\n"
        "scenario = ['play.yaml:vm=b', 'vm-flapping']\ncontrol_token = { file = 'dash.key' }\n"
    )
    assert run(text, "--check-config").stderr == ""
    printed = run(text, "--print-config").stdout
    for place in (folder, Path.cwd()):
        (place / "printed.toml").write_text(printed)
        command = ["serve", "--config", str(place / "printed.toml"), "--print-config"]
        assert CliRunner().invoke(app, command).stdout == printed
    assert tomllib.loads(printed)["scenario"] == [f"{folder / 'play.yaml'}:vm=b", "vm-flapping"]


def test_secrets_of_options_are_masked(run: Run) -> None:
    result = run("", "--print-config", "--control-token", "s3cret-1", "--token", "s3cret-2")
    assert "s3cret" not in result.output
    assert '# control_token = "***"' in result.stdout


def test_a_good_configuration_is_said_to_be_good_and_nothing_is_served(run: Run) -> None:
    result = run(EVERYTHING, "--check-config")
    assert (result.exit_code, result.stdout) == (0, "The configuration is good.\n")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("prot = 1\n", "hub.toml:1: prot: there is no such key; did you mean port?"),
        ("\n\nport = 'x'\n", "hub.toml:3: port: Expected `int`, got `str`"),
        ("port = true\n", "hub.toml:1: port: Expected `int`, got `bool`"),
        ("simulate = 1\n", "hub.toml:1: simulate: Expected `bool`"),
        ("trusted_proxy = '::1'\n", "hub.toml:1: trusted_proxy: Expected `array | null`"),
        ("trusted_proxy = [1]\n", "hub.toml:1: trusted_proxy: Expected `str`"),
        ("log_level = 'loud'\n", "hub.toml:1: log_level: Invalid enum value 'loud'"),
        ("control_token = 's3cret'\n", "hub.toml:1: control_token: say where the secret is"),
        ("control_token = { env = 'NOT_SET' }\n", "control_token: env NOT_SET is empty or missing"),
        ("control_token = { file = 'nowhere' }\n", "control_token: cannot read nowhere: No such file"),
        (
            "control_token = { vault = 'x' }\n",
            "control_token: a secret comes from env or file, not from vault",
        ),
        ("token = 's3cret'\n", "hub.toml:1: token: in a file this is a table of its own: [[tokens]]"),
        ("tokens = 1\n", "hub.toml:1: tokens: write each as a table: [[tokens]]"),
        ("[[tokens]]\nname = 'a'\n", "hub.toml:2: tokens.name: secret is missing"),
        ("[[tokens]]\nsecret = { env = 'CI' }\n", "hub.toml:1: tokens: name is missing"),
        ("[[tokens]]\nname = 'a'\nsecret = 's3cret'\n", "hub.toml:3: tokens.secret: say where the secret is"),
        ("[[tokens]]\nname = 1\nsecret = { env = 'CI' }\n", "hub.toml:2: tokens.name: it must be a text"),
        (
            f"{TOKEN.format('a')}{TOKEN.format('b')}expires = 'soon'\n",
            "hub.toml:7: tokens.expires: it must be a date",
        ),
        (
            "[[api_keys]]\nkey = 'a'\nsecret = { env = 'CI' }\nclaims = 'X'\n",
            "hub.toml:4: api_keys.claims: Expected",
        ),
        ("[[api_keys]]\nname = 'a'\n", "hub.toml:2: api_keys.name: there is no such key"),
        ("[server]\nport = 1\n", "hub.toml:1: server: there is no such key"),
        ("port = \n", "hub.toml: this is no TOML: Invalid value (at line 1"),
        # What is wrong only together with all others is told where it stands as well.
        ("ping_interval = 50\npong_timeout = 40\n", "hub.toml:2: pong_timeout: pong_timeout must be longer"),
        ("trusted_proxy = ['x']\n", "hub.toml:1: trusted_proxy: trusted_proxies"),
        (
            "connections_per_ip = 0\n",
            "hub.toml:1: connections_per_ip: connections_per_address must be at least 1",
        ),
        ("max_connections = 0\n", "hub.toml:1: max_connections: connections must be positive"),
        ("host = '0.0.0.0'\n", "hub.toml:1: host: 0.0.0.0 can be reached by others"),
        ("tls_cert = 'nowhere.pem'\n", "/nowhere.pem cannot be used: No such file"),
        ("tls_key = 'nowhere.pem'\n", "hub.toml:1: tls_key: it needs tls_cert"),
        ("jwt_audience = 'hub'\n", "hub.toml:1: jwt_audience: it needs jwt_issuer"),
        (f"{JWT}jwt_keys = 'http://issuer.example/keys'\n", "hub.toml:3: jwt_keys: keys must come by https"),
        (f"{JWT}jwt_keys = 'nowhere.json'\n", "hub.toml:3: jwt_keys: cannot read it: No such file"),
        (f"{JWT}jwt_keys = '{__file__}'\n", "hub.toml:3: jwt_keys: this is no JWK set"),
        (f"{TOKEN.format('a')}{TOKEN.format('b')}", "hub.toml:6: tokens.secret: 'a' has the same secret"),
        ("dialect = 'klingon'\n", "hub.toml:1: dialect"),
        ("fault = ['explode']\n", "hub.toml:1: fault: "),
        ("rate = 0\nsimulate = true\n", "hub.toml:1: rate: "),
    ],
)
def test_a_mistake_is_told_with_its_line_and_key(run: Run, text: str, says: str) -> None:
    result = run(text, "--check-config")
    assert result.exit_code == 2
    assert says in result.stderr
    assert "s3cret" not in result.output
    assert "Traceback" not in result.output


def test_a_mistake_in_a_variable_is_told_by_its_name(run: Run) -> None:
    result = run("", "--check-config", EVENTS_HUB_PONG_TIMEOUT="1")
    assert "EVENTS_HUB_PONG_TIMEOUT: pong_timeout must be longer" in result.stderr
    result = run("", "--check-config", EVENTS_HUB_PORT="tcp://10.0.0.1:80")
    assert "Invalid value for EVENTS_HUB_PORT: " in result.stderr
    result = run("", "--check-config", "--port", "http")
    assert "Invalid value for --port: " in result.stderr


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigFileError, match="cannot read"):
        read_config_file(tmp_path / "nowhere.toml")


def test_no_secret_is_in_the_repr_of_what_was_read(folder: Path) -> None:
    (folder / "hub.toml").write_text(EVERYTHING)
    assert "s3cret-ci" not in repr(read_config_file(folder / "hub.toml").credentials)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "hub.example"])
@pytest.mark.parametrize(
    ("given", "lacks"),
    [([], ["no TLS", "no credential"]), (["--token", "s3cret"], ["no TLS"])],
)
def test_a_wide_open_hub_has_to_be_asked_for_twice(
    run: Run, host: str, given: list[str], lacks: list[str]
) -> None:
    asked_once = run("", "--check-config", "--host", host, *given)
    assert asked_once.exit_code == 2
    assert all(lack in asked_once.stderr for lack in lacks)
    assert run("", "--check-config", "--host", host, *given, "--insecure-bind").exit_code == 0


def test_every_limit_of_a_connection_is_an_option() -> None:
    renamed = {"connections": "max_connections", "headers": "max_headers"}
    limits = {renamed.get(limit.name, limit.name) for limit in fields(Limits)}
    assert limits <= option_types().keys()


def test_everything_about_a_hub_is_an_option(run: Run) -> None:
    renamed = {
        "connections_per_address": "connections_per_ip",
        "trusted_proxies": "trusted_proxy",
        "allowed_origins": "allowed_origin",
        "base_paths": "base_path",
        "faults": "fault",
    }
    chosen = {renamed.get(field.name, field.name) for field in fields(HubConfig)}
    # Made of several options each.
    assert chosen - option_types().keys() == {
        "credentials",
        "jwt",
        "tls",
        "limits",
        "sources",
        "clock",
        "ids",
    }
    text = "commands_need_subscription = false\njournal_entries = 5\nbase_path = ['/', '/hub/', '/']\n"
    assert run(text, "--check-config").exit_code == 0
    values = tomllib.loads(text)
    config = prepare(ServeOptions(**values)).config
    assert (config.base_paths, config.limits.journal_entries) == (("", "/hub"), 5)
    assert not config.spoken.commands_need_subscription
    assert "hub.toml:1: base_path: base_paths: '/{x}'" in run("base_path = ['/{x}']", "--check-config").stderr
