"""`foedus simulate`: histories of play, and what they say beside what is exact."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from foedus.cli.options import json_option, settings_options
from foedus.cli.text import Table, Unwritten, counted, number, show, show_json
from foedus.errors import QueryError

if TYPE_CHECKING:
    from foedus.cli.solving import Solved
    from foedus.outcomes import Simulation
    from foedus.scenario.model import Quantity


@dataclass(frozen=True, kw_only=True)
class Row:
    """A figure that is known exactly, beside its simulated counterpart."""

    about: str
    name: str
    exact: float
    simulated: float
    standard_error: float  # not a number where all histories agree, which tells nothing of it


@click.command()
@click.argument("scenario")
@click.option("--regime", help="The regime to play under.  [default: the first]")
@click.option("--start", help="Where play starts.  [default: the first start]")
@click.option(
    "--paths", type=click.IntRange(1, 1_000_000), default=10_000, show_default=True,
    help="How many histories.",
)  # fmt: skip
@click.option(
    "--periods", type=click.IntRange(min=1), help="How long.  [default: the evaluated horizon]"
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True,
    help="The same seed gives the same histories, and every regime the same luck.",
)  # fmt: skip
@click.option(
    "--csv",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write every history to a new file.",
)
@settings_options
@json_option
def simulate(
    scenario: str,
    regime: str | None,
    start: str | None,
    paths: int,
    periods: int | None,
    seed: int,
    csv: Path | None,
    as_json: bool,
    **settings: Any,
) -> None:
    """Play SCENARIO many times and compare with the exact figures.

    Shows how often each level is reached at the end and how often each action is chosen on
    the way, exact and simulated, with the standard error of the simulation.

    \b
    Examples:
      foedus simulate us-ukraine-pact --regime pact --paths 20000
      foedus simulate us-ukraine-pact --start armistice --csv histories.csv
    """
    from foedus.cli.progress import progress
    from foedus.cli.solving import Settings, Study

    if csv is not None:
        _refuse_target(csv)
    study = Study(scenario, Settings(**settings))
    chosen = study.regimes([] if regime is None else [regime])[0]
    solved, begin = study.solve(chosen), study.start(start, chosen)

    from foedus.outcomes import simulate as play

    with progress(f"playing {paths:,} histories"):
        played = play(solved.equilibrium, paths=paths, periods=periods, seed=seed, start=begin)
    with progress("working out the exact figures"):
        rows = _compare(solved, played, begin)
    length = played.states.shape[1] - 1
    settled = {"regime": chosen, "start": begin, "paths": paths, "periods": length, "seed": seed}
    try:
        if csv is not None:
            with progress(f"writing {csv}"):
                _write(played, csv)
    finally:  # the figures do not depend on the file
        _show(study.scenario.title, settled, rows, as_json=as_json)


def _refuse_target(csv: Path) -> None:
    """Raise `QueryError` where no new file can be written, before any time goes into one."""
    if str(csv) == "-":
        raise QueryError("--csv needs the name of a file; standard output has the figures")
    if os.path.lexists(csv):
        raise QueryError(f"{csv} is already there; choose another name for --csv")
    if not os.path.isdir(csv.parent):
        raise QueryError(f"{csv} cannot be written: there is no folder {csv.parent}")
    if not os.access(csv.parent, os.W_OK | os.X_OK):
        raise QueryError(f"{csv} cannot be written: {csv.parent} takes no new files")


def _write(played: Simulation, csv: Path) -> None:
    """Every history as a new file. Raises `Unwritten`, and leaves no part of one behind."""
    try:
        with csv.open("x", encoding="utf-8", newline="") as file:
            try:
                played.to_dataframe().to_csv(file)
                file.flush()
            except OSError:
                csv.unlink()
                raise
    except OSError as error:
        raise Unwritten(f"{csv} could not be written: {error.strerror or error}") from None


def _show(title: str, settled: dict[str, Any], rows: Sequence[Row], *, as_json: bool) -> None:
    if as_json:
        show_json({"scenario": title, **settled, "rows": [vars(r) for r in rows]})
    else:
        click.echo(title)
        click.echo(", ".join(f"{name} {value}" for name, value in settled.items()) + "\n")
        show(_table(rows, settled["periods"]))


def _compare(solved: Solved, played: Simulation, start: str) -> list[Row]:
    """Levels at the end and choices on the way, exact and simulated."""
    from foedus.outcomes import report

    asked = _questions(solved, played, start)
    exact = report(solved.equilibrium, [quantity for quantity, *_ in asked])
    rows = []
    for quantity, about, name, samples in asked:
        spread = float(samples.std())
        error = spread / math.sqrt(len(samples)) if spread > 0 else math.nan
        rows.append(
            Row(
                about=about,
                name=name,
                exact=exact[quantity.name],
                simulated=float(samples.mean()),
                standard_error=error,
            )
        )
    return rows


def _questions(
    solved: Solved, played: Simulation, start: str
) -> list[tuple[Quantity, str, str, Any]]:
    """Every level and every action: the exact question, its names, and a sample per path."""
    from foedus.scenario.formulas import Test
    from foedus.scenario.model import Quantity

    periods = played.states.shape[1] - 1
    asked: list[tuple[Quantity, str, str, Any]] = []
    for factor in solved.rules.factors:
        at_end = played.levels(factor.name)[:, -1]
        for code, level in enumerate(factor.levels):
            question = Quantity(
                name=f"{factor.name} == {level}", label="", kind="probability", start=start,
                of=Test(factor.name, frozenset({code})), at=periods,
            )  # fmt: skip
            asked.append((question, factor.name, level, at_end == code))
    for move in solved.rules.moves:
        if move.name not in played.actions:
            continue  # nature's
        for code, action in enumerate(move.levels):
            question = Quantity(
                name=f"{move.name}: {action}", label="", kind="occupancy", start=start,
                of=Test(move.name, frozenset({code})), within=periods,
            )  # fmt: skip
            position = played.action_names[move.name].index(action)
            times = (played.actions[move.name] == position).sum(axis=1)
            asked.append((question, move.name, action, times))
    return asked


def _table(rows: Sequence[Row], periods: int) -> Table:
    lines: list[Sequence[str]] = []
    about = None
    for row in rows:
        if row.about != about:
            about = row.about
            lines.append([about])
        figures = (row.exact, row.simulated, row.standard_error)
        lines.append([f"  {row.name}", *(number(figure) for figure in figures)])
    note = f"level after {counted(periods, 'period')}, or times chosen"
    return Table(headings=[note, "exact", "simulated", "standard error"], rows=lines)
