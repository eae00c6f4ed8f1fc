"""`foedus import`: a game file of Gambit's, shown, solved and converted."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from foedus.cli.options import json_option
from foedus.cli.text import Table, counted, in_colour, number, show, show_json
from foedus.errors import QueryError

if TYPE_CHECKING:
    from foedus.equilibrium.trees.result import TreeEquilibrium
    from foedus.game.trees import ExtensiveGame, Fault, StrategicGame

COLOURS = {"error": "red", "warning": "yellow"}
MOST_ROWS = 60  # of a table of strategies


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--solve", "solved", is_flag=True, help="Solve it: the end of its logit path.")
@click.option("--all", "everything", is_flag=True, help="Find all equilibria that can be found.")
@click.option(
    "--precision",
    type=click.FloatRange(min=0),
    help="Solve for logit play at this precision instead.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Write the game to this .efg or .nfg file, in the dialect that Gambit and OpenSpiel read.",
)
@json_option
@click.pass_context
def import_game(
    ctx: click.Context,
    file: Path,
    solved: bool,
    everything: bool,
    precision: float | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Show the game in FILE, a tree (.efg) or a table of strategies (.nfg).

    Every problem of the file is printed by line; exits with 3 if there is an error. Numbers
    stay exact. An equilibrium is said to be sequential, subgame perfect or Nash, and has a
    certificate computed by code that no solver shares.

    \b
    Examples:
      foedus import beer-quiche.efg --all
      foedus import crisis.efg --precision 2
      foedus import table.nfg -o tree.efg
    """
    from foedus.game.trees import examine_game

    if everything and precision is not None:
        raise QueryError("--all finds equilibria without noise; --precision asks for logit play")
    game, faults = examine_game(file)
    if not as_json:
        for fault in faults:
            _show_fault(fault)
    answer: dict[str, Any] = {"file": str(file), "faults": [_fault(fault) for fault in faults]}
    if game is None:
        if as_json:
            show_json(answer)
        else:
            errors = sum(fault.severity == "error" for fault in faults)
            click.echo(f"{file}: {counted(errors, 'error')}")
        ctx.exit(3)
    answer |= _described(game)
    if not as_json:
        _show_game(game, answer)
    if output is not None:
        _write(game, output)
        answer["written"] = str(output)
    if solved or everything or precision is not None:
        equilibria, completeness = _solve(game, everything=everything, precision=precision)
        answer["completeness"] = completeness
        answer["equilibria"] = [_equilibrium(item) for item in equilibria]
        if not as_json:
            _show_equilibria(equilibria, completeness)
    if as_json:
        show_json(answer)
    elif output is not None:
        click.echo(f"\nwrote {output}")


def _solve(
    game: ExtensiveGame | StrategicGame, *, everything: bool, precision: float | None
) -> tuple[Sequence[TreeEquilibrium], str]:
    from foedus.equilibrium.logit import Logit
    from foedus.equilibrium.trees.search import find_tree_equilibria
    from foedus.equilibrium.trees.solving import solve_tree

    if everything:
        found = find_tree_equilibria(game)
        return found, found.completeness
    one = solve_tree(game, None if precision is None else Logit(precision=precision))
    return [one], one.certificate.selection


def _write(game: ExtensiveGame | StrategicGame, output: Path) -> None:
    from foedus.cli.new import write_new
    from foedus.game.trees import ExtensiveGame, game_text
    from foedus.game.trees.strategies import strategic_form

    kind = output.suffix.lower()
    if kind not in (".efg", ".nfg"):
        raise QueryError(f"{output}: a game file ends in .efg (a tree) or .nfg (a table)")
    if isinstance(game, ExtensiveGame):
        game = strategic_form(game) if kind == ".nfg" else game
    elif kind == ".efg":
        game = game.as_tree()
    write_new(output, game_text(game))


