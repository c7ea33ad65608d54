"""Rules that bind a hub and that no case judges yet, each with the reason.

The table of a run shows them as unsupported, with the reason given here.
"""

from typing import Final

UNJUDGED: Final = {
    "EVT-7": "needs a load that no judged hub has agreed to",
}
