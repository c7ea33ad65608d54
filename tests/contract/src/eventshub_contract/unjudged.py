"""What has no case (rules, elements of the spec) or no rule (sections of the guide), with the reason."""

from typing import Final

UNJUDGED: Final[dict[str, str]] = {}
"""Rules that bind a hub. The table of a run shows them as unsupported, with the reason given here."""

UNMET: Final[dict[str, str]] = {}
"""Elements of the spec that may stay without a case in `coverage`."""

SILENT_SECTIONS: Final[dict[str, str]] = {"11": "examples of what the hub is good for"}
"""Sections of the guide from which no rule comes."""
