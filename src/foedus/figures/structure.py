"""The structure of the game: who moves when, knowing what, and what follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from foedus.figures.canvas import Canvas
from foedus.figures.figure import Figure, NoFigure, Table
from foedus.figures.lettering import clean, fit
from foedus.figures.lettering import width as measured
from foedus.figures.scales import SMALL
from foedus.figures.theme import WIDE
from foedus.figures.theme import player as player_look
from foedus.findings.words import listing
from foedus.scenario.formulas import Formula, Number, Operation, Test
from foedus.scenario.model import Block, ChanceMove, Rules, Variable
from foedus.scenario.scenario import Scenario

INDENT, LINE, GAP = 34.0, 15, 14


@dataclass(frozen=True, kw_only=True)
class Option:
    """Actions that are there together: when, in words, and what they are called."""

    when: str
    actions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a period: whose it is, `None` for chance, what there is to choose, what is seen.

    `unseen`: who moves at the same step and is not seen.
    """

    player: int | None
    label: str
    options: tuple[Option, ...]
    unseen: tuple[str, ...] = ()


def structure(
    scenario: Scenario, *, width: int = WIDE, name: str = "structure"
) -> Figure | NoFigure:
    """The moves of a period in order, and the factors of the state that they change.

    Of the first regime; what others change is in their own rules.
    """
    rules = scenario.rules(scenario.regimes[0].name)
    steps = order_of_play(rules)
    if not steps:
        return NoFigure(name=name, reason="Nobody moves in this scenario.")
    players = [player.label or player.name for player in rules.players]
    count = len(players)
    return Figure(
        name=name,
        title=f"{count} player{'s' * (count != 1)} in {len(steps)} "
        f"step{'s' * (len(steps) != 1)} a {rules.period}: {_order(steps)}",
        summary=_summary(rules, steps),
        spec=_spec(rules, steps, width),
        table=Table(
            columns=("step", "who", "when", "action", "does not see"),
            rows=tuple(
                (number + 1, step.label, option.when, action, ", ".join(step.unseen))
                for number, step in enumerate(steps)
                for option in step.options
                for action in option.actions
            ),
        ),
        notes=("Everybody sees all earlier steps, unless something else is said.",),
    )


def order_of_play(rules: Rules) -> list[Step]:
    """The steps of a period; moves of one player one after the other are one step."""
    labels = {player.name: player.label or player.name for player in rules.players}
    index = {player.name: place for place, player in enumerate(rules.players)}
    variables = {v.name: v for v in (*rules.factors, *rules.moves)}
    steps: list[Step] = []
    last = ""
    for block in rules.sequence:
        if isinstance(block, ChanceMove):
            variable = variables[block.variable]
            outcomes = tuple(_label(variable, code) for code, _ in block.outcomes)
            when = condition(block.when, variables)
            label = variable.label or block.variable
            option = Option(when=when, actions=outcomes)
            steps.append(Step(player=None, label=f"Chance: {label}", options=(option,)))
            last = ""
            continue
        for place, move in enumerate(block.moves):
            variable = variables[move.variable]
            option = Option(
                when=condition(move.when, variables),
                actions=tuple(
                    _offered(action.label, variable, action.code) for action in move.actions
                ),
            )
            alone = len(block.moves) == 1
            if alone and last == move.variable:
                steps[-1] = _with(steps[-1], option)
                continue
            steps.append(
                Step(
                    player=index[move.player],
                    label=labels[move.player],
                    options=(option,),
                    unseen=_unseen(block, place, labels),
                )
            )
            last = move.variable if alone else ""
    return steps


def _with(step: Step, option: Option) -> Step:
    return Step(
        player=step.player, label=step.label, options=(*step.options, option), unseen=step.unseen
    )


