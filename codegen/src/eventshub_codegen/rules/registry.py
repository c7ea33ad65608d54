"""All rules by ID, in the order in which they are documented."""

from __future__ import annotations

from .endpoint_rules import ENDPOINT_RULES
from .stream_rules import STREAM_RULES
from .value_rules import VALUE_RULES

RULES = {rule.id: rule for rule in (*STREAM_RULES, *VALUE_RULES, *ENDPOINT_RULES)}
