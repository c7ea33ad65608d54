"""What becomes of a run's results: the baseline is held against them, and reports are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from . import baseline
from .baseline import Compared, WasJudged
from .errors import UsageError
from .reports import FORMATS, Order, orders
from .verdicts import CaseResult, Verdict

_SHIPPED: Final = Path(__file__).parent / "baselines"
REPORT_HELP: Final = f"how to report, and into which file: {', '.join(FORMATS)}; repeat it"
BASELINE_HELP: Final = (
    "deviations that are accepted, each with a reason and a day until which it is;"
    " `service-dialect`: those of the production service, which come with the judge"
)
UPDATE_HELP: Final = "write the baseline anew: what is found now is accepted"
STRICT_HELP: Final = "what is `lenient` is a failure too"


@dataclass(frozen=True, slots=True)
class Output:
    """How to say what was found, and what of it is accepted."""

    reports: tuple[Order, ...] = (Order("text", None),)
    baseline: Path | None = None
    update: bool = False
    strict: bool = False
    """Whether what is only recommended, or merely in no document, is a failure."""

    def compared(self, results: Sequence[CaseResult], was_judged: WasJudged) -> Compared:
        """Hold the baseline against results; with `update`, write it first.

        Raises:
            UsageError: The baseline cannot be read, or not be written.
        """
        compared = self._beside_baseline(results, was_judged)
        if not self.strict:
            return compared
        strictly = [
            replace(each, verdict=Verdict.FAIL) if each.verdict is Verdict.LENIENT else each
            for each in compared.results
        ]
        return replace(compared, results=strictly)

    def _beside_baseline(self, results: Sequence[CaseResult], was_judged: WasJudged) -> Compared:
        if self.baseline is None:
            return Compared(list(results), [])
        today = datetime.now(UTC).date()
        if not self.update:
            return baseline.compare(baseline.read(self.baseline), results, today, was_judged)
        known = baseline.read(self.baseline) if self.baseline.exists() else []
        renewed = baseline.updated(known, results, today, was_judged)
        try:
            self.baseline.write_text(baseline.as_toml(renewed), encoding="utf-8")
        except OSError as error:
            raise UsageError(
                f"--baseline: cannot write {self.baseline}: {error.strerror or error}"
            ) from error
        written = f"wrote {self.baseline}: {baseline.changes(known, renewed)}"
        compared = baseline.compare(renewed, results, today, was_judged)
        return replace(compared, notes=(written,))


def _baseline(name: str) -> Path:
    """A file, or one of those that come with the judge."""
    shipped = _SHIPPED / f"{name}.toml"
    return shipped if "/" not in name and "." not in name and shipped.exists() else Path(name)


def output_from(
    reports: Sequence[str],
    baseline_file: str | None,
    *,
    update: bool,
    as_json: bool = False,
    strict: bool = False,
) -> Output:
    """Check the options.

    Raises:
        UsageError: They name what cannot be.
    """
    if update and not baseline_file:
        raise UsageError("--baseline-update: say which file with --baseline FILE")
    file = _baseline(baseline_file) if baseline_file else None
    if file is not None and not update:
        baseline.read(file)  # before anything is judged
    return Output(orders([*reports, *(["json"] if as_json else [])]), file, update, strict)
