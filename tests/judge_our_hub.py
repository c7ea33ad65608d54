"""Start our hub with short heartbeats and every identity the judge can use, and have it judged.

``--dialect service`` has the other dialect judged: the report is to show the differences that are known, no
more and no fewer. All other arguments go on to ``eventshub-contract hub``, and then the exit code is its.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from tests.hub_process import hub_process

PING_INTERVAL, PONG_TIMEOUT = "0.5", "1"
BRIEF_SECONDS = 10
"""How long one token counts: longer than the hub takes to start, and then the judge has to wait for it."""
SERVICE_DEPARTS_FROM: Final = {
    "AUTH-6": "fail",  # the judge looks for the reason in `message`, which OAuth's answer has not
    "EVT-6": "lenient",
    "CMD-1": "fail",
    "CMD-4": "fail",
    "UNSUB-1": "fail",
    "UNSUB-2": "fail",  # in part: the answer lists nothing
    "UNSUB-3": "fail",  # likewise
    "ERR-1": "fail",
    "END-1": "fail",
}
"""What the judge says of the rules that the dialect ``service`` departs from and that it can judge."""


def main() -> int:
    """Judge the hub of this checkout."""
    arguments = sys.argv[1:]
    if arguments[:2] == ["--dialect", "service"]:
        return judge_service(arguments[2:])
    with tempfile.TemporaryDirectory() as folder:
        expires = datetime.now(UTC) + timedelta(seconds=BRIEF_SECONDS)
        config = Path(folder) / "hub.toml"
        config.write_text(
            f'[[tokens]]\nname = "brief"\nsecret = {{ env = "BRIEF" }}\nexpires = {expires.isoformat()}\n'
        )
        return judge(arguments, "--config", str(config)).returncode


def judge(
    arguments: list[str], *hub_options: str, captured: bool = False
) -> subprocess.CompletedProcess[str]:
    """Start a hub with these options and run the judge with these arguments."""
    owner, other, no_read, brief, api_secret, control = (secrets.token_hex(12) for _ in range(6))
    hub_environment = {
        "EVENTS_HUB_TOKEN": f"owner:READ_ONLY:{owner} other:READ_ONLY:{other} guest:NONE:{no_read}",
        "EVENTS_HUB_API_KEY": f"dashboard:READ_ONLY:{api_secret}",
        "EVENTS_HUB_CONTROL_TOKEN": control,
        "BRIEF": brief,
    }
    judge_environment = {
        "EVENTS_HUB_TOKEN": owner,
        "EVENTS_HUB_OTHER_TOKEN": other,
        "EVENTS_HUB_NO_READ_TOKEN": no_read,
        "EVENTS_HUB_API_KEY": f"dashboard:{api_secret}",
        "EVENTS_HUB_CONTROL_TOKEN": control,
    }
    if "--config" in hub_options:
        judge_environment["EVENTS_HUB_EXPIRING_TOKEN"] = brief
    options = [
        *("--ping-interval", PING_INTERVAL, "--pong-timeout", PONG_TIMEOUT),
        *("--trusted-proxy", "127.0.0.0/8", *hub_options),
    ]
    with hub_process(*options, environment=hub_environment) as hub:
        command = [
            *(sys.executable, "-m", "eventshub_contract", "hub", "--url", hub.url),
            *("--control-url", hub.control_url, "--fast", "--trusted-proxy"),
            *("--connections-per-ip", "1", "--stop-command", f"kill -TERM {hub.pid}"),
            *arguments,
        ]
        output = subprocess.PIPE if captured else None
        environment = {**os.environ, **judge_environment}
        return subprocess.run(command, env=environment, check=False, stdout=output, text=True)


def judge_service(arguments: list[str]) -> int:
    """Judge the dialect ``service`` and compare what it is found to do with what is known."""
    # With its limit of connections off, as it is by default, the rules about that could not be judged.
    done = judge([*arguments, "--json"], "--dialect", "service", "--connections-per-ip", "1", captured=True)
    try:
        rules = json.loads(done.stdout)["rules"]
    except (ValueError, KeyError):
        sys.stdout.write(done.stdout)
        return done.returncode or 2
    found = {rule["id"]: rule["verdict"] for rule in rules if rule["verdict"] in ("fail", "lenient", "error")}
    for rule in sorted(found.keys() | SERVICE_DEPARTS_FROM.keys()):
        known, seen = SERVICE_DEPARTS_FROM.get(rule, "pass"), found.get(rule, "pass")
        print(f"{rule:<9} {seen:<8} {'as known' if seen == known else f'NOT AS KNOWN: {known}'}")
    return int(found != SERVICE_DEPARTS_FROM)


if __name__ == "__main__":
    sys.exit(main())