def _unseen(block: Block, place: int, labels: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(
        labels[other.player]
        for i, (other, sees) in enumerate(zip(block.moves, block.sees[place], strict=True))
        if i != place and not sees
    )


def _offered(label: str, variable: Variable, code: int) -> str:
    return clean(label) or _label(variable, code)


def _label(variable: Variable, code: int) -> str:
    labels = variable.level_labels or variable.levels
    return clean(labels[code])


def condition(formula: Formula, variables: Mapping[str, Variable]) -> str:
    """A condition in words, as far as it is put together from levels; else "at times"."""
    if isinstance(formula, Number):
        return "" if formula.value else "never"
    words = _condition(formula, variables)
    return "at times" if words is None else words


def _condition(formula: Formula, variables: Mapping[str, Variable]) -> str | None:
    if isinstance(formula, Test) and formula.variable in variables:
        variable = variables[formula.variable]
        known = range(len(variable.levels))
        inside = [code for code in known if code in formula.codes]
        outside = [code for code in known if code not in formula.codes]
        negated = len(outside) < len(inside)
        levels = [variable.levels[code] for code in (outside if negated else inside)]
        return f"{variable.name} is {'not ' if negated else ''}{' or '.join(levels)}"
    if isinstance(formula, Operation) and formula.operator in ("and", "or"):
        parts = [_condition(operand, variables) for operand in formula.operands]
        if all(part is not None for part in parts):
            return f" {formula.operator} ".join(str(part) for part in parts)
    return None


def _order(steps: Sequence[Step]) -> str:
    return listing([step.label for step in steps])


def _summary(rules: Rules, steps: Sequence[Step]) -> str:
    factors = [factor.label or factor.name for factor in rules.factors]
    told = [
        f"{number + 1}. {step.label}, {sum(len(o.actions) for o in step.options)} actions"
        + (f", not seeing {listing(step.unseen)}" if step.unseen else "")
        for number, step in enumerate(steps)
    ]
    endings = [ending.label or ending.name for ending in rules.endings]
    ends = f" Play can end in {listing(endings)}." if endings else ""
    return f"Steps of a {rules.period}: {'; '.join(told)}. The state: {listing(factors)}.{ends}"


def _spec(rules: Rules, steps: Sequence[Step], width: int) -> dict[str, object]:
    canvas = Canvas(width)
    y = 4.0
    for number, step in enumerate(steps):
        begin = y
        y = _step(canvas, number + 1, step, y)
        canvas.rule(12, begin + 24, 12, y + 4, ink="axis", width=1.5)
        canvas.point(12, y + 4, ink="axis", shape="triangle-down", size=30)
        y += GAP
    canvas.point(12, y + 9, ink="axis", shape="square", size=150)
    canvas.text(INDENT, y + 9, f"What follows, at the end of the {rules.period}", bold=True)
    y += 26
    endings = {(ending.factor, ending.name) for ending in rules.endings}
    for factor in rules.factors:
        y = _factor(canvas, factor, endings, y)
    return canvas.spec(y + 4)


def _step(canvas: Canvas, number: int, step: Step, y: float) -> float:
    ink = "muted" if step.player is None else player_look(step.player)[0]
    says = f"step {number}: {step.label}"
    canvas.point(12, y + 9, ink=ink, shape="square" if step.player is None else "circle",
                 size=330, says=says)  # fmt: skip
    canvas.text(12, y + 9, str(number), size=SMALL, ink="paper", bold=True, align="center")
    canvas.text(
        INDENT, y + 9, fit(step.label, 13, canvas.width - INDENT), size=13, ink=ink, bold=True
    )
    y += 22
    if step.unseen:
        words = fit(f"without seeing {listing(step.unseen)}", SMALL, canvas.width - INDENT)
        canvas.text(INDENT, y + 6, words, size=SMALL, ink="muted")
        y += LINE
    for option in step.options:
        if option.when:
            words = fit(f"if {option.when}:", SMALL, canvas.width - INDENT)
            canvas.text(INDENT, y + 6, words, size=SMALL, ink="muted")
            y += LINE + 2
        y = _boxes(canvas, option.actions, INDENT, y) + 4
    return y


def _factor(canvas: Canvas, factor: Variable, endings: set[tuple[str, str]], y: float) -> float:
    """A factor with its levels in boxes; endings are framed in another colour."""
    label = fit(factor.label or factor.name, SMALL, canvas.width - INDENT)
    canvas.text(INDENT, y + 6, label, size=SMALL, ink="muted")
    labels = [clean(label) for label in factor.level_labels or factor.levels]
    framed = {i for i, level in enumerate(factor.levels) if (factor.name, level) in endings}
    return _boxes(canvas, labels, INDENT, y + LINE + 2, framed=framed) + 8


def _boxes(
    canvas: Canvas,
    labels: Sequence[str],
    left: float,
    y: float,
    *,
    framed: set[int] | None = None,
) -> float:
    """Labels in boxes side by side, on as many lines as they need; returns the next free y."""
    x = left
    for place, label in enumerate(labels):
        shown = fit(label, SMALL, canvas.width - left - 16)
        needed = measured(shown, SMALL) + 14
        if x > left and x + needed > canvas.width - 2:
            x, y = left, y + 23
        stroke = "contradicted" if place in (framed or ()) else "axis"
        canvas.box(x, y, x + needed, y + 19, fill="panel", stroke=stroke, radius=4)
        canvas.text(x + needed / 2, y + 9.5, shown, size=SMALL, align="center")
        x += needed + 6
    return y + 23
