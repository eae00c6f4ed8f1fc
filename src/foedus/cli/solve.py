"""`foedus solve`: every regime side by side, each with its certificate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from foedus.cli.options import json_option, settings_options
from foedus.cli.text import Table, counted, number, probability, residual, show, show_json

if TYPE_CHECKING:
    from foedus.cli.solving import Study
    from foedus.scenario.model import Quantity

FEW = 12  # quantities shown when nobody asks for all
SHARES = ("reach", "hazard", "probability", "rate", "distance")


@click.command()
@click.argument("scenario")
@click.option("--regime", "regimes", multiple=True, help="Only this regime; may be repeated.")
@click.option("--start", help="Where values are counted from.  [default: the first start]")
@click.option("--all", "show_all", is_flag=True, help="Show every quantity, not the first twelve.")
@settings_options
@json_option
def solve(
    scenario: str,
    regimes: tuple[str, ...],
    start: str | None,
    show_all: bool,
    as_json: bool,
    **settings: Any,
) -> None:
    """Solve SCENARIO under its regimes and show them side by side.

    Values are discounted payoffs from the start on, in each player's own unit. Quantities
    are exact. Every regime has a certificate, computed by code that no solver shares.

    \b
    Examples:
      foedus solve us-ukraine-pact
      foedus solve us-ukraine-pact --regime pact --set sigma=0.9 --precision 12
    """
    from foedus.cli.solving import Settings, Study

    study = Study(scenario, Settings(**settings))
    names = study.regimes(regimes)
    study.solve_all(names)
    begin = study.start(start, names[0])
    if as_json:
        quantities = {name: study.quantities(name) for name in names}
        show_json(_answer(study, names, quantities, begin))
    else:
        _show(study, names, begin, show_all=show_all)


def _answer(
    study: Study, names: Sequence[str], quantities: Mapping[str, Mapping[str, float]], start: str
) -> dict[str, Any]:
    """The whole answer as plain data."""
    first = study.solve(names[0]).equilibrium
    return {
        "scenario": study.scenario.title,
        "variant": study.settings.variant,
        "convention": first.solver.convention,
        "precision": dict(zip(first.game.players, first.precision, strict=True)),
        "parameters": first.game.values,
        "start": start,
        "regimes": {
            name: _regime(study, name, quantities[name], start) for name in names
        },
    }  # fmt: skip


def _regime(study: Study, name: str, quantities: Mapping[str, float], start: str) -> dict[str, Any]:
    solved = study.solve(name)
    certificate = solved.equilibrium.certificate
    return {
        "values": solved.worth(start),
        "quantities": quantities,
        "certificate": {
            "passed": certificate.passed,
            "regret": certificate.regret,
            "regret_by_player": certificate.regret_by_player,
            "residual": certificate.residual,
            "value_error": certificate.value_error,
            "probability_error": certificate.probability_error,
            "tolerance": certificate.tolerance,
            "selection": certificate.selection,
        },
        "states": solved.equilibrium.game.structure.states.n_states,
        "method": solved.equilibrium.stats.method,
    }


def _show(
    study: Study,
    names: Sequence[str],
    start: str,
    *,
    show_all: bool,
) -> None:
    """The answer as one table: values, quantities, certificates."""
    solved = {name: study.solve(name) for name in names}
    rules = solved[names[0]].rules
    worth = {name: one.worth(start) for name, one in solved.items()}
    certificates = [one.equilibrium.certificate for one in solved.values()]
    # Values stand above already; the others come in the order that the author chose.
    shown = [q for q in rules.quantities if show_all or q.kind != "value"]
    shown = shown if show_all else shown[:FEW]
    wanted = {q.name for q in shown}
    quantities = {name: study.quantities(name, wanted) for name in names}
    rows: list[Sequence[str]] = [[f"Value to each player (start: {start})"]]
    for player in rules.players:
        label = player.name if player.label == player.name else f"{player.name} {player.label}"
        rows.append([label, *(number(worth[name].get(player.name)) for name in names)])
    rows += [["What follows"]] if shown else []
    for quantity in shown:
        figures = [_figure(quantity, quantities[name].get(quantity.name)) for name in names]
        rows.append([_label(quantity), *figures])
    rows += [
        ["Certificate"],
        ["largest gain from one deviation", *(number(c.regret) for c in certificates)],
        ["distance from the logit response", *(residual(c.residual) for c in certificates)],
        ["passed", *("yes" if c.passed else "no" for c in certificates)],
    ]
    click.echo(f"{study.scenario.title}\n{_settings(study, names)}\n")
    show(Table(headings=["", *names], rows=rows))
    if hidden := len(rules.quantities) - len(shown):
        click.echo(f"\n{counted(hidden, 'quantity')} not shown; --all shows them, --json has them")


def _label(quantity: Quantity) -> str:
    label = quantity.label or quantity.name
    return f"{label}, {quantity.unit}" if quantity.unit else label


def _figure(quantity: Quantity, value: float | None) -> str:
    if quantity.kind in SHARES:
        return probability(value)
    return number(value)


def _settings(study: Study, names: Sequence[str]) -> str:
    """One line on how it was solved."""
    equilibrium = study.solve(names[0]).equilibrium
    structure = equilibrium.game.structure
    lowest, highest = min(equilibrium.precision), max(equilibrium.precision)
    sizes = {study.solve(name).equilibrium.game.structure.states.n_states for name in names}
    horizon, period = structure.horizon, structure.period
    words = [
        (f"{min(sizes):,} to " if len(sizes) > 1 else "") + counted(max(sizes), "state"),
        "stationary" if horizon is None else counted(horizon, period),
        f"precision {lowest:g}" + (f" to {highest:g}" if lowest != highest else ""),
        f"{equilibrium.solver.convention} values",
    ]
    if study.settings.variant is not None:
        words.append(f"variant {study.settings.variant}")
    words += [f"{name}={value:g}" for name, value in study.settings.values.items()]
    return ", ".join(words)
