"""Rules of play: where one holds, a player's move is a draw with given probabilities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from foedus.scenario.formulas import ONE, ZERO, Formula, Number, Operation, Test, parameters
from foedus.scenario.model import Block, ChanceMove, Move
from foedus.scenario.nodes import Mapping, Node, Place, Scalar, child, items
from foedus.scenario.scope import Scope, VariableName
from foedus.scenario.sections.context import Context, named
from foedus.scenario.sections.entries import Entry
from foedus.scenario.sections.moves import ROUNDING, together, what_is_seen
from foedus.scenario.simplify import both, negation

Item = Block | ChanceMove
Origins = tuple[int | Place, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Played:
    """One rule of play: the actions and their probabilities as written."""

    player: str
    when: Node | None
    move: str | None
    actions: dict[str, Node | None]  # None: certain
    place: Place

    def about(self, entry: Entry) -> bool:
        """Whether the entry is a move of the player that has all of the actions."""
        if entry.player != self.player or self.move not in (None, entry.name):
            return False
        return self.actions.keys() <= {key.text for key, _ in entry.choices}


def read_plays(
    context: Context, entries: list[Entry], node: Node | None, player: str
) -> Iterator[Played]:
    """The rules of play in their order; one that is about no move is reported."""
    own = [entry for entry in entries if entry.player == player]
    known = dict.fromkeys(key.text for entry in own for key, _ in entry.choices)
    for item in items(node):
        if not isinstance(item, Mapping):
            continue
        said = child(item, "actions")
        actions: list[tuple[Scalar, Node | None]]
        actions = [(said, None)] if isinstance(said, Scalar) else list(named(said))
        move = context.known(item.get("move"), [entry.name for entry in own], "move")
        found = [key for key, _ in actions if context.known(key, known, "action")]
        if not found or len(found) < len(actions):
            continue
        rule = Played(
            player=player,
            when=item.get("when"),
            move=move,
            actions={key.text: value for key, value in actions},
            place=found[0].place,
        )
        if not any(map(rule.about, own)):
            listed = ", ".join(f"`{key.text}`" for key in found)
            message = f"no move of {player} has all of these actions: {listed}"
            context.report.error("F617", rule.place, message, hint="write one rule for each move")
        yield rule


def replaced(
    context: Context,
    sequence: tuple[Item, ...],
    entries: list[Entry],
    scope: Scope,
    rules: list[Played],
) -> list[tuple[Item, Origins]]:
    """The sequence with draws where rules hold, and where each of its moves comes from.

    A draw stands after the block that its move was decided in, so that nobody in the
    block sees it, as nobody there saw the move.
    """
    answer: list[tuple[Item, Origins]] = []
    for item, (first, _) in zip(sequence, together(entries), strict=False):
        if isinstance(item, ChanceMove):
            answer.append((item, (first,)))
            continue
        left: list[int] = []
        moves: list[Move] = []
        draws: list[tuple[ChanceMove, Place]] = []
        for j, move in enumerate(item.moves):
            entry = entries[first + j]
            here = [rule for rule in rules if rule.about(entry)]
            if here and any(
                sees[j] and other.player != move.player
                for sees, other in zip(item.sees, item.moves, strict=True)
            ):
                _refuse(context, here[0], entry)
            seen = what_is_seen(entries, first, first + j, scope)
            found, rest = _drawn(context, move, here, seen)
            draws += found
            if rest is not ZERO:
                left.append(j)
                moves.append(replace(move, when=rest))
        if moves:
            sees = tuple(tuple(item.sees[j][i] for i in left) for j in left)
            block = Block(moves=tuple(moves), sees=sees)
            answer.append((block, tuple(first + j for j in left)))
        answer += [(draw, (place,)) for draw, place in draws]
    return answer


def _drawn(
    context: Context, move: Move, rules: list[Played], scope: Scope
) -> tuple[list[tuple[ChanceMove, Place]], Formula]:
    """The draws that take the move's place, and where the player still chooses."""
    symbol = scope.symbols[move.variable]
    assert isinstance(symbol, VariableName)
    constant = scope.narrowed((), "changes during play; only parameters may be read here")
    available = {symbol.variable.levels[action.code]: action for action in move.actions}
    left = move.when
    draws = []
    for rule in rules:
        offered = [available[name] for name in rule.actions]
        said = context.formula(rule.when, scope)
        _check_condition(context, rule, said)
        holds = _all([said, *(action.when for action in offered)])
        outcomes = tuple(
            (action.code, context.formula(chance, constant, ONE))
            for action, chance in zip(offered, rule.actions.values(), strict=True)
        )
        _check_sum(context, rule, [probability for _, probability in outcomes])
        when = _all([left, holds])
        if when is not ZERO:
            draw = ChanceMove(variable=move.variable, when=when, outcomes=outcomes)
            draws.append((draw, rule.place))
        left = _all([left, _denied(holds, scope)])
    return draws, left


def _all(conditions: list[Formula]) -> Formula:
    """Where every condition holds; tests of one variable meet, whichever condition has them."""
    parts: list[Formula] = []
    for condition in conditions:
        joined = isinstance(condition, Operation) and condition.operator == "and"
        parts += condition.operands if joined else [condition]  # type: ignore[union-attr]
    return both(parts)


def _denied(condition: Formula, scope: Scope) -> Formula:
    """Where the condition fails. During play a factor always has some level."""
    if isinstance(condition, Test):
        symbol = scope.variable(condition.variable)
        if symbol is not None and symbol.factor:
            codes = frozenset(range(len(symbol.variable.levels)))
            return Test(condition.variable, codes - condition.codes)
    return negation(condition)


def _check_condition(context: Context, rule: Played, condition: Formula) -> None:
    names = sorted(parameters(condition))
    if names and rule.when is not None:
        listed = ", ".join(f"`{name}`" for name in names)
        context.report.error(
            "F908",
            rule.when.place,
            f"this condition reads {listed}",
            why="who moves when must be the same for every draw of the parameters",
            hint="let the probabilities depend on it instead",
        )


def _check_sum(context: Context, rule: Played, probabilities: list[Formula]) -> None:
    numbers = [p.value for p in probabilities if isinstance(p, Number)]
    if len(numbers) == len(probabilities) and abs(sum(numbers) - 1) > ROUNDING:
        message = f"the probabilities of what is played add up to {sum(numbers):g}, not 1"
        context.report.error("F503", rule.place, message)


def _refuse(context: Context, rule: Played, entry: Entry) -> None:
    context.report.error(
        "F618",
        rule.place,
        f"`{entry.name}` is decided in one block with a move of somebody who sees it",
        why="a draw is seen by everybody after it and by nobody in the block",
        hint="leave the move to its player, or let everybody see it in a variant",
    )
