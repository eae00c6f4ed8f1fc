"""`foedus play`: take a player's seat against equilibrium opponents, in the terminal."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from foedus.cli.options import json_option, settings_options
from foedus.cli.text import number, probability, show_json

if TYPE_CHECKING:
    from foedus.cli.solving import Study
    from foedus.findings.positions import Choice, Position, Record, Step
    from foedus.findings.seat import Table
    from foedus.scenario.model import Rules


@click.command()
@click.argument("scenario")
@click.option("--seat", "seats", multiple=True, help="A player that people play; may be repeated.")
@click.option("--regime", help="The rules in force.  [default: the first regime]")
@click.option("--start", help="Where play begins.  [default: the first start]")
@click.option("--seed", type=click.IntRange(0), help="The luck of all others.  [default: new]")
@click.option("--choices", help="Choices to make first, or all of them, separated by commas.")
@click.option("--coach", is_flag=True, help="Show before each choice what the options are worth.")
@click.option(
    "--log",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the game, choice by choice, to this JSON file.",
)
@settings_options
@json_option
def play(
    scenario: str,
    seats: tuple[str, ...],
    regime: str | None,
    start: str | None,
    seed: int | None,
    choices: str | None,
    coach: bool,
    log: Path | None,
    as_json: bool,
    **settings: Any,
) -> None:
    """Play SCENARIO: you take a seat, the others play their equilibrium.

    After each choice you see what the options were worth to you, given how the others play;
    at the end, what your choices have forgone. The same seed and choices lead to the same
    game. With --json and --choices nothing is asked.

    \b
    Examples:
      foedus play baltic-tripwire --seat AL
      foedus play us-ukraine-pact --regime pact --seat US --seat RU --seed 7
    """
    from foedus.cli.solving import Settings, Study

    study = Study(scenario, Settings(**settings))
    named = study.regimes([regime] if regime else [])[0]
    rules = study.rules(named)
    equilibrium = study.solve(named).equilibrium
    from foedus.findings.positions import Record
    from foedus.findings.seat import Table

    table = Table(equilibrium)
    record = Record(
        seats=tuple(dict.fromkeys(seats)) or (rules.players[0].name,),
        start=study.start(start, named),
        seed=secrets.randbelow(10_000) if seed is None else seed,
        choices=tuple(filter(None, (choices or "").split(","))),
    )
    game = _Game(study, named, rules, table)
    record = game.ask_on(record, coach=coach, silent=as_json)
    found = game.report(record)
    if log is not None:
        log.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if as_json:
        show_json(found)
    else:
        game.show_end(record)


class _Game:
    """One game on the terminal: names in the scenario's words, and what has been told already."""

    def __init__(self, study: Study, regime: str, rules: Rules, table: Table) -> None:
        self.study, self.regime, self.rules, self.table = study, regime, rules, table
        self.told = 0

    def ask_on(self, record: Record, *, coach: bool, silent: bool) -> Record:
        """The record after all choices that people make, as far as they can be asked."""
        if not silent:
            click.echo(self._heading(record))
        while True:
            position = self.table.position(record)
            if not silent:
                self._tell(position)
            turn = position.turn
            if turn is None or silent:
                return record
            record = record.after(self._asked(turn, position, coach=coach))

    def report(self, record: Record) -> dict[str, Any]:
        """The game as plain data: replayable from seed and choices."""
        position = self.table.position(record)
        game = self.table.equilibrium.game
        return {
            "scenario": self.study.scenario.name,
            "digest": self.study.scenario.digest,
            "regime": self.regime,
            "parameters": dict(game.values),
            "seats": list(record.seats),
            "start": record.start,
            "seed": record.seed,
            "choices": list(record.choices),
            "over": position.over,
            "turn": None if position.turn is None else _turn(position.turn),
            "states": self.table.levels(position),
            "steps": [_step(step) for step in position.steps],
            "total": dict(position.total),
            "regret": self._regret(position, record),
        }

    def show_end(self, record: Record) -> None:
        """What everybody got, and what the people's choices have forgone."""
        position = self.table.position(record)
        click.echo("\nPlay is over." if position.over else "\nThe game is not over.")
        for player, total in position.total.items():
            click.echo(f"  {self._player(player)}: {number(total)}")
        for seat, regret in self._regret(position, record).items():
            own = [step for step in position.steps if step.player == seat and step.person]
            usual = sum(step.usual for step in own)
            click.echo(
                f"{self._player(seat)} has forgone {number(regret)} by its choices; "
                f"equilibrium play would forgo {number(usual)} at the same places on average."
            )
        seats = " ".join(f"--seat {seat}" for seat in record.seats)
        click.echo(f"Again: --seed {record.seed} {seats} --choices {','.join(record.choices)}")

    def _regret(self, position: Position, record: Record) -> dict[str, float]:
        game = self.table.equilibrium.game
        discounts: Mapping[str, Any] = dict(zip(game.players, game.tables.discount, strict=True))
        return {seat: position.regret(seat, float(discounts[seat])) for seat in record.seats}

    def _heading(self, record: Record) -> str:
        seats = ", ".join(self._player(seat) for seat in record.seats)
        return (
            f"{self.study.scenario.title}\nregime {self.regime}, start {record.start}, "
            f"seed {record.seed}; you play {seats}"
        )

    def _tell(self, position: Position) -> None:
        """What has happened since, without what a mover at the same time could not see."""
        for at in range(self.told, len(position.steps)):
            if at in position.unseen:
                return
            step = position.steps[at]
            self.told += 1
            click.echo(self._said(step))
            if step.person:
                worth = ", ".join(
                    f"{self._action(step.move, o.action)} {number(o.value or 0.0)}"
                    for o in sorted(step.options, key=lambda o: -(o.value or 0.0))
                )
                click.echo(click.style(f"      worth to you: {worth}", dim=True))

    def _asked(self, turn: Choice, position: Position, *, coach: bool) -> str:
        levels = self.table.levels(position)[-1]
        known = " ".join(f"{factor}={level}" for factor, level in levels.items())
        click.echo(f"\n{self.rules.period} {turn.period + 1} of {position.periods}: {known}")
        click.echo(f"{self._player(turn.player)} chooses:")
        for i, option in enumerate(turn.options, 1):
            hint = ""
            if coach:
                hint = (
                    f"   (worth {number(option.value or 0.0)}, "
                    f"equilibrium play: {probability(option.probability)})"
                )
            click.echo(f"  {i}  {self._action(turn.move, option.action)}{hint}")
        answer = click.prompt("your choice", type=click.IntRange(1, len(turn.options)))
        return turn.options[answer - 1].action

    def _said(self, step: Step) -> str:
        who = "chance" if step.player is None else self._player(step.player)
        return (
            f"  {self.rules.period} {step.period + 1}: {who}: "
            f"{self._action(step.move, step.action)}"
        )

    def _player(self, name: str) -> str:
        return next((p.label or p.name for p in self.rules.players if p.name == name), name)

    def _action(self, move: str, action: str) -> str:
        for variable in self.rules.moves:
            if variable.name == move and action in variable.levels:
                labels = variable.level_labels or variable.levels
                return labels[variable.levels.index(action)] or action
        return action


def _turn(turn: Choice) -> dict[str, Any]:
    return {**vars(turn), "options": [vars(option) for option in turn.options]}


def _step(step: Step) -> dict[str, Any]:
    return {
        **vars(step),
        "options": [vars(option) for option in step.options],
        "forgone": step.forgone,
    }
