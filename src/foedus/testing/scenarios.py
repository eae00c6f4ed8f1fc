"""Random scenarios: small valid files that use most of the language."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import strategies as st

PLAYERS = ("A", "B", "C")
AMOUNTS = st.integers(-8, 8).filter(bool).map(lambda quarters: quarters / 4)


@st.composite
def scenarios(
    draw: st.DrawFn,
    *,
    max_players: int = 3,
    max_factors: int = 3,
    simultaneous: bool = True,
    stationary: bool = False,
) -> str:
    """The text of a valid scenario file.

    One to `max_players` players and one to `max_factors` factors, of which the
    first may end play; moves in order, some conditional, in one block where
    `simultaneous` allows; sometimes nature's move. Each has two parameters, two
    regimes, two starts where there is more than one state, and a quantity of
    most kinds. With `stationary` the horizon is infinite and everybody discounts.
    """
    players = PLAYERS[: draw(st.integers(1, max_players))]
    factors = [f"f{i}" for i in range(1, draw(st.integers(1, max_factors)) + 1)]
    numeric = {factor: draw(st.booleans()) for factor in factors}
    ends = draw(st.booleans())
    moves, chance = _moves(draw, players, numeric, simultaneous)
    document: dict[str, Any] = {
        "foedus": 1,
        "title": "A random scenario",
        "period": "round",
        "horizon": {"evaluate": 4, "stationary": True} if stationary
        else {"evaluate": draw(st.integers(2, 4)), "solve": draw(st.integers(4, 6))},
        "precision": draw(st.sampled_from([0.5, 1, 2, 4])),
        "players": {
            p: {"label": f"Player {p}", "discount": draw(st.sampled_from([0.5, 0.8, 0.9]))}
            for p in players
        },
        "state": {
            f: _factor(draw, numeric[f], players if ends and f == "f1" else ()) for f in factors
        },
        "parameters": {
            "stake": {"range": [0.5, 2], "scale": "log", "why": "drawn"},
            "chance_up": {"range": [0.1, 0.9], "why": "drawn"},
        },
        "define": {"height": " + ".join(f"level({f})" for f in factors)},
        "moves": [*chance, *moves],
        "next": {f: _transition(draw, f, numeric, players, ends) for f in factors},
        "payoffs": {p: _parts(draw, p, players, factors, storms=bool(chance)) for p in players},
        "starts": {"low": {f: _levels(numeric[f])[0] for f in factors},
                   "high": {f: _levels(numeric[f])[-1] for f in factors}},
        "regimes": {
            "plain": {"label": "As written"},
            "dear": {"label": "Higher stakes", "edit": {"define": {"height": "2*level(f1)"}}},
        },
        "quantities": _quantities(players, factors, numeric, ends),
    }  # fmt: skip
    return yaml.safe_dump(document, sort_keys=False, width=1000)


def _levels(numeric: bool) -> list[Any]:
    return [0, 1, 2] if numeric else ["low", "high"]


def _at(factor: str, numeric: dict[str, bool], position: int) -> str:
    return f"{factor} == {_levels(numeric[factor])[position]}"


def _factor(draw: st.DrawFn, numeric: bool, paid_at_end: tuple[str, ...]) -> dict[str, Any]:
    factor: dict[str, Any] = {"levels": "0..2" if numeric else _levels(False)}
    if paid_at_end:
        payoffs = {player: draw(AMOUNTS) for player in paid_at_end}
        factor["endings"] = {"over": {"label": "Play is over", "payoffs": payoffs}}
    return factor


def _moves(
    draw: st.DrawFn, players: tuple[str, ...], numeric: dict[str, bool], simultaneous: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Everybody's move, in order or at once, and perhaps nature's before them."""
    moves: list[dict[str, Any]] = []
    for i, player in enumerate(players):
        move: dict[str, Any] = {"player": player, "actions": ["stay", "push"]}
        if draw(st.booleans()):
            move["actions"] = {"stay": "stays", "push": "pushes", "leap": {"when": "height > 0"}}
        if i > 0 and not simultaneous and draw(st.booleans()):
            move["when"] = f"{players[i - 1]} != stay or {_at('f1', numeric, 0)}"
        moves.append(move)
    if simultaneous and len(players) > 1 and draw(st.booleans()):
        moves = [{"simultaneous": moves}]
    if not draw(st.booleans()):
        return moves, []
    rain: dict[str, Any] = {"chance": "weather", "outcomes": {"good": 0.25, "bad": 0.75}}
    return moves, [rain]


def _transition(
    draw: st.DrawFn, factor: str, numeric: dict[str, bool], players: tuple[str, ...], ends: bool
) -> list[dict[str, Any]]:
    """Rules under which every level can be reached from every other."""
    player = draw(st.sampled_from(players))
    rules: list[dict[str, Any]]
    if numeric[factor]:
        rules = [{"when": f"{player} == push", "up": "0.5*chance_up", "down": 0.125},
                 {"up": 0.25, "down": 0.5}]  # fmt: skip
    else:
        rules = [{"when": f"{player} == push", "to": {"high": "chance_up"}},
                 {"to": {"low": 0.25, "high": 0.75}}]  # fmt: skip
    if ends and factor == "f1":
        rules.insert(0, {"when": f"{player} == stay and {_at('f1', numeric, -1)}",
                         "to": {"over": 0.25, _levels(numeric[factor])[0]: 0.5}})  # fmt: skip
    return rules


def _parts(
    draw: st.DrawFn, player: str, players: tuple[str, ...], factors: list[str], *, storms: bool
) -> dict[str, str]:
    other = draw(st.sampled_from(players))
    factor = draw(st.sampled_from(factors))
    gain, cost, push = draw(AMOUNTS), draw(AMOUNTS), draw(AMOUNTS)
    parts = {
        "place": f"stake*{gain}*height + 0.5*level({factor})",
        "effort": f"({cost})*({player} == push) + 0.1*({player} == stay)",
        "effect": f"({push})*({other} == push)*level(next({factor}))",
    }
    return parts | {"storm": "-0.5*(weather == bad)"} if storms else parts


def _quantities(
    players: tuple[str, ...], factors: list[str], numeric: dict[str, bool], ends: bool
) -> dict[str, Any]:
    high = _at("f1", numeric, -1)
    last = factors[-1]
    quantities: dict[str, Any] = {
        "reaches": {"reach": high, "within": 2, "start": "low"},
        "hazard": {"hazard": high, "after": 1, "within": 3, "start": "low"},
        "time_high": {"occupancy": high, "label": "Rounds at the top"},
        "falls": {"switches": high, "to": _at("f1", numeric, 0)},
        "height_then": {"mean": f"level({last})", "at": 2},
        "at_top": {"probability": high, "at": 2},
        "pushes": {"rate": f"{players[0]} == push", "given": _at("f1", numeric, 0)},
        "worth": {"value": players[0], "part": "place"},
        "moved": {"distance": "plain", "at": 2},
    }
    if ends:
        quantities["ends"] = {"reach": "f1 == over", "within": 4}
    return quantities
