"""A parsed scenario file: checks all of it, and builds the rules of any regime and variant."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import partial

from foedus.errors import ScenarioError
from foedus.scenario.assembly import assemble
from foedus.scenario.checking import Checked, Checker
from foedus.scenario.diagnostics import Diagnostic, EnoughError, Report, render_all
from foedus.scenario.digest import digest
from foedus.scenario.edits import edited
from foedus.scenario.fields import SCENARIO
from foedus.scenario.memory import Memory
from foedus.scenario.model import Alternative, Rules
from foedus.scenario.nodes import (
    WHOLE_FILE,
    Mapping,
    Node,
    Place,
    Scalar,
    Sequence,
    child,
    items,
    pairs,
    text,
)
from foedus.scenario.rules import Finding, check_alternatives, check_rules
from foedus.scenario.scenario import Scenario, Subject
from foedus.scenario.sections.context import Context, named

BASE = Alternative(name="base", label="base")  # of a file without regimes


class ScenarioFile:
    """One file. Trees and rules are made once for each regime and variant."""

    def __init__(self, name: str, root: Mapping, report: Report) -> None:
        self.name = name
        self.root = root
        self.report = report
        self.memory = Memory()
        self._checked: Checked = {}
        self.regimes = self._alternatives("regimes") or (BASE,)
        self.variants = self._alternatives("variants")
        self._trees: dict[tuple[str, str | None], Mapping] = {}
        self._rules: dict[tuple[str, str | None], Rules] = {}
        self._clashes: dict[tuple[str, str | None], tuple[Diagnostic, ...]] = {}

    def scenario(self) -> Scenario | None:
        """The scenario; None if the report has errors after everything has been checked."""
        Checker(self.report, self._checked).check(self.root, SCENARIO, WHOLE_FILE)
        first = self.regimes[0].name
        for regime in self.regimes:
            self._read(regime.name, None, self.report)
        for variant in self.variants:
            self._read(first, variant.name, self.report)
        if self.report.errors:
            return None
        self._unused()
        self._findings(check_alternatives(self._rules.values()), self.report)
        if self.report.errors:
            return None
        rules = self._rules[first, None]
        return Scenario(
            name=self.name,
            title=text(self.root.get("title")),
            summary=text(self.root.get("summary")).strip(),
            notes=text(self.root.get("notes")),
            sources={key.text: text(value) for key, value in pairs(self.root.get("sources"))},
            tags=tuple(text(tag) for tag in items(self.root.get("tags"))),
            regimes=self.regimes,
            variants=self.variants,
            parameters=rules.parameters,
            precision=rules.precision,
            convention=rules.convention,
            period=rules.period,
            horizon=rules.horizon,
            text=self.root.source.text,
            build=self.build,
            locate=self.locate,
            content=partial(digest, self.root, SCENARIO),
        )

    def build(self, regime: str, variant: str | None) -> Rules:
        """The rules of a regime under a variant; `ScenarioError` if the two do not fit together."""
        key = regime, variant
        if key not in self._rules and key not in self._clashes:
            report = Report(self.report.file)
            with suppress(EnoughError):
                self._read(regime, variant, report)
                if not report.errors:
                    self._findings(check_rules(self._rules[key]), report)
            if report.errors:
                self._rules.pop(key, None)
                self._clashes[key] = report.diagnostics()
        if key in self._clashes:
            diagnostics = self._clashes[key]
            shown = render_all(diagnostics, self.root.source.lines())
            message = f"regime {regime} and variant {variant} do not fit together"
            raise ScenarioError(f"{message}\n\n{shown}", diagnostics)
        return self._rules[key]

    def locate(self, subject: Subject, regime: str, variant: str | None) -> Place:
        """Where part of the edited tree stands in the file."""
        node: Node = self._tree(regime, variant, Report(""))
        place = node.place
        for step in subject:
            following, place = _step(node, step, place)
            if following is None:
                break
            node = following
        return place

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

    def _tree(self, regime: str, variant: str | None, report: Report) -> Mapping:
        if (regime, variant) not in self._trees:
            tree = self.root
            for section, name in (("regimes", regime), ("variants", variant)):
                edit = child(child(self.root.get(section), name or ""), "edit")
                if edit is not None:
                    tree = edited(tree, edit, report)
            self._trees[regime, variant] = tree
        return self._trees[regime, variant]

    def _read(self, regime: str, variant: str | None, report: Report) -> None:
        names = [alternative.name for alternative in self.regimes]
        report.under = self._under(regime, variant)
        tree = self._tree(regime, variant, report)
        Checker(report, self._checked).check(tree, SCENARIO, WHOLE_FILE)
        context = Context(tree, report, self.memory)
        self._rules[regime, variant] = assemble(context, regime, variant, names)
        report.under = ""

    def _findings(self, findings: Iterable[Finding], report: Report) -> None:
        """What the rules turn out to mean, at its place in the file."""
        for finding in findings:
            regime = finding.regime or self.regimes[0].name
            place = self.locate(finding.subject, regime, finding.variant)
            report.under = self._under(regime, finding.variant)
            note = report.error if finding.severity == "error" else report.warning
            note(finding.code, place, finding.message, why=finding.why, hint=finding.hint)
        report.under = ""

    def _under(self, regime: str, variant: str | None) -> str:
        """The regime and variant in words; nothing for the file as it stands."""
        words = [f"regime {regime}"] if regime != self.regimes[0].name else []
        return ", ".join([*words, *([f"variant {variant}"] if variant else [])])

    def _unused(self) -> None:
        """Warn of parameters and definitions that no expression reads, under any regime."""
        for section, code in (("parameters", "F802"), ("define", "F803")):
            for key, _ in named(self.root.get(section)):
                if key.text not in self.memory.used:
                    message = f"`{key.text}` is not used"
                    self.report.warning(code, key.place, message, hint="leave it out, or use it")


def _step(node: Node, step: str | int, place: Place) -> tuple[Node | None, Place]:
    """One step down a path, and where it leads."""
    if isinstance(node, Mapping) and step in node.entries:
        key, value = node.entries[str(step)]
        return value, value.place if isinstance(value, Scalar) else key.place
    if isinstance(node, Sequence) and isinstance(step, int):
        entries = [
            inner
            for item in node.items
            for inner in (items(child(item, "simultaneous")) or (item,))
        ]
        if step < len(entries):
            return entries[step], entries[step].place
    return None, place
