"""The options, said once for the command line and for pytest."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from .output import BASELINE_HELP, REPORT_HELP, STRICT_HELP, UPDATE_HELP, Output, output_from
from .target import Target, target_from


class AddOption(Protocol):
    """`argparse.ArgumentParser.add_argument`, or pytest's ``addoption``."""

    def __call__(self, *flags: str, **settings: Any) -> Any:
        """Add one option."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option of the judge."""

    name: str
    metavar: str | None
    help: str
    env: str | None = None
    """Environment variable that stands in for it."""
    secret: bool = False
    repeatable: bool = False
    default: str | None = None
    short: str | None = None
    """Its flag on the judge's own command line, where it need not tell itself from options of pytest."""

    @property
    def flag(self) -> str:
        """As on the command line."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def dest(self) -> str:
        """Attribute of the namespace that a parser fills in."""
        return f"contract_{self.name}"

    @property
    def shown(self) -> str:
        """The flag to show to a person."""
        return self.short or self.flag

    def add_to(self, add_option: AddOption, *, with_short: bool = False) -> None:
        """Declare it to a parser."""
        flags = [self.short, self.flag] if with_short and self.short else [self.flag]
        help_text = self.help + (f" (environment: {self.env})" if self.env else "")
        if self.metavar is None:
            add_option(*flags, dest=self.dest, action="store_true", help=help_text)
            return
        action = "append" if self.repeatable else "store"
        add_option(
            *flags,
            dest=self.dest,
            action=action,
            metavar=self.metavar,
            default=self.default,
            help=help_text,
        )

    def value_in(self, namespace: Any, environment: Mapping[str, str]) -> Any:
        """What was given, on the command line or else in the environment."""
        value = getattr(namespace, self.dest)
        if not value and self.env:
            return environment.get(self.env)
        return value


OPTIONS = (
    Option(
        "hub_url",
        "URL",
        "the hub to judge: http(s) or ws(s), with or without a path prefix",
        "EVENTS_HUB_URL",
        short="--url",
    ),
    Option("token", "TOKEN", "bearer token with the read-only claim", "EVENTS_HUB_TOKEN", secret=True),
    Option("api_key", "KEY:SECRET", "API key with the read-only claim", "EVENTS_HUB_API_KEY", secret=True),
    Option(
        "other_token", "TOKEN", "token of another user, for ownership", "EVENTS_HUB_OTHER_TOKEN", secret=True
    ),
    Option(
        "no_read_token", "TOKEN", "token without the read-only claim", "EVENTS_HUB_NO_READ_TOKEN", secret=True
    ),
    Option(
        "expiring_token",
        "TOKEN",
        "token that expires within a minute of the start",
        "EVENTS_HUB_EXPIRING_TOKEN",
        secret=True,
    ),
    Option(
        "control_url", "URL", "the hub's control surface, to have events published", "EVENTS_HUB_CONTROL_URL"
    ),
    Option(
        "control_token", "TOKEN", "credential of the control surface", "EVENTS_HUB_CONTROL_TOKEN", secret=True
    ),
    Option(
        "from_address",
        "ADDRESS",
        "another local address to connect from; give several, one a time"
        " (for a hub on IPv4 loopback found by itself: 127.0.0.2 and on)",
        repeatable=True,
    ),
    Option("connections_per_ip", "N|off", "the hub's limit of connections from one address", default="1"),
    Option(
        "queue_limit",
        "N",
        "how many messages the hub keeps for a client that reads slowly; with it the judge floods one",
    ),
    Option("trusted_proxy", None, "the hub trusts this machine as a proxy, and so its X-Forwarded-For"),
    Option("ping_interval", "SECONDS", "how often the hub is set to ping (default 30)"),
    Option("pong_timeout", "SECONDS", "how long the hub is set to wait for a pong (default 45)"),
    Option("fast", None, "the hub is set to --ping-interval 0.5 --pong-timeout 1"),
    Option(
        "stop_command",
        "COMMAND",
        "ends the hub in good order, as an operator would (run last, without a shell), to judge its shutdown",
    ),
    Option(
        "trigger",
        "COMMAND",
        "has the hub publish an event on the channel {channel}, instead of a control surface",
    ),
    Option(
        "generated",
        "N",
        "judge N commands and N requests of each kind made by chance; needs the extra `generated`",
    ),
    Option("seed", "N", "other generated commands and requests", default="1"),
    Option("patience", "SECONDS", "how long to wait for what has to come", default="5"),
    Option("rule", "ID", "judge this rule alone; give several, one a time", repeatable=True),
    Option("case", "NAME", "run this case alone; give several, one a time", repeatable=True),
    Option("bundle", "FILE", "judge by this contract bundle instead of the packaged one"),
    Option("json", None, "the same as --report json"),
    Option("hub_report", "KIND[=FILE]", REPORT_HELP, repeatable=True, short="--report"),
    Option("hub_baseline", "FILE", BASELINE_HELP, short="--baseline"),
    Option("hub_baseline_update", None, UPDATE_HELP, short="--baseline-update"),
    Option("hub_strict", None, STRICT_HELP, short="--strict"),
)


_NOT_REPLAYED = frozenset({"rule", "case", "json", "hub_report", "hub_baseline_update"})
"""Options that select or show, and do not judge."""


@dataclass(frozen=True)
class Settings:
    """What to judge, by what, how much of it, and how to say it."""

    target: Target
    rules: tuple[str, ...]
    cases: tuple[str, ...]
    bundle: Path | None
    output: Output
    replay: str
    """The command that repeats this run, up to its selection."""


def settings_from(namespace: Any, environment: Mapping[str, str] = os.environ) -> Settings:
    """Check the options that a parser found.

    Raises:
        UsageError: Something needed is missing, or something given is malformed.
    """
    given = {option.name: option.value_in(namespace, environment) for option in OPTIONS}
    return Settings(
        target=target_from(given),
        rules=tuple(given["rule"] or ()),
        cases=tuple(given["case"] or ()),
        bundle=Path(given["bundle"]) if given["bundle"] else None,
        output=output_from(
            given["hub_report"] or (),
            given["hub_baseline"],
            update=bool(given["hub_baseline_update"]),
            as_json=bool(given["json"]),
            strict=bool(given["hub_strict"]),
        ),
        replay=_replay(namespace),
    )


def _replay(namespace: Any) -> str:
    """The command line again, with secrets by reference to the environment."""
    words = ["eventshub-contract", "hub"]
    for option in OPTIONS:
        value = getattr(namespace, option.dest)
        if not value or value == option.default or option.name in _NOT_REPLAYED:
            continue
        if option.metavar is None:
            words.append(option.shown)
        for each in value if option.repeatable else [value] if option.metavar else ():
            words += [option.shown, f'"${option.env}"' if option.secret else shlex.quote(each)]
    return " ".join(words)
