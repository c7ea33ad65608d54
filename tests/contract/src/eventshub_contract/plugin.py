"""The judge as a pytest plugin: one verdict a case, one a rule."""

from __future__ import annotations

import logging
import time
from collections.abc import Generator, Sequence
from typing import Final, NoReturn, TypeVar

import pytest

from . import preflight
from .addresses import Addresses
from .baseline import WasJudged
from .bundle import Bundle, load
from .ending import Shutdown, watch_shutdown
from .errors import ContractError, ExitCode, HubMisbehaved, TargetError, UsageError
from .expiry import Expiry, watch_expiry
from .heartbeats import ENOUGH_ADDRESSES, PEERS, Observation
from .hub import Hub
from .options import OPTIONS, Settings, settings_from
from .recorder import Recorder
from .reports import printed, write_files
from .results import Results
from .selection import check_names
from .unjudged import UNJUDGED
from .verdicts import CaseResult, Found, Lenient, RuleResult, Several, Unsupported, Verdict
from .watch import Watch

T = TypeVar("T")

LAST: Final = (
    *("test_slow_consumer_rules", "test_expiry_rules", "test_heartbeat_rules"),
    *("test_ending_rules", "test_findings"),
)
"""Modules of cases that run after all others, in this order."""

ALWAYS: Final = "test_findings"
"""The module whose cases run whatever is selected: they judge what the others heard."""

JUDGE: Final = pytest.StashKey["Judge"]()
"""Where a pytest configuration keeps its judge."""


