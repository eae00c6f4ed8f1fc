"""`foedus solve`: every regime side by side, each with its certificate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from foedus.cli.options import json_option, settings_options
from foedus.cli.storing import store_option
from foedus.cli.text import Table, counted, number, probability, residual, show, show_json

if TYPE_CHECKING:
    from foedus.cli.solving import Study
    from foedus.scenario.model import Quantity, Rules

FEW = 12  # quantities shown when nobody asks for all
SHARES = ("reach", "hazard", "probability", "rate", "distance")

Answer = dict[str, Any]


@click.command()
@click.argument("scenario")
@click.option("--regime", "regimes", multiple=True, help="Only this regime; may be repeated.")
@click.option("--start", help="Where values are counted from.  [default: the first start]")
@click.option("--all", "show_all", is_flag=True, help="Show every quantity, not the first twelve.")
@settings_options
@click.option("--fresh", is_flag=True, help="Solve again, even if the answer is kept.")
@store_option
@json_option
def solve(
    scenario: str,
    regimes: tuple[str, ...],
    start: str | None,
    show_all: bool,
    fresh: bool,
    store: Path | None,
    as_json: bool,
    **settings: Any,
) -> None:
    """Solve SCENARIO under its regimes and show them side by side.

    Values are discounted payoffs from the start on, in each player's own unit. Quantities
    are exact. Every regime has a certificate, computed by code that no solver shares.
    Answers are kept: the same question is solved once. `foedus runs` lists them.

    \b
    Examples:
      foedus solve us-ukraine-pact
      foedus solve us-ukraine-pact --regime pact --set sigma=0.9 --precision 12
    """
    from foedus.cli.solving import Settings, Study

    study = Study(scenario, Settings(**settings))
    names = study.regimes(regimes)
    rules = study.rules(names[0])
    begin = study.start(start, names[0])
    shown = rules.quantities if as_json or show_all else _few(rules)
    answer = _answer(study, names, begin, shown, store, fresh=fresh)
    if as_json:
        show_json(answer)
    else:
        click.echo(f"{answer['scenario']}\n{_settings(study, answer, rules)}\n")
        _show(answer, rules, shown)


def _few(rules: Rules) -> tuple[Quantity, ...]:
    """The first quantities in the order of the author, but for values, which stand above."""
    return tuple(quantity for quantity in rules.quantities if quantity.kind != "value")[:FEW]


def _answer(
    study: Study,
    names: Sequence[str],
    start: str,
    wanted: Sequence[Quantity],
    store: Path | None,
    *,
    fresh: bool,
) -> Answer:
    """The answer as plain data: kept from before, with more in it perhaps, or solved and kept."""
    from foedus.cli.keeping import Shelf

    every = study.rules(names[0]).quantities
    shelf = Shelf(store, study.scenario, study.settings)
    plan = shelf.plan(names, wanted, start)
    if not fresh:
        for one in (plan, shelf.plan(names, every, start))[: 1 + (len(wanted) < len(every))]:
            if (kept := shelf.find(one)) is not None:
                said = f"kept from run {one.run_id}; --fresh solves again"
                click.echo(click.style(said, dim=True), err=True)
                return kept
    study.solve_all(names)
    asked = None if len(wanted) == len(every) else {quantity.name for quantity in wanted}
    answer = _solved(study, names, start, asked)
    shelf.keep(plan, answer)
    return answer


def _solved(study: Study, names: Sequence[str], start: str, wanted: set[str] | None) -> Answer:
    first = study.solve(names[0]).equilibrium
    return {
        "scenario": study.scenario.title,
        "variant": study.settings.variant,
        "convention": first.solver.convention,
        "precision": dict(zip(first.game.players, first.precision.tolist(), strict=True)),
        "parameters": dict(first.game.values),
        "start": start,
        "regimes": {name: _regime(study, name, start, wanted) for name in names},
    }


def _regime(study: Study, name: str, start: str, wanted: set[str] | None) -> Answer:
    solved = study.solve(name)
    certificate = solved.equilibrium.certificate
    return {
        "values": solved.worth(start),
        "quantities": study.quantities(name, wanted),
        "certificate": {
            "passed": certificate.passed,
            "regret": certificate.regret,
            "regret_by_player": dict(certificate.regret_by_player),
            "residual": certificate.residual,
            "value_error": certificate.value_error,
            "probability_error": certificate.probability_error,
            "tolerance": certificate.tolerance,
            "selection": certificate.selection,
        },
        "states": solved.equilibrium.game.structure.states.n_states,
        "method": solved.equilibrium.stats.method,
    }


def _show(answer: Answer, rules: Rules, shown: Sequence[Quantity]) -> None:
    """The answer as one table: values, quantities, certificates."""
    regimes = answer["regimes"]
    certificates = [regime["certificate"] for regime in regimes.values()]
    rows: list[Sequence[str]] = [[f"Value to each player (start: {answer['start']})"]]
    for player in rules.players:
        label = player.name if player.label == player.name else f"{player.name} {player.label}"
        rows.append([label, *(number(r["values"].get(player.name)) for r in regimes.values())])
    rows += [["What follows"]] if shown else []
    for quantity in shown:
        figures = [_figure(quantity, r["quantities"].get(quantity.name)) for r in regimes.values()]
        rows.append([_label(quantity), *figures])
    rows += [
        ["Certificate"],
        ["largest gain from one deviation", *(number(c["regret"]) for c in certificates)],
        ["distance from the logit response", *(residual(c["residual"]) for c in certificates)],
        ["passed", *("yes" if c["passed"] else "no" for c in certificates)],
    ]
    show(Table(headings=["", *regimes], rows=rows))
    if hidden := len(rules.quantities) - len(shown):
        click.echo(f"\n{counted(hidden, 'quantity')} not shown; --all shows them, --json has them")


def _label(quantity: Quantity) -> str:
    label = quantity.label or quantity.name
    return f"{label}, {quantity.unit}" if quantity.unit else label


def _figure(quantity: Quantity, value: float | None) -> str:
    if quantity.kind in SHARES:
        return probability(value)
    return number(value)


def _settings(study: Study, answer: Answer, rules: Rules) -> str:
    """One line on how it was solved."""
    precision = answer["precision"].values()
    lowest, highest = min(precision), max(precision)
    sizes = {regime["states"] for regime in answer["regimes"].values()}
    horizon = rules.horizon.solve
    words = [
        (f"{min(sizes):,} to " if len(sizes) > 1 else "") + counted(max(sizes), "state"),
        "stationary" if horizon is None else counted(horizon, rules.period),
        f"precision {lowest:g}" + (f" to {highest:g}" if lowest != highest else ""),
        f"{answer['convention']} values",
    ]
    if study.settings.variant is not None:
        words.append(f"variant {study.settings.variant}")
    words += [f"{name}={value:g}" for name, value in study.settings.values.items()]
    return ", ".join(words)
