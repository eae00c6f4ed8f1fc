"""`foedus export`: a scenario with a finite horizon as a game tree for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from foedus.cli.options import json_option, settings_options
from foedus.cli.text import counted, show_json
from foedus.errors import QueryError


@click.command()
@click.argument("scenario")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="The .efg file to write; an existing file is never overwritten.",
)
@click.option("--regime", help="Under this regime.  [default: the first]")
@click.option("--start", help="Where the tree begins.  [default: the first start]")
@click.option("--periods", type=click.IntRange(min=1), help="How many.  [default: the horizon]")
@click.option(
    "--most-nodes",
    type=click.IntRange(min=1),
    default=50_000,
    show_default=True,
    help="Refuse a larger tree, and say how large it would be.",
)
@settings_options
@json_option
def export(
    scenario: str,
    output: Path,
    regime: str | None,
    start: str | None,
    periods: int | None,
    most_nodes: int,
    as_json: bool,
    **settings: Any,
) -> None:
    """Write SCENARIO as a tree of all its histories, which Gambit and OpenSpiel read.

    Leaves pay discounted totals. What players are worth is kept, states and periods are in
    the names of information sets. A tree grows with every history: a few periods are much.

    \b
    Example:
      foedus export crisis.yaml -o crisis.efg --periods 2
    """
    from foedus.cli.solving import Settings, Study

    if output.suffix.lower() != ".efg":
        raise QueryError(f"{output}: a tree is kept in a file ending in .efg")
    study = Study(scenario, Settings(**settings))
    name = study.regimes([regime] if regime else [])[0]
    begin = study.start(start, name)
    game = study.game(name)

    from foedus.cli.new import write_new
    from foedus.game.trees import game_text
    from foedus.game.trees.unroll import unroll

    tree = unroll(game, periods=periods, start=begin, most_nodes=most_nodes)
    write_new(output, game_text(tree))
    if as_json:
        show_json(
            {
                "file": str(output),
                "regime": name,
                "start": begin,
                "periods": periods or game.horizon,
                "nodes": len(tree.nodes),
                "information_sets": sum(1 for _ in tree.decisions),
            }
        )
    else:
        length = counted(periods or game.horizon or 0, study.rules(name).period)
        click.echo(
            f"wrote {output}: {name} from {begin}, {length}, {counted(len(tree.nodes), 'node')}"
        )
