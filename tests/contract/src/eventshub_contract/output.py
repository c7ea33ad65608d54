"""What becomes of a run's results: the baseline is held against them, and reports are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from . import baseline
from .baseline import Compared
from .errors import UsageError
from .reports import FORMATS, Order, orders
from .verdicts import CaseResult

_SHIPPED: Final = Path(__file__).parent / "baselines"
REPORT_HELP: Final = f"how to report, and into which file: {', '.join(FORMATS)}; repeat it"
BASELINE_HELP: Final = (
    "deviations that are accepted, each with a reason and a day until which it is;"
    " `service-dialect`: those of the production service, which come with the judge"
)
UPDATE_HELP: Final = "write the baseline anew: what is found now is accepted"


@dataclass(frozen=True, slots=True)
class Output:
    """How to say what was found, and what of it is accepted."""

    reports: tuple[Order, ...] = (Order("text", None),)
    baseline: Path | None = None
    update: bool = False

    def compared(self, results: Sequence[CaseResult], *, is_whole: bool) -> Compared:
        """Hold the baseline against results; with `update`, write it first.

        Raises:
            UsageError: The baseline cannot be read, or not be written.
        """
        if self.baseline is None:
            return Compared(list(results), [])
        today = datetime.now(UTC).date()
        if not self.update:
            return baseline.compare(baseline.read(self.baseline), results, today, is_whole=is_whole)
        known = baseline.read(self.baseline) if self.baseline.exists() else []
        renewed = baseline.updated(known, results, today, is_whole=is_whole)
        try:
            self.baseline.write_text(baseline.as_toml(renewed), encoding="utf-8")
        except OSError as error:
            raise UsageError(
                f"--baseline: cannot write {self.baseline}: {error.strerror or error}"
            ) from error
        return baseline.compare(renewed, results, today, is_whole=is_whole)


def _baseline(name: str) -> Path:
    """A file, or one of those that come with the judge."""
    shipped = _SHIPPED / f"{name}.toml"
    return shipped if "/" not in name and "." not in name and shipped.exists() else Path(name)


def output_from(
    reports: Sequence[str], baseline_file: str | None, *, update: bool, as_json: bool = False
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
    return Output(orders([*reports, *(["json"] if as_json else [])]), file, update)
