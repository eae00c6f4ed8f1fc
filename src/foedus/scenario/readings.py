"""The rules that a file's tree stands for, regime by regime, each read once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from foedus.scenario.assembly import assemble
from foedus.scenario.case import Case
from foedus.scenario.checking import Checked, Checker
from foedus.scenario.diagnostics import Report
from foedus.scenario.edits import edited
from foedus.scenario.fields import SCENARIO
from foedus.scenario.memory import Memory
from foedus.scenario.model import Rules
from foedus.scenario.nodes import (
    WHOLE_FILE,
    Mapping,
    Node,
    Place,
    Scalar,
    child,
    items,
)
from foedus.scenario.nodes import Sequence as List
from foedus.scenario.scenario import Subject
from foedus.scenario.sections.context import Context
from foedus.scenario.sections.counterfactuals import Assembly, under
from foedus.scenario.sections.mechanisms import fixed, without


class Readings:
    """Trees and rules by case. `regimes`: the names of all regimes, the first one first."""

    def __init__(self, root: Mapping, regimes: Sequence[str]) -> None:
        self.root = root
        self.regimes = list(regimes)
        self.memory = Memory()
        self.checked: Checked = {}
        self._trees: dict[tuple[str, str | None, str | None], Mapping] = {}
        self._assemblies: dict[Case, Assembly] = {}

    def read(self, case: Case, report: Report) -> None:
        """Read the rules of a case; they hold only if nothing is reported as an error."""
        if case in self._assemblies:
            return
        if case.under is not None:
            self._read_under(case, case.under, report)
            return
        report.under = ", ".join(case.words(self.regimes[0]))
        plain = case._replace(without=None)
        if plain in self._assemblies and self.tree(plain, report) is self.tree(case, report):
            assembly = self._assemblies[plain]  # only parameters are switched off
        else:
            assembly = self._assembled(case, report)
        rules = fixed(assembly.rules, self._off(case.without))
        self._assemblies[case] = replace(assembly, rules=rules)
        report.under = ""

    def _read_under(self, case: Case, counterfactual: str, report: Report) -> None:
        """Read the rules of a case with counterfactual play, if they are sound without it."""
        plain = case._replace(under=None)
        errors = report.errors
        self.read(plain, report)
        if report.errors > errors:
            return
        report.under = ", ".join(plain.words(self.regimes[0]))
        section = self.root.get("counterfactuals")
        assert isinstance(section, Mapping)
        key, node = section.entries[counterfactual]
        context = Context(self.tree(case, report), report, self.memory)
        self._assemblies[case] = under(context, self._assemblies[plain], key, node)
        report.under = ""

    def rules(self, case: Case) -> Rules:
        """The rules of a case that has been read."""
        return self._assemblies[case].rules

    def known(self, case: Case) -> bool:
        """Whether the case has been read."""
        return case in self._assemblies

    def forget(self, case: Case) -> None:
        """Drop a case whose rules turned out to have errors."""
        self._assemblies.pop(case, None)

    def tree(self, case: Case, report: Report) -> Mapping:
        """The file's tree with the edits of a case."""
        key = case[:3]
        if key not in self._trees:
            tree = self.root
            for section, name in (("regimes", case.regime), ("variants", case.variant)):
                edit = child(child(self.root.get(section), name or ""), "edit")
                if edit is not None:
                    tree = edited(tree, edit, report)
            self._trees[key] = without(tree, self._off(case.without), report)
        return self._trees[key]

    def locate(self, subject: Subject, case: Case) -> Place:
        """Where part of the rules of a case stands in the file."""
        if case in self._assemblies and subject[0] == "moves" and isinstance(subject[1], int):
            origin = self._assemblies[case].origins[subject[1]]
            if isinstance(origin, Place):
                return origin
            subject = ("moves", origin, *subject[2:])
        node: Node = self.tree(case, Report(""))
        place = node.place
        for step in subject:
            following, place = _step(node, step, place)
            if following is None:
                break
            node = following
        return place

    def subset(self, case: Case, mechanism: str) -> bool:
        """Whether switching the mechanism off only picks values inside declared ranges."""
        ranges = {p.name: (p.low, p.high) for p in self.rules(case).parameters}
        numbers = _numbers(self._off(mechanism))
        return all(
            name in ranges and number is not None and ranges[name][0] <= number <= ranges[name][1]
            for name, number in numbers
        )

    def _assembled(self, case: Case, report: Report) -> Assembly:
        tree = self.tree(case, report)
        Checker(report, self.checked).check(tree, SCENARIO, WHOLE_FILE)
        context = Context(tree, report, self.memory)
        return assemble(context, case.regime, case.variant, self.regimes)

    def _off(self, mechanism: str | None) -> Node | None:
        return child(child(self.root.get("mechanisms"), mechanism or ""), "off")


def _numbers(off: Node | None) -> Iterable[tuple[str, float | None]]:
    if isinstance(off, Mapping):
        for key, value in off.pairs():
            yield key.text, value.number if isinstance(value, Scalar) else None


def _step(node: Node, step: str | int, place: Place) -> tuple[Node | None, Place]:
    """One step down a path, and where it leads."""
    if isinstance(node, Mapping) and step in node.entries:
        key, value = node.entries[str(step)]
        return value, value.place if isinstance(value, Scalar) else key.place
    if isinstance(node, List) and isinstance(step, int):
        entries = [
            inner
            for item in node.items
            for inner in (items(child(item, "simultaneous")) or (item,))
        ]
        if step < len(entries):
            return entries[step], entries[step].place
    return None, place
