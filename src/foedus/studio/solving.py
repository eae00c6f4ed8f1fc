"""What the process that solves answers: settings solved, choices explained, seats played."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from foedus.equilibrium import Equilibrium
from foedus.findings.course import course
from foedus.findings.draws import Draws
from foedus.findings.explanation import explain
from foedus.findings.positions import Position, Record
from foedus.findings.samples import region
from foedus.findings.seat import Table, beside
from foedus.findings.settings import read as figures_of
from foedus.findings.statements import evaluate, measure
from foedus.outcomes import report
from foedus.outcomes.play import evaluation_window
from foedus.scenario.model import EQUILIBRIUM, Quantity
from foedus.scenario.scenario import Scenario
from foedus.scenario.statements import Figure, about_region
from foedus.studio.cases import Cases, solved_key
from foedus.studio.child import Note
from foedus.studio.estimates import coefficients
from foedus.studio.outline import Data
from foedus.studio.reconsider import challenged, drawn_figures, judged_text, kept_draws
from foedus.studio.setting import Setting

CASES = Cases()


def solved(payload: Data, note: Note) -> Data:
    """A setting solved: values, quantities, how play goes, and the certificate.

    `quantities` names the ones to work out. Those that compare with another regime come only
    with `others`, since that has to be solved as well.
    """
    text, setting = payload["text"], Setting.of(payload["setting"])
    equilibrium = CASES.solved(text, setting, note)
    rules = CASES.scenario(text).rules(setting.regime, setting.variant)
    start = setting.start or next(iter(equilibrium.game.structure.starts))
    wanted = payload.get("quantities")
    asked = [q for q in rules.quantities if wanted is None or q.name in wanted]
    now = asked if payload.get("others") else [q for q in asked if _alone(q, setting.regime)]
    found = _quantities(text, setting, equilibrium, now, note)
    game = equilibrium.game
    worth = game.structure.starts[start] @ equilibrium.values
    return {
        "regime": setting.regime or CASES.scenario(text).regimes[0].name,
        "start": start,
        "values": dict(zip(game.players, worth.tolist(), strict=True)),
        "quantities": {name: _finite(value) for name, value in found.items()},
        "later": [q.name for q in asked if q.name not in found],
        "course": _course(equilibrium, start),
        "certificate": _certificate(equilibrium),
        "precision": dict(zip(game.players, equilibrium.precision.tolist(), strict=True)),
        "convention": equilibrium.solver.convention,
        "states": game.structure.states.n_states,
    }


def explained(payload: Data, note: Note) -> Data:
    """Why a player acts so: in some situation, from a start, in a period."""
    setting = Setting.of(payload["setting"])
    equilibrium = CASES.solved(payload["text"], setting, note)
    reason = explain(
        equilibrium,
        str(payload["player"]),
        payload.get("situation") or None,
        start=setting.start,
        period=payload.get("period"),
        move=payload.get("move") or None,
    )
    found: Data = reason.to_dict()
    found["label"] = reason.label
    found["calendar"] = reason.calendar
    found["labels"] = dict(reason.action_labels)
    found["parts"] = list(reason.parts)
    found["unseen"] = list(reason.unseen)
    return found


def _ending(equilibrium: Equilibrium, state: int) -> str:
    """The name of an ending; nothing for a state in which play goes on."""
    space = equilibrium.game.structure.states
    return space.label(state) if state >= space.n_live else ""


def stands(payload: Data, note: Note) -> Data:
    """Whether a claim holds at one setting, with everything that it reads solved there."""
    text, setting = payload["text"], Setting.of(payload["setting"])
    scenario = CASES.scenario(text)
    one = next((c for c in scenario.claims if c.name == payload["claim"]), None)
    if one is None or one.holds is None:
        return {"holds": None, "effect": None, "why": "This claim cannot be tested here."}
    wanted = figures_of(one)
    if about_region(one.holds):
        said = "This claim is about the whole region: at a single setting it says nothing."
        return {"holds": None, "effect": None, "why": said}
    if any(figure.without or figure.under for figure in wanted):
        said = "This claim compares with play that is no equilibrium here; assess it instead."
        return {"holds": None, "effect": None, "why": said}
    values: dict[Figure, np.ndarray] = {}
    for regime in dict.fromkeys(figure.regime for figure in wanted):
        own = _under(text, setting, regime)
        equilibrium = CASES.solved(text, own, note)
        names = {figure.quantity for figure in wanted if figure.regime == regime}
        rules = scenario.rules(regime, setting.variant)
        asked = [quantity for quantity in rules.quantities if quantity.name in names]
        found = _quantities(text, own, equilibrium, asked, note)
        values |= {f: np.array([found[f.quantity]]) for f in wanted if f.regime == regime}
    draws = _one_draw(scenario, setting, values)
    effect = (
        None
        if one.effect is None
        else _finite(np.broadcast_to(evaluate(one.effect, draws, margin=one.margin), 1)[0])
    )
    slack = measure(one.holds, draws, margin=one.margin)
    if bool(np.broadcast_to(slack.unknown, 1)[0]):
        said = "At this setting what the claim speaks of never comes up."
        return {"holds": None, "effect": effect, "why": said}
    return {"holds": bool(np.broadcast_to(slack.holds, 1)[0]), "effect": effect, "why": ""}


def _one_draw(scenario: Scenario, setting: Setting, values: dict[Figure, np.ndarray]) -> Draws:
    parameters = region(scenario)
    given = [float(setting.values.get(p.name, p.value)) for p in parameters]
    own = setting.precision
    precision = scenario.precision.value if own is None else own
    return Draws(
        names=(*(p.name for p in parameters), "precision"),
        lows=(*(p.low for p in parameters), precision),
        highs=(*(p.high for p in parameters), precision),
        scales=(*(p.scale for p in parameters), "linear"),
        parameters=np.array([[*given, precision]]),
        solved=np.array([True]),
        figures=values,
    )


def played(payload: Data, note: Note) -> Data:
    """Where a game stands, for whoever's turn it is."""
    text, setting = payload["text"], Setting.of(payload["setting"])
    equilibrium = CASES.solved(text, setting, note)
    key = ("table", solved_key(text, setting))
    table = CASES.derived.get(key, lambda: Table(equilibrium))
    record = Record(
        seats=tuple(payload["seats"]),
        start=str(payload["start"]),
        seed=int(payload["seed"]),
        choices=tuple(payload["choices"]),
    )
    position = table.position(record)
    found = seen(table, position, record)
    found["course"] = CASES.derived.get(
        (*key, record.start), lambda: _course(equilibrium, record.start)
    )
    if position.over:
        found["paths"] = {
            seat: _beside(list(beside(equilibrium, position, seat)), position.total[seat])
            for seat in record.seats
        }
    return found


