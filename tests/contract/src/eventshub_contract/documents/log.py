"""What was looked at in documents, and what was found."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..bundle import Bundle, Rule
from ..traffic import Traffic
from ..verdicts import CaseResult, Place, Verdict


@dataclass
class Log:
    """Everything that checks say."""

    bundle: Bundle
    results: list[CaseResult] = field(default_factory=list[CaseResult])

    def __post_init__(self) -> None:
        self.traffic = Traffic(self.bundle)
        self._seen: set[tuple[str, Place, str]] = set()

    def held(self, rule: Rule, file: str, line: int) -> None:
        """Something was looked at, and is as the spec says."""
        self._add(rule, file, line, Verdict.PASS, "", "")

    def found(self, rule: Rule, file: str, line: int, what: str, says: str = "") -> None:
        """Something is not as the spec says.

        Args:
            rule: What is asked of documents, and does not hold.
            file: The document.
            line: Where in it.
            what: What is wrong.
            says: What the spec says.
        """
        self._add(rule, file, line, Verdict.FAIL, what, says)

    def judged(self, rule: Rule, file: str, line: int, what: str, says: str = "") -> None:
        """Either, by whether there is something wrong."""
        if what:
            self.found(rule, file, line, what, says)
        else:
            self.held(rule, file, line)

    def unsupported(self, rule: Rule, file: str, line: int, reason: str) -> None:
        """Something could not be judged."""
        self._add(rule, file, line, Verdict.UNSUPPORTED, reason, "")

    def says(self, *rules: str) -> str:
        """What rules of the protocol say, for a finding."""
        known = {rule.id: rule for rule in self.bundle.rules}
        return " ".join(f"{rule}: {known[rule].statement}" for rule in rules if rule in known)

    def _add(self, rule: Rule, file: str, line: int, verdict: Verdict, what: str, says: str) -> None:
        place = Place(file, line)
        message = " ".join(what.split())
        if (rule.id, place, message) in self._seen:
            return
        self._seen.add((rule.id, place, message))
        self.results.append(
            CaseResult(str(place), (rule.id,), verdict, message, place=place, says=says, subject=file)
        )
