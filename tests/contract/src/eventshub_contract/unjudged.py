"""Rules that bind a hub and that no case judges yet, each with the reason.

The table of a run shows them as unsupported, with the reason given here.
"""

from typing import Final

UNJUDGED: Final = {
    "IP-5": "needs a hub whose limit can be changed; IP-1 judges the limit given with --connections-per-ip",
    "EVT-7": "needs a load that no judged hub has agreed to",
}