class Judge:
    """Selects and runs the cases, and gathers what they find."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.bundle: Bundle = load(settings.bundle)
        self.recorder = Recorder(self.bundle, settings.target.secrets)
        self.addresses = Addresses(settings.target)
        self.peers = {name: Watch(self._hub(name), observe) for name, observe in PEERS.items()}
        self.expiry = Watch(self._hub("expiring_peer"), watch_expiry)
        self.shutdown = Watch(self._hub("shutdown"), watch_shutdown)
        self.report: Results | None = None
        self.trouble: ContractError | None = None
        self.exit_code = ExitCode.INTERNAL
        self.interrupted = False
        self._running: pytest.Item | None = None
        self._hubs: dict[str, Hub] = {}
        self._results: dict[str, tuple[CaseResult, ...]] = {}
        self._rules_of: dict[str, tuple[str, ...]] = {}
        self._of_everything: set[str] = set()
        self._started = time.monotonic()
        check_names(settings.rules, self.bundle.hub_rules, "--rule", "rule that binds a hub")

    def hub_for_case(self) -> Hub:
        """The hub under judgement, as the running case sees it; to be closed when the case ends."""
        if self._running is None:
            raise RuntimeError("no case is running")
        hub = self._hub(self._running.name)
        self._hubs[self._running.nodeid] = hub
        return hub

    def peer_for_case(self, name: str) -> Watch[Observation]:
        """One of the peers that are watched, for the running case."""
        return self._assigned(self.peers[name])

    def expiry_for_case(self) -> Watch[Expiry]:
        """The peer whose token expires, for the running case."""
        return self._assigned(self.expiry)

    def shutdown_for_case(self) -> Watch[Shutdown]:
        """The end of the hub, for the running case."""
        return self._assigned(self.shutdown)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Know which case is running."""
        self._running = item

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Check that each case names rules, keep what was selected, and put last what must be last."""
        for item in items:
            rules = tuple(rule for mark in item.iter_markers("rule") for rule in mark.args)
            unknown = [rule for rule in rules if rule not in self.bundle.hub_rules]
            if not rules or unknown:
                named = ", ".join(unknown) or "none"
                self._give_up(
                    UsageError(f"{item.name} names no rule of the bundle that binds a hub: {named}")
                )
            self._rules_of[item.nodeid] = rules
        try:
            check_names(self.settings.cases, {item.name for item in items}, "--case", "case")
        except UsageError as error:
            self._give_up(error)
        self._of_everything = {item.name for item in items if ALWAYS in item.nodeid}
        kept = [item for item in items if self._is_selected(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = sorted(kept, key=_turn)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Make sure that there is a hub; begin what takes long."""
        if session.config.option.collectonly or session.testsfailed:
            return
        hub = self._hub("preflight")
        try:
            preflight.check(hub)
        except TargetError as error:
            self._give_up(error)
        finally:
            hub.close()
        wanted = {name for item in session.items for name in getattr(item, "fixturenames", ())}
        if "expiring_peer" in wanted and self.settings.target.expiring_token:
            self.expiry.start()
        for name, watch in self.peers.items():
            if name in wanted and self.addresses.count >= ENOUGH_ADDRESSES:
                watch.start()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Turn what a case did into a verdict, and keep credentials out of pytest's own report."""
        report = yield
        report.sections.clear()
        raised = call.excinfo.value if call.excinfo else None
        if raised is None:
            if call.when == "call":
                self._judge(item, Verdict.PASS, "")
            return report
        verdict = _verdict_of(raised)
        message = self._redacted(_said(raised))
        self._judge(item, verdict, message, raised.found if isinstance(raised, Several) else ())
        if verdict in {Verdict.UNSUPPORTED, Verdict.LENIENT}:
            report.outcome = "skipped"
            report.longrepr = (str(item.path), 0, f"{verdict}: {message}")
        else:
            report.longrepr = f"{', '.join(self._rules_of[item.nodeid])} {verdict}: {message}"
            if verdict is Verdict.ERROR and call.excinfo is not None:
                report.longrepr += "\n" + self._redacted(str(call.excinfo.getrepr(style="short")))
        return report

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Keep what broke, to be said at the end."""
        self.trouble = ContractError(f"the judge broke down: {excinfo.exconly()}")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Draw up the report, and end with the exit code that the findings are worth."""
        self.interrupted = interrupted = exitstatus not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}
        if self.trouble is not None or not (self._results or interrupted):
            return
        results = [result for each in self._results.values() for result in each]
        try:
            compared = self.settings.output.compared(results, self._was_judged(results))
            self.report = Results(
                bundle=self.bundle,
                subject="hub",
                target=self.settings.target.hub_url.geturl(),
                rules=self._rule_results(compared.results, interrupted),
                seconds=time.monotonic() - self._started,
                replay=self.settings.replay,
                traffic=self.recorder.traffic,
                notes=[*self._notes(), *compared.notes],
                problems=compared.problems,
            )
            write_files(self.report, self.settings.output.reports)
            self.exit_code = ExitCode.INTERNAL if interrupted else self.report.exit_code
        except UsageError as error:
            self.trouble, self.exit_code = error, error.exit_code
        session.exitstatus = self.exit_code

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the report, where pytest prints at all."""
        if self.report is not None:
            terminalreporter.section("Events Hub contract")
            terminalreporter.write_line(self.text)

    @property
    def text(self) -> str:
        """The report as asked for."""
        if self.report is None:
            return ""
        return self._redacted(printed(self.report, self.settings.output.reports))

    def _assigned(self, watch: Watch[T]) -> Watch[T]:
        if self._running is not None:
            self._hubs[self._running.nodeid] = watch.hub
        return watch

    def _hub(self, case: str) -> Hub:
        return Hub(self.settings.target, self.recorder, self.addresses, case)

    def _give_up(self, error: UsageError | TargetError) -> NoReturn:
        self.trouble = error
        self.exit_code = error.exit_code
        pytest.exit(self._redacted(str(error)), returncode=error.exit_code)

    def _is_selected(self, item: pytest.Item) -> bool:
        if not self.settings.rules and not self.settings.cases:
            return True
        named = set(self.settings.rules) & set(self._rules_of[item.nodeid])
        return bool(named) or item.name in self.settings.cases or ALWAYS in item.nodeid

    def _judge(self, item: pytest.Item, verdict: Verdict, message: str, found: Sequence[Found] = ()) -> None:
        before = self._results.get(item.nodeid)
        if before is not None and any(each.verdict is not Verdict.PASS for each in before):
            return
        hub = self._hubs.get(item.nodeid)
        conversation = hub.log.conversation if hub else ()
        rules = self._rules_of[item.nodeid]
        self._results[item.nodeid] = tuple(
            CaseResult(
                *(item.name, rules, each.verdict, self._redacted(each.message), conversation),
                example=self._redacted(each.example),
                came_in=each.came_in,
            )
            for each in found or [Found(verdict, message)]
        )

    def _was_judged(self, results: Sequence[CaseResult]) -> WasJudged:
        """What the others heard is not all that a hub says, if they are but a selection."""
        if not (self.interrupted or self.settings.rules or self.settings.cases):
            return lambda _: True
        judged = {result.key for result in results} - self._of_everything
        return lambda deviation: deviation.case in judged

    def _rule_results(self, results: Sequence[CaseResult], interrupted: bool) -> list[RuleResult]:
        otherwise = "the run was interrupted" if interrupted else ""
        selected = set(self.settings.rules)
        for result in results:
            if result.case in self.settings.cases:
                selected |= set(result.rules)
        rows = [
            RuleResult(
                rule,
                tuple(result for result in results if rule.id in result.rules),
                UNJUDGED.get(rule.id, otherwise),
                self.settings.output.strict,
            )
            for rule in self.bundle.hub_rules.values()
        ]
        if not selected:
            return rows
        bad = {Verdict.FAIL, Verdict.LENIENT, Verdict.ERROR}
        return [row for row in rows if row.rule.id in selected or row.verdict in bad]

    def _notes(self) -> list[str]:
        """What was not given; of a selection, only what its cases missed."""
        target = self.settings.target
        given = {
            "--control-url": target.control_url,
            **({} if target.control_url else {"--trigger": target.trigger}),
            "--queue-limit": target.queue_limit,
            "--generated": target.generated,
            "--api-key": target.api_key,
            "--other-token": target.other_token,
            "--no-read-token": target.no_read_token,
            "--expiring-token": target.expiring_token,
            "--stop-command": target.stop_command,
        }
        notes = {option: f"{option} was not given" for option, value in given.items() if not value}
        if self.addresses.count == 1:
            notes["--from-address"] = (
                "one source address only: give others with --from-address to judge delivery between clients"
            )
        if self.settings.rules or self.settings.cases:
            missed = " ".join(
                result.message
                for each in self._results.values()
                for result in each
                if result.verdict is Verdict.UNSUPPORTED
            )
            return [note for option, note in notes.items() if option in missed]
        return list(notes.values())

    def _redacted(self, text: str) -> str:
        return self.settings.target.secrets.redact(text)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The judge's options, for ``pytest --pyargs eventshub_contract``."""
    group = parser.getgroup("eventshub-contract", "Events Hub contract")
    for option in OPTIONS:
        option.add_to(group.addoption)


