"""`foedus why`: why a player acts so, from the equilibrium itself."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from foedus.cli.options import json_option, settings_options
from foedus.cli.text import Table, number, probability, show, show_json

if TYPE_CHECKING:
    import numpy as np

    from foedus.cli.solving import Settings
    from foedus.findings.reason import Explanation

NOTHING = 5e-7  # payoffs below it are rounding
VISIBLE = 0.005  # the least by which the odds of a level differ to be shown


@click.command()
@click.argument("scenario")
@click.option("--player", required=True, help="Whose choice.")
@click.option(
    "--when",
    "situation",
    metavar="CONDITION",
    help="The situation, in the scenario's words, with moves that the player has seen.  "
    "[default: wherever it chooses]",
)
@click.option("--regime", help="The regime in force.  [default: the first]")
@click.option("--start", help="Where play starts.  [default: the first start]")
@click.option(
    "--period",
    type=click.IntRange(min=0),
    help="In which period, from 0.  [default: the first in which play gets there]",
)
@click.option("--move", help="Which move, where the player makes several.")
@settings_options
@json_option
def why(
    scenario: str,
    player: str,
    situation: str | None,
    regime: str | None,
    start: str | None,
    period: int | None,
    move: str | None,
    as_json: bool,
    **settings: Any,
) -> None:
    """Say why a player of SCENARIO acts as it does in some situation.

    Shows how likely each action is and what it is worth, split exactly into the player's
    payoff parts, now and later, given how everybody plays on; then the reason in words.

    \b
    Examples:
      foedus why us-ukraine-pact --player US --regime pact --when "RU == attack" \\
        --start armistice
      foedus why us-ukraine-pact --player UA --when "RU == offer_line and control == 2"
    """
    from foedus.cli.progress import progress
    from foedus.cli.solving import Settings, Study, known

    study = Study(scenario, Settings(**settings))
    chosen = study.regimes([] if regime is None else [regime])[0]
    known(player, [p.name for p in study.rules(chosen).players], "player")
    begin = study.start(start, chosen)
    equilibrium = study.solve(chosen).equilibrium

    from foedus.findings.explanation import explain

    with progress("splitting what each action is worth"):
        reason = explain(equilibrium, player, situation, start=begin, period=period, move=move)
    if as_json:
        show_json({"scenario": study.scenario.title, "regime": chosen, **reason.to_dict()})
        return
    click.echo(study.scenario.title)
    width = shutil.get_terminal_size((80, 24)).columns
    click.echo(textwrap.fill(", ".join(_settings(reason, chosen, study.settings)), width) + "\n")
    show(_table(reason))
    click.echo("\n" + textwrap.fill(reason.text, min(width, 80)))


def _settings(reason: Explanation, regime: str, settings: Settings) -> Iterator[str]:
    """What is explained, and how it was solved."""
    yield reason.player + (f" where {reason.situation}" if reason.situation else "")
    yield f"regime {regime}"
    if settings.variant is not None:
        yield f"variant {settings.variant}"
    yield from (f"{name}={value:g}" for name, value in settings.values.items())
    yield f"start {reason.start}"
    yield f"{reason.calendar} {reason.period}"
    yield f"{reason.convention} values"


def _table(reason: Explanation) -> Table:
    """A column for each action, the most valued first; parts that come to nothing are left out."""
    order = sorted(range(len(reason.actions)), key=lambda i: -reason.values[i])

    def row(label: str, figures: np.ndarray) -> list[str]:
        return [label, *(number(figures[i]) for i in order)]

    rows: list[Sequence[str]] = [
        ["how likely", *(probability(reason.probability[i]) for i in order)],
        row("what it is worth", reason.values),
    ]
    if min(reason.available) < 1 - 1e-9:
        rows.append(["can be chosen", *(probability(reason.available[i]) for i in order)])
    for heading, by_part in (
        (f"of which in this {reason.calendar}", reason.now),
        ("of which later", reason.later),
    ):
        telling = [j for j in range(len(reason.parts)) if abs(by_part[:, j]).max() > NOTHING]
        rows += [[heading]] if telling else []
        rows += [row(f"  {reason.parts[j]}", by_part[:, j]) for j in telling]
    rows += _next(reason, order)
    return Table(headings=["", *(reason.actions[i] for i in order)], rows=rows)


def _next(reason: Explanation, order: Sequence[int]) -> Iterator[Sequence[str]]:
    """The levels of next period whose odds depend on the action."""
    found = [
        [f"  {factor}: {level}", *(probability(odds[i]) for i in order)]
        for factor, levels in reason.next.items()
        for level, odds in levels.items()
        if max(odds) - min(odds) >= VISIBLE
    ]
    if found:
        yield [f"in the next {reason.calendar}"]
        yield from found
