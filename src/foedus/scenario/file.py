"""A parsed scenario file: checks all of it, and builds the rules of any case."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import partial

from foedus.errors import ScenarioError
from foedus.scenario.case import Case
from foedus.scenario.checking import Checker
from foedus.scenario.diagnostics import Diagnostic, EnoughError, Report, render_all
from foedus.scenario.digest import digest
from foedus.scenario.fields import SCENARIO
from foedus.scenario.model import EQUILIBRIUM, Alternative, Claim, Fact, Rules
from foedus.scenario.nodes import WHOLE_FILE, Mapping, child, items, pairs, text
from foedus.scenario.readings import Readings
from foedus.scenario.rules import Finding, Knowledge, check_alternatives, check_rules
from foedus.scenario.scenario import Scenario
from foedus.scenario.sections.claims import check_names, read_claims, read_facts, warn_of_idle
from foedus.scenario.sections.context import Context, named
from foedus.scenario.sections.mechanisms import check_mechanisms
from foedus.scenario.vocabulary import Vocabulary

BASE = Alternative(name="base", label="base")  # of a file without regimes


class ScenarioFile:
    """One file, its rules read and checked case by case."""

    def __init__(self, name: str, root: Mapping, report: Report) -> None:
        self.name = name
        self.root = root
        self.report = report
        self.regimes = self._alternatives("regimes") or (BASE,)
        self.variants = self._alternatives("variants")
        self.mechanisms = self._alternatives("mechanisms")
        self.counterfactuals = self._alternatives("counterfactuals")
        self.first = Case(self.regimes[0].name)
        self.readings = Readings(root, [regime.name for regime in self.regimes])
        self._clashes: dict[Case, tuple[Diagnostic, ...]] = {}

    def scenario(self) -> Scenario | None:
        """The scenario; None if the report has errors after everything has been checked."""
        Checker(self.report, self.readings.checked).check(self.root, SCENARIO, WHOLE_FILE)
        cases = [Case(regime.name) for regime in self.regimes]
        cases += [self.first._replace(variant=variant.name) for variant in self.variants]
        for case in cases:
            self.readings.read(case, self.report)
        rewritten = self._rewritten()
        claims, plausible, holdouts = self._statements()
        if self.report.errors:
            return None
        self._unused()
        warn_of_idle(self.root, claims, (*plausible, *holdouts), self.report)
        self._check(cases, rewritten)
        if self.report.errors:
            return None
        rules = self.readings.rules(self.first)
        return Scenario(
            name=self.name,
            title=text(self.root.get("title")),
            summary=text(self.root.get("summary")).strip(),
            notes=text(self.root.get("notes")),
            sources={key.text: text(value) for key, value in pairs(self.root.get("sources"))},
            tags=tuple(text(tag) for tag in items(self.root.get("tags"))),
            regimes=self.regimes,
            variants=self.variants,
            mechanisms=self.mechanisms,
            counterfactuals=self.counterfactuals,
            claims=claims,
            plausible=plausible,
            holdouts=holdouts,
            parameters=rules.parameters,
            precision=rules.precision,
            convention=rules.convention,
            period=rules.period,
            horizon=rules.horizon,
            text=self.root.source.text,
            build=self.build,
            locate=self.readings.locate,
            content=partial(digest, self.root, SCENARIO),
        )

    def build(self, case: Case) -> Rules:
        """The rules of a case; `ScenarioError` if its changes do not fit together."""
        if case.under is not None:
            self.build(case._replace(under=None))
        if not (self.readings.known(case) or case in self._clashes):
            report = Report(self.report.file)
            with suppress(EnoughError):
                self.readings.read(case, report)
                if not report.errors:
                    self._note(check_rules(self.readings.rules(case)), case, report)
            if report.errors:
                self.readings.forget(case)
                self._clashes[case] = report.diagnostics()
        if case in self._clashes:
            diagnostics = self._clashes[case]
            shown = render_all(diagnostics, self.root.source.lines())
            message = f"{' and '.join(case.words())} do not fit together"
            raise ScenarioError(f"{message}\n\n{shown}", diagnostics)
        return self.readings.rules(case)

    def _alternatives(self, section: str) -> tuple[Alternative, ...]:
        return tuple(
            Alternative(
                name=key.text,
                label=text(child(node, "label")) or key.text,
                means=text(child(node, "means")),
                source=text(child(node, "source")),
            )
            for key, node in named(self.root.get(section))
        )

    def _rewritten(self) -> list[Case]:
        """The first regime with each mechanism off and under each counterfactual, read.

        Sound rules only: what is wrong in the rules themselves would be found again.
        """
        report = self.report
        check_mechanisms(Context(self.root, report, self.readings.memory))
        if report.errors:
            return []
        cases = [self.first._replace(without=mechanism.name) for mechanism in self.mechanisms]
        cases += [self.first._replace(under=play.name) for play in self.counterfactuals]
        for case in cases:
            self.readings.read(case, report)
        return cases

    def _statements(self) -> tuple[tuple[Claim, ...], tuple[Fact, ...], tuple[Fact, ...]]:
        """Claims, plausible facts and hold-outs."""
        root, report = self.root, self.report
        for key, _ in named(root.get("regimes")):
            if key.text == EQUILIBRIUM:
                message = f"`{EQUILIBRIUM}` cannot be the name of a regime"
                why = "a distance to it is the distance to equilibrium play"
                report.error("F302", key.place, message, why=why, hint="rename the regime")
        check_names(root, report)
        words = Vocabulary.of(root, [regime.name for regime in self.regimes])
        return (
            read_claims(root, words, report),
            read_facts(root, "plausible", words, report),
            read_facts(root, "holdouts", words, report),
        )

    def _check(self, cases: list[Case], rewritten: list[Case]) -> None:
        """What the rules of all cases turn out to mean."""
        knowledge = Knowledge()
        alternatives = [self.readings.rules(case) for case in cases]
        for finding in check_alternatives(alternatives, knowledge):
            where = Case(finding.regime or self.first.regime, finding.variant)
            self._note([finding], where, self.report)
        if self.report.errors:
            return
        for case in rewritten:
            if case.without and self.readings.subset(self.first, case.without):
                continue  # what holds all over the ranges holds inside them
            found = check_rules(self.readings.rules(case), knowledge)
            errors = [finding for finding in found if finding.severity == "error"]
            self._note(errors, case, self.report)

    def _note(self, findings: Iterable[Finding], case: Case, report: Report) -> None:
        """Report findings at their places in the file."""
        report.under = ", ".join(case.words(self.first.regime))
        for finding in findings:
            place = self.readings.locate(finding.subject, case)
            note = report.error if finding.severity == "error" else report.warning
            note(finding.code, place, finding.message, why=finding.why, hint=finding.hint)
        report.under = ""

    def _unused(self) -> None:
        """Warn of parameters and definitions that no expression reads, under any regime."""
        for section, code in (("parameters", "F802"), ("define", "F803")):
            for key, _ in named(self.root.get(section)):
                if key.text not in self.readings.memory.used:
                    message = f"`{key.text}` is not used"
                    self.report.warning(code, key.place, message, hint="leave it out, or use it")