def seen(table: Table, position: Position, record: Record) -> Data:
    """A position as plain data, without what a seat has not been told before its choice."""
    equilibrium = table.equilibrium
    game = equilibrium.game
    space = game.structure.states
    discount = dict(zip(game.players, np.asarray(game.tables.discount).tolist(), strict=True))
    turn = position.turn
    return {
        "over": position.over,
        "periods": position.periods,
        "states": [
            {
                "label": _ending(equilibrium, state),
                "ending": state >= space.n_live,
                "levels": levels,
            }
            for state, levels in zip(position.states, table.levels(position), strict=True)
        ],
        "steps": [
            {
                "period": step.period,
                "move": step.move,
                "player": step.player,
                "action": step.action,
                "person": step.person,
                "forgone": step.forgone,
                "usual": step.usual,
                "options": [vars(option) for option in step.options],
            }
            for at, step in enumerate(position.steps)
            if at not in position.unseen
        ],
        "turn": None
        if turn is None
        else {
            "period": turn.period,
            "move": turn.move,
            "player": turn.player,
            "options": [vars(option) for option in turn.options],
        },
        "payoffs": {player: list(paid) for player, paid in position.payoffs.items()},
        "total": dict(position.total),
        "regret": {seat: position.regret(seat, discount[seat]) for seat in record.seats},
    }


