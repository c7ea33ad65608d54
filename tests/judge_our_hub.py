"""Start our hub with short heartbeats and every identity the judge can use, and have it judged.

Arguments go on to ``eventshub-contract hub``; the exit code is its.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys

from tests.hub_process import hub_process

PING_INTERVAL, PONG_TIMEOUT = "0.5", "1"


def main() -> int:
    """Judge the hub of this checkout."""
    owner, other, no_read, api_secret, control = (secrets.token_hex(12) for _ in range(5))
    hub_environment = {
        "EVENTS_HUB_TOKEN": f"owner:READ_ONLY:{owner} other:READ_ONLY:{other} guest:NONE:{no_read}",
        "EVENTS_HUB_API_KEY": f"dashboard:READ_ONLY:{api_secret}",
        "EVENTS_HUB_CONTROL_TOKEN": control,
    }
    judge_environment = {
        "EVENTS_HUB_TOKEN": owner,
        "EVENTS_HUB_OTHER_TOKEN": other,
        "EVENTS_HUB_NO_READ_TOKEN": no_read,
        "EVENTS_HUB_API_KEY": f"dashboard:{api_secret}",
        "EVENTS_HUB_CONTROL_TOKEN": control,
    }
    options = [
        *("--ping-interval", PING_INTERVAL, "--pong-timeout", PONG_TIMEOUT),
        *("--trusted-proxy", "127.0.0.0/8"),
    ]
    with hub_process(*options, environment=hub_environment) as hub:
        command = [
            *(sys.executable, "-m", "eventshub_contract", "hub", "--url", hub.url),
            *("--control-url", hub.control_url, "--fast", "--trusted-proxy"),
            *("--connections-per-ip", "1", "--stop-command", f"kill -TERM {hub.pid}"),
            *sys.argv[1:],
        ]
        return subprocess.run(command, env={**os.environ, **judge_environment}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
