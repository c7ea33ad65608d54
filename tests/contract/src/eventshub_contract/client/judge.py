"""Runs the cases, several at a time, and draws up the report."""

from __future__ import annotations

import asyncio
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import replace

from ..bundle import Bundle, load
from ..errors import ClientMisbehaved, ExitCode, TargetError, UsageError
from ..results import Results
from ..selection import check_names
from ..traffic import Traffic
from ..verdicts import CaseResult, Lenient, RuleResult, Unsupported, Verdict
from . import cases
from .options import ClientSettings
from .registry import CASES, Case
from .scene import Scene

_CASE_LIMIT = 90.0
_REAL_CASE_LIMIT = 400.0
_JOBS_AGAIN = 2


class ClientJudge:
    """Judges one client."""

    def __init__(self, settings: ClientSettings) -> None:
        """Select the cases.

        Raises:
            UsageError: The settings name what does not exist, or the bundle cannot be read.
        """
        cases.load()
        self._settings = settings
        self._bundle: Bundle = load(settings.bundle)
        rules = self._bundle.client_rules
        check_names(settings.rules, rules, "--rule", "rule that binds a client")
        check_names(settings.cases, CASES, "--case", "case")
        unknown = {rule for case in CASES.values() for rule in case.rules} - rules.keys()
        if unknown:
            raise UsageError(f"cases name rules that no client is bound by: {', '.join(sorted(unknown))}")
        self._notes: list[str] = []
        self._traffic = Traffic(self._bundle)
        if not settings.is_fast:
            self._notes.append("judged in real time; a command that can be fast: --fast")
        self._cases = [case for case in CASES.values() if self._is_selected(case)]

    def run(self) -> Results:
        """Judge, and say what was found.

        Raises:
            UsageError: The command cannot be run.
            TargetError: The command does not connect, or does not print what it gets.
        """
        began = time.monotonic()
        is_whole = not (self._settings.rules or self._settings.cases)
        results = asyncio.run(self._run())
        judged = {result.key for result in results}
        compared = self._settings.output.compared(results, lambda each: is_whole or each.case in judged)
        rows = [
            RuleResult(
                rule,
                tuple(result for result in compared.results if rule.id in result.rules),
                is_strict=self._settings.output.strict,
            )
            for rule in self._bundle.client_rules.values()
        ]
        if not is_whole:
            named = {rule for name in self._settings.cases for rule in CASES[name].rules}
            wanted = named | set(self._settings.rules)
            rows = [row for row in rows if row.rule.id in wanted]
        return Results(
            bundle=self._bundle,
            subject="client",
            target=self._settings.shown,
            rules=rows,
            seconds=time.monotonic() - began,
            replay=self._settings.replay,
            traffic=self._traffic,
            notes=[*self._notes, *compared.notes],
            problems=compared.problems,
        )

    async def _run(self) -> list[CaseResult]:
        await self._check_command()
        results = await self._judge_all(self._cases, self._settings.jobs)
        failed = [result.case for result in results if result.verdict is Verdict.FAIL]
        if not self._settings.confirm or not failed:
            return results
        # What is wrong is wrong again. What is not is no verdict on the rule: nobody can rely on it.
        again = await self._judge_all([CASES[name] for name in failed], _JOBS_AGAIN)
        held = {result.case for result in again if result.verdict is Verdict.PASS}
        return [
            replace(
                result,
                verdict=Verdict.UNSTEADY,
                message=f"failed, and held when it was run again: {result.message}",
            )
            if result.case in held
            else result
            for result in results
        ]

    async def _judge_all(self, cases: Sequence[Case], jobs: int) -> list[CaseResult]:
        seats = asyncio.Semaphore(jobs)
        tasks = [asyncio.create_task(self._judge(case, seats)) for case in cases]
        try:
            return await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _check_command(self) -> None:
        """See the command connect and print one event: without that, nothing else means anything."""
        scene = Scene(self._settings, self._bundle, self._traffic.of("preflight"))
        await scene.open()
        try:
            await scene.connected()
        except ClientMisbehaved as error:
            said = scene.secrets.redact(str(error))
            raise TargetError(f"there is no client to judge: {said}", ExitCode.UNREACHABLE) from error
        finally:
            await scene.close()

    async def _judge(self, case: Case, seats: asyncio.Semaphore) -> CaseResult:
        async with seats:
            scene = Scene(self._settings, self._bundle, self._traffic.of(case.name))
            limit = _CASE_LIMIT if self._settings.is_fast else _REAL_CASE_LIMIT
            try:
                await scene.open()
                async with asyncio.timeout(limit):
                    await case.script(scene)
                verdict, message = Verdict.PASS, ""
            except ClientMisbehaved as error:
                verdict, message = Verdict.FAIL, str(error)
            except Unsupported as error:
                verdict, message = Verdict.UNSUPPORTED, str(error)
            except Lenient as error:
                verdict, message = Verdict.LENIENT, str(error)
            except TimeoutError:
                verdict, message = Verdict.ERROR, f"the case did not end within {limit:g} s"
            except UsageError:
                raise
            except Exception as error:  # noqa: BLE001 - a case that breaks down is a finding about the judge
                verdict, message = Verdict.ERROR, "".join(traceback.format_exception(error)[-3:])
            finally:
                await scene.close()
            if sys.stderr.isatty():
                sys.stderr.write(".")
                sys.stderr.flush()
        redact = scene.secrets.redact
        lines = tuple(redact(line) for line in scene.log.lines)
        return CaseResult(case.name, case.rules, verdict, redact(message), lines)

    def _is_selected(self, case: Case) -> bool:
        rules, names = self._settings.rules, self._settings.cases
        return not (rules or names) or bool(set(rules) & set(case.rules)) or case.name in names
