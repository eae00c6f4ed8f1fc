"""A scenario as the pages show it: players, moves, numbers, claims, each with its words."""

from __future__ import annotations

from typing import Any

from foedus.findings.settings import read as figures_of
from foedus.scenario.diagnostics import Diagnostic, render
from foedus.scenario.model import Alternative, Block, Claim, Fact, Parameter, Rules, Variable
from foedus.scenario.scenario import Scenario

Data = dict[str, Any]


def outline(scenario: Scenario) -> Data:
    """The scenario under its first regime, and what other regimes change about its parameters."""
    rules = scenario.rules()
    by_regime = {regime.name: scenario.rules(regime.name) for regime in scenario.regimes}
    return {
        "title": scenario.title,
        "summary": scenario.summary,
        "notes": scenario.notes,
        "sources": dict(scenario.sources),
        "tags": list(scenario.tags),
        "digest": scenario.digest,
        "period": scenario.period,
        "horizon": {"solve": scenario.horizon.solve, "evaluate": scenario.horizon.evaluate},
        "convention": scenario.convention,
        "precision": _parameter(scenario.precision),
        "players": [{"name": p.name, "label": p.label} for p in rules.players],
        "factors": [_factor(factor, rules) for factor in rules.factors],
        "moves": _moves(scenario, rules),
        "parameters": _parameters(by_regime),
        "starts": [
            {"name": s.name, "label": s.label or s.name} for s in rules.starts if not s.base
        ],
        "regimes": [_alternative(one) for one in scenario.regimes],
        "variants": [_alternative(one) for one in scenario.variants],
        "mechanisms": [_alternative(one) for one in scenario.mechanisms],
        "quantities": [
            {
                "name": q.name,
                "label": q.label or q.name,
                "kind": q.kind,
                "unit": q.unit,
                "player": q.player,
                "part": q.part,
                "against": q.against,
            }
            for q in rules.quantities
        ],
        "claims": [claim(one, scenario) for one in scenario.claims],
        "plausible": [_fact(one) for one in scenario.plausible],
        "holdouts": [_fact(one) for one in scenario.holdouts],
    }


def claim(one: Claim, scenario: Scenario) -> Data:
    """A claim as it is written, the figures that it reads, and where it stands in the file."""
    return {
        "name": one.name,
        "label": one.label or one.name,
        "by": one.by,
        "where": one.where,
        "says": one.says,
        "concept": one.concept,
        "source": one.source,
        "note": one.note,
        "tests": one.words,
        "untestable": one.untestable,
        "unit": one.unit,
        "margin": one.margin,
        "mechanisms": list(one.mechanisms),
        "rivals": list(one.rivals),
        "reads": [
            {"regime": f.regime, "quantity": f.quantity, "without": f.without, "under": f.under}
            for f in figures_of(one)
        ],
        "line": scenario.place(("claims", one.name)).line,
    }


def problem(diagnostic: Diagnostic, lines: list[str]) -> Data:
    """A diagnostic with its block of text, as `foedus check` prints it."""
    line = lines[diagnostic.line - 1] if 0 < diagnostic.line <= len(lines) else None
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "line": diagnostic.line,
        "column": diagnostic.column,
        "length": diagnostic.length,
        "message": diagnostic.message,
        "why": diagnostic.why,
        "hint": diagnostic.hint,
        "under": diagnostic.under,
        "block": render(diagnostic, line),
    }


def _parameters(by_regime: dict[str, Rules]) -> list[Data]:
    """Each parameter as its first regime has it, and the regimes that have it otherwise."""
    found: dict[str, Data] = {}
    for regime, rules in by_regime.items():
        for parameter in rules.parameters:
            own = _parameter(parameter)
            first = found.setdefault(parameter.name, {**own, "regimes": {}})
            if [own[k] for k in ("low", "high", "value")] != [
                first[k] for k in ("low", "high", "value")
            ]:
                first["regimes"][regime] = {k: own[k] for k in ("low", "high", "value")}
    return list(found.values())


def _parameter(one: Parameter) -> Data:
    return {
        "name": one.name,
        "low": one.low,
        "high": one.high,
        "value": one.value,
        "scale": one.scale,
        "means": one.means,
        "why": one.why,
        "source": one.source,
        "unit": one.unit,
    }


def _factor(factor: Variable, rules: Rules) -> Data:
    endings = {
        ending.name: ending.label for ending in rules.endings if ending.factor == factor.name
    }
    labels = factor.level_labels or factor.levels
    return {
        "name": factor.name,
        "label": factor.label or factor.name,
        "levels": [
            {
                "name": level,
                "label": endings.get(level) or labels[i] or level,
                "ending": level in endings,
            }
            for i, level in enumerate(factor.levels)
        ],
    }


def _moves(scenario: Scenario, rules: Rules) -> list[Data]:
    """The moves of one period, in order; those of one `group` are made together."""
    variables = {variable.name: variable for variable in rules.moves}
    lines = scenario.text.splitlines()
    found: list[Data] = []
    for group, step in enumerate(rules.sequence):
        if isinstance(step, Block):
            for j, move in enumerate(step.moves):
                variable = variables[move.variable]
                found.append(
                    {
                        "kind": "move",
                        "name": move.variable,
                        "label": variable.label or move.variable,
                        "player": move.player,
                        "group": group,
                        "together": len(step.moves) > 1,
                        "hidden": not all(seen[j] for seen in step.sees[j + 1 :]),
                        "actions": [
                            {"name": variable.levels[a.code], "label": a.label}
                            for a in move.actions
                        ],
                        "when": _when(scenario, len(found), lines),
                    }
                )
        else:
            variable = variables[step.variable]
            found.append(
                {
                    "kind": "chance",
                    "name": step.variable,
                    "label": variable.label or step.variable,
                    "player": None,
                    "group": group,
                    "together": False,
                    "hidden": False,
                    "actions": [
                        {
                            "name": variable.levels[code],
                            "label": (variable.level_labels or variable.levels)[code]
                            or variable.levels[code],
                        }
                        for code, _ in step.outcomes
                    ],
                    "when": _when(scenario, len(found), lines),
                }
            )
    return found


def _when(scenario: Scenario, index: int, lines: list[str]) -> str:
    """The condition of a move as the file has it, nothing where it has none."""
    place, whole = (scenario.place(("moves", index, *key)) for key in (("when",), ()))
    if place == whole or not 0 < place.line <= len(lines):
        return ""
    return lines[place.line - 1][place.column - 1 :][: place.length]


def _alternative(one: Alternative) -> Data:
    return {"name": one.name, "label": one.label, "means": one.means, "source": one.source}


def _fact(one: Fact) -> Data:
    return {
        "name": one.name,
        "label": one.label or one.name,
        "says": one.says,
        "date": one.date,
        "source": one.source,
        "holds": one.words,
    }
