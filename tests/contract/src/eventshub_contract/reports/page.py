"""The report as one page of HTML that needs nothing else: no script, no font, no network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import jinja2

from ..results import Results, guide_of
from ..verdicts import RED, CaseResult, Said, Verdict

_LINES_OF_RED: Final = 300
_LINES_OF_OTHERS: Final = 40

_SIGNS: Final = {">": "sent", "<": "came", "-": "happened", "|": "printed", "!": "complained"}

_ORDER: Final = (
    *(Verdict.ERROR, Verdict.FAIL, Verdict.UNSTEADY, Verdict.LENIENT),
    *(Verdict.ACCEPTED, Verdict.UNSUPPORTED, Verdict.PASS),
)


def as_html(results: Results) -> str:
    """For a person. Every text is escaped, and a policy in the page forbids it to load or run anything."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("eventshub_contract", "reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.jinja").render(
        results=results,
        counts=[(verdict.value, results.counts.get(verdict, 0)) for verdict in _ORDER],
        is_good=results.exit_code == 0,
        RED=RED,
        guide_of=guide_of,
        shown=_shown,
        signs=_SIGNS,
        messages=results.traffic.messages(),
        responses=results.traffic.responses(),
    )


def _shown(case: CaseResult) -> Sequence[Said]:
    """The conversation, or its beginning and its end where it is long."""
    lines = list(case.timeline)
    limit = _LINES_OF_RED if case.verdict in RED else _LINES_OF_OTHERS
    if len(lines) <= limit:
        return lines
    left_out = len(lines) - limit
    return [
        *lines[: limit // 4],
        Said("", "", "-", f"{left_out} lines are left out here"),
        *lines[-(limit - limit // 4) :],
    ]