def pytest_configure(config: pytest.Config) -> None:
    """Appoint the judge, unless the command line brought its own."""
    config.addinivalue_line("markers", "rule(*ids): the rules of the protocol that a case judges")
    # httpx logs URLs, which carry credentials in some cases.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    judge = config.stash.get(JUDGE, None)
    if judge is None:
        try:
            judge = Judge(settings_from(config.option))
        except UsageError as error:
            raise pytest.UsageError(f"eventshub-contract: {error}") from error
        config.stash[JUDGE] = judge
    config.pluginmanager.register(judge, "eventshub-contract-judge")


def _turn(item: pytest.Item) -> int:
    return next((turn for turn, name in enumerate(LAST, 1) if name in item.nodeid), 0)


def _verdict_of(raised: BaseException) -> Verdict:
    if isinstance(raised, Several):
        return raised.verdict
    if isinstance(raised, Lenient):
        return Verdict.LENIENT
    if isinstance(raised, Unsupported | pytest.skip.Exception):
        return Verdict.UNSUPPORTED
    if isinstance(raised, AssertionError | HubMisbehaved | pytest.fail.Exception):
        return Verdict.FAIL
    return Verdict.ERROR


def _said(raised: BaseException) -> str:
    text = str(raised).partition("\nassert ")[0].strip()
    if isinstance(
        raised, AssertionError | HubMisbehaved | pytest.skip.Exception | Lenient | Several | Unsupported
    ):
        return text or type(raised).__name__
    return f"{type(raised).__name__}: {text}"