def _described(game: ExtensiveGame | StrategicGame) -> dict[str, Any]:
    from foedus.game.trees import StrategicGame
    from foedus.game.trees.shape import recall_of, subgame_roots

    if isinstance(game, StrategicGame):
        named = dict(zip(game.players, map(list, game.strategies), strict=True))
        return {"kind": "table", "title": game.title, "players": named}
    return {
        "kind": "tree",
        "title": game.title,
        "comment": game.comment,
        "players": list(game.players),
        "nodes": len(game.nodes),
        "leaves": len(game.leaves),
        "information_sets": sum(1 for _ in game.decisions),
        "subgames": len(subgame_roots(game)),
        "recall": recall_of(game).words(game),
    }


def _show_game(game: ExtensiveGame | StrategicGame, answer: dict[str, Any]) -> None:
    click.echo(game.title or answer["file"])
    if answer["kind"] == "table":
        sizes = " x ".join(str(len(own)) for own in answer["players"].values())
        click.echo(f"a table of {sizes} strategies for {', '.join(answer['players'])}")
        return
    click.echo(
        f"a tree for {', '.join(answer['players'])}: {counted(answer['nodes'], 'node')}, "
        f"{counted(answer['information_sets'], 'information set')}, "
        f"{counted(answer['subgames'], 'subgame')}, {answer['recall']}"
    )


def _show_equilibria(equilibria: Sequence[TreeEquilibrium], completeness: str) -> None:
    for place, item in enumerate(equilibria, 1):
        click.echo("")
        kind = "logit play" if item.rationality is None else str(item.rationality)
        click.echo(_wrapped(f"Equilibrium {place} of {len(equilibria)}: {kind}"))
        values = zip(item.game.players, item.values.tolist(), strict=True)
        click.echo("values: " + ", ".join(f"{name} {number(value)}" for name, value in values))
        rows = [
            [f"{item.game.name(at)}: {action}", number(chance)]
            for at in item.game.decisions
            for action, chance in zip(item.game.sets[at].actions, item.play[at], strict=True)
        ]
        show(Table(headings=["", "probability"], rows=rows[:MOST_ROWS]))
        if len(rows) > MOST_ROWS:
            click.echo(f"({len(rows) - MOST_ROWS:,} more choices; --json has them)")
        regret = item.certificate.player_regret
        passed = "passed" if item.certificate.passed else "FAILED"
        gain = number(item.certificate.agent_regret)
        said = f"certificate {passed}: most that a player gains at one information set {gain}"
        click.echo(
            _wrapped(
                f"{said}, by a whole strategy {number(regret)}" if regret is not None else said
            )
        )
    click.echo(f"\n{_wrapped(completeness)}")


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(text, 80))


def _equilibrium(item: TreeEquilibrium) -> dict[str, Any]:
    game, certificate = item.game, item.certificate
    return {
        "concept": item.concept,
        "reason": "" if item.rationality is None else item.rationality.reason,
        "values": dict(zip(game.players, item.values.tolist(), strict=True)),
        "play": [
            {
                "information_set": game.name(at),
                "player": game.players[game.sets[at].player or 0],
                "probabilities": dict(zip(game.sets[at].actions, item.play[at], strict=True)),
                "beliefs": list(certificate.beliefs[at]),
            }
            for at in game.decisions
        ],
        "found_by": item.found_by,
        "certificate": {
            "passed": certificate.passed,
            "regret": certificate.regret,
            "agent_regret": certificate.agent_regret,
            "player_regret": certificate.player_regret,
            "regret_by_player": dict(certificate.regret_by_player),
            "residual": certificate.residual,
            "recall": certificate.recall,
        },
    }


def _fault(fault: Fault) -> dict[str, Any]:
    return {
        "severity": fault.severity,
        "line": fault.line,
        "column": fault.column,
        "message": fault.message,
        "hint": fault.hint,
    }


def _show_fault(fault: Fault) -> None:
    first, _, rest = str(fault).partition("\n")
    if in_colour():
        first = click.style(first, fg=COLOURS[fault.severity], bold=True)
    click.echo(f"{first}\n{rest}\n")
