"""Start our hub with short heartbeats and every identity the judge can use, and have it judged.

Arguments go on to ``eventshub-contract``; the exit code is its.
"""

from __future__ import annotations

import json
import os
import secrets
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PING_INTERVAL, PONG_TIMEOUT = "0.5", "1"


def main() -> int:
    """Judge the hub of this checkout."""
    owner, other, no_read, api_secret, control = (secrets.token_hex(12) for _ in range(5))
    hub_environment = {
        **os.environ,
        "EVENTS_HUB_TOKEN": f"owner:READ_ONLY:{owner} other:READ_ONLY:{other} guest:NONE:{no_read}",
        "EVENTS_HUB_API_KEY": f"dashboard:READ_ONLY:{api_secret}",
        "EVENTS_HUB_CONTROL_TOKEN": control,
    }
    with tempfile.TemporaryDirectory() as folder:
        ready, log = Path(folder) / "ready.json", Path(folder) / "hub.log"
        command = [
            *(
                sys.executable,
                "-m",
                "eventshub_mockserver",
                "serve",
                "--port",
                "0",
                "--ready-file",
                str(ready),
            ),
            *("--ping-interval", PING_INTERVAL, "--pong-timeout", PONG_TIMEOUT),
            *("--trusted-proxy", "127.0.0.0/8"),
        ]
        with (
            log.open("wb") as errors,
            subprocess.Popen(command, env=hub_environment, stdout=subprocess.DEVNULL, stderr=errors) as hub,
        ):
            try:
                while not ready.exists():
                    if hub.poll() is not None:
                        sys.exit(f"The hub did not start: {log.read_text()}")
                    time.sleep(0.02)
                urls = json.loads(ready.read_text())
                stop = shlex.join(["kill", "-TERM", str(hub.pid)])
                judge_environment = {
                    **os.environ,
                    "EVENTS_HUB_TOKEN": owner,
                    "EVENTS_HUB_OTHER_TOKEN": other,
                    "EVENTS_HUB_NO_READ_TOKEN": no_read,
                    "EVENTS_HUB_API_KEY": f"dashboard:{api_secret}",
                    "EVENTS_HUB_CONTROL_TOKEN": control,
                }
                judged = subprocess.run(
                    [
                        *(sys.executable, "-m", "eventshub_contract", "--hub-url", urls["url"]),
                        *("--control-url", urls["control_url"], "--fast", "--trusted-proxy"),
                        *("--connections-per-ip", "1", "--stop-command", stop),
                        *sys.argv[1:],
                    ],
                    env=judge_environment,
                    check=False,
                )
                return judged.returncode
            finally:
                hub.terminate()


if __name__ == "__main__":
    sys.exit(main())