def warmed(payload: Data, note: Note) -> Data:
    """Regimes of a scenario compiled and solved once, so that later questions are quick."""
    text = payload["text"]
    names = payload.get("regimes") or [one.name for one in CASES.scenario(text).regimes]
    for regime in names:
        CASES.solved(text, Setting(regime=regime), note)
    return {"warm": list(names)}


def _alone(quantity: Quantity, regime: str | None) -> bool:
    return quantity.against is None or quantity.against in (EQUILIBRIUM, regime)


def _quantities(
    text: str, setting: Setting, equilibrium: Equilibrium, asked: list[Quantity], note: Note
) -> dict[str, float]:
    others = {EQUILIBRIUM: equilibrium}
    for name in {q.against for q in asked if q.against} - {EQUILIBRIUM}:
        if name == setting.regime:
            others[name] = equilibrium
            continue
        others[name] = CASES.solved(text, _under(text, setting, name), note)
    return report(equilibrium, asked, regimes=others)


def _under(text: str, setting: Setting, regime: str) -> Setting:
    """The same setting under another regime, without the values of what is fixed there."""
    rules = CASES.scenario(text).rules(regime, setting.variant)
    free = {p.name: p for p in rules.parameters if p.low < p.high}
    values = {
        name: min(max(value, free[name].low), free[name].high)
        for name, value in setting.values.items()
        if name in free
    }
    return replace(setting, regime=regime, start=None, values=values)


def _course(equilibrium: Equilibrium, start: str) -> Data:
    """Where play stands at each date, and how often each move is made and each action taken.

    These are the expected numbers over the periods that the briefing's figures show.
    """
    structure = equilibrium.game.structure
    factors = dict(zip(structure.states.factors, structure.states.levels, strict=True))
    periods = evaluation_window(structure)
    found = course(equilibrium, factors, start, periods, flows=False)
    columns = iter(np.round(found.levels.T, 6).tolist())
    moves: dict[str, Data] = {}
    for tally in found.tallies:
        own = moves.setdefault(tally.move, {"player": tally.player, "made": 0.0, "actions": {}})
        own["made"] += float(tally.visits.sum())
        for action, taken in zip(tally.actions, np.nansum(tally.taken, axis=0), strict=True):
            own["actions"][action] = own["actions"].get(action, 0.0) + float(taken)
    return {
        "levels": {
            factor: {level: next(columns) for level in levels} for factor, levels in factors.items()
        },
        "periods": periods,
        "moves": moves,
    }


def _certificate(equilibrium: Equilibrium) -> Data:
    found = equilibrium.certificate
    return {
        "passed": found.passed,
        "regret": _finite(found.regret),
        "regret_by_player": {p: _finite(r) for p, r in found.regret_by_player.items()},
        "residual": None if found.residual is None else _finite(found.residual),
        "value_error": None if found.value_error is None else _finite(found.value_error),
        "tolerance": found.tolerance,
        "selection": found.selection,
        "method": equilibrium.stats.method,
        "solve_seconds": equilibrium.stats.run_seconds,
        "certify_seconds": equilibrium.stats.certify_seconds,
    }


def _beside(paths: list[float], own: float) -> Data:
    """Where a person's payoff falls among those of equilibrium paths."""
    values = np.sort(np.array(paths))
    counts, edges = np.histogram(values, bins=24)
    return {
        "below": float((values < own).mean()),
        "median": float(np.median(values)),
        "own": own,
        "counts": counts.tolist(),
        "edges": edges.tolist(),
    }


def _finite(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None


TASKS = {
    "solve": solved,
    "why": explained,
    "stand": stands,
    "play": played,
    "warm": warmed,
    "draws": kept_draws,
    "judge": judged_text,
    "challenge": challenged,
    "figures": drawn_figures,
    "coefficients": coefficients,
}
