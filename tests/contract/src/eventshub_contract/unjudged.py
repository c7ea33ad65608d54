"""Rules that bind a hub and that no case judges yet, each with the reason.

The table of a run shows them as unsupported, with the reason given here.
"""

from typing import Final

UNJUDGED: Final = {
    "AUTH-7": "needs a credential that ends during the run",
    "CONN-8": "needs a hub that can be held while it starts or drains",
    "IP-4": "needs a hub that trusts the judge's machine as a proxy, and one that does not",
    "IP-5": "needs a hub whose limit can be changed; IP-1 judges the limit given with --connections-per-ip",
    "EVT-7": "needs a load that no judged hub has agreed to",
}
