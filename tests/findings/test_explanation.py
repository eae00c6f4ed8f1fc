"""Why a player acts so: values split into parts, averages over situations, and the words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

import foedus as fd
from foedus.equilibrium.evaluation import Shocks, evaluate_period
from foedus.equilibrium.play import strategies_in
from foedus.findings.explanation import explain
from foedus.findings.occasions import choices, occasions
from foedus.findings.reason import Explanation
from foedus.findings.worth import SHOCK, Worth

DUEL = """\
foedus: 1
title: Two years
period: year
horizon: {evaluate: 2, solve: 2}
precision: 3
players:
  A: {label: Alpha, discount: 0.5}
  B: {label: Beta, discount: 0.8}
state:
  phase: {levels: [calm, storm]}
  wall: {levels: [low, high]}
moves:
  - {player: A, actions: [wait: waits, strike: strikes]}
  - {player: B, actions: [yield: yields, resist: resists]}
next:
  phase:
    - {when: A == strike and B == resist, to: storm}
    - {to: calm}
payoffs:
  A: {prize: 1*(A == strike and B == yield), fear: -2*(phase == storm), rent: 0.3*(phase == calm)}
  B: {pride: 0.4*(B == resist), loss: -1*(phase == storm) - 0.5*(A == strike)}
starts:
  begin: {phase: calm, wall: {low: 0.25, high: 0.75}}
"""
DUEL = DUEL.replace("[wait: waits, strike: strikes]", "{wait: waits, strike: strikes}").replace(
    "[yield: yields, resist: resists]", "{yield: yields, resist: resists}"
)


def read(folder: Path, text: str) -> fd.Scenario:
    path = folder / "model.yaml"
    path.write_text(text, encoding="utf-8")
    return fd.read(str(path))


def solved(folder: Path, text: str = DUEL, **solver: object) -> fd.Equilibrium:
    return fd.solve(fd.compile_scenario(read(folder, text)), fd.Logit(**solver))


def logistic(x: float) -> float:
    return 1 / (1 + np.exp(-x))


def by_part(reason: Explanation, action: str, when: str) -> Mapping[str, float]:
    row = reason.actions.index(action)
    return dict(zip(reason.parts, getattr(reason, when)[row].tolist(), strict=True))


def test_the_last_year_in_closed_form(tmp_path: Path) -> None:
    """In the last year B resists for pride alone, and A weighs the prize by B's odds."""
    reason = explain(solved(tmp_path), "A", period=1, situation="phase == calm")
    resists = logistic(3 * 0.4)
    assert by_part(reason, "strike", "now") == pytest.approx(
        {"prize": 1 - resists, "fear": 0, "rent": 0}
    )
    # After the last year nothing follows: there are no terminal values.
    assert by_part(reason, "strike", "later") == pytest.approx({"prize": 0, "fear": 0, "rent": 0})
    odds = dict(zip(reason.actions, reason.probability, strict=True))
    assert odds["strike"] == pytest.approx(logistic(3 * (1 - resists)))


def test_the_first_year_in_closed_form(tmp_path: Path) -> None:
    """Striking risks a storm next year, which costs A 2 and the rent, at half weight."""
    equilibrium = solved(tmp_path)
    reason = explain(equilibrium, "A", period=0)
    # B resists a strike for 0.4 now against the storm's 1 and, in its second year, nothing else.
    resists = logistic(3 * (0.4 - 0.8 * 1))
    prize_next = (1 - logistic(3 * 0.4)) * logistic(3 * (1 - logistic(3 * 0.4)))
    assert by_part(reason, "strike", "now")["prize"] == pytest.approx(1 - resists)
    later = by_part(reason, "strike", "later")
    assert later["fear"] == pytest.approx(-0.5 * 2 * resists)
    assert later["rent"] == pytest.approx(0.5 * 0.3 * (1 - resists))
    assert later["prize"] == pytest.approx(0.5 * prize_next)
    assert by_part(reason, "wait", "later")["rent"] == pytest.approx(0.5 * 0.3)
    i = reason.actions.index("strike")
    assert reason.next["phase"]["storm"][i] == pytest.approx(resists)
    assert reason.next["wall"]["high"] == pytest.approx([0.75, 0.75])


def test_a_later_mover_is_asked_given_what_it_has_seen(tmp_path: Path) -> None:
    equilibrium = solved(tmp_path)
    first = explain(equilibrium, "A", period=0)
    seen = explain(equilibrium, "B", "A == strike", period=0)
    assert seen.likelihood == pytest.approx(first.probability[first.actions.index("strike")])
    # What the strike has cost B already is lost whatever B does, so it counts nowhere.
    assert by_part(seen, "resist", "now") == pytest.approx({"pride": 0.4, "loss": 0})
    part = explain(equilibrium, "B", "A == strike and wall == low", period=0)
    assert part.likelihood == pytest.approx(0.25 * seen.likelihood)


@pytest.fixture(scope="module")
def flagship() -> fd.Equilibrium:
    """The largest scenario, where two players move at once, under payoff shocks."""
    game = fd.compile_scenario(
        fd.read("us-ukraine-pact"), regime="pact", variant="simultaneous_belligerents"
    )
    return fd.solve(game, fd.Logit(convention="shock"))


def test_parts_add_up_to_the_values_that_the_certificate_finds(flagship: fd.Equilibrium) -> None:
    for i, player in enumerate(flagship.game.players):
        worth = Worth(flagship, player)
        for period in (0, 37, 40):
            found = worth.at_start(period).sum(axis=0)
            np.testing.assert_allclose(found, flagship.certificate.values[period][i], atol=1e-10)
        assert worth.parts[-1] == SHOCK


BLOCK = DUEL.replace(
    "  - {player: A, actions: {wait: waits, strike: strikes}}\n"
    "  - {player: B, actions: {yield: yields, resist: resists}}\n",
    "  - simultaneous:\n"
    "      - {player: A, actions: {wait: waits, strike: strikes}}\n"
    "      - {player: B, actions: {yield: yields, resist: resists}}\n",
)


@pytest.mark.parametrize("convention", ["expected", "shock"])
@pytest.mark.parametrize("text", [DUEL, BLOCK], ids=["turns", "block"])
def test_action_values_are_those_of_the_independent_evaluation(
    tmp_path: Path, text: str, convention: str
) -> None:
    assert compare_choices(solved(tmp_path, text, convention=convention)) == 2


def test_action_values_of_the_flagship_are_those_of_the_independent_evaluation(
    flagship: fd.Equilibrium,
) -> None:
    assert compare_choices(flagship) == 4


def compare_choices(equilibrium: fd.Equilibrium) -> int:
    """Check the parts of every edge, added up, at every node; how many moves were compared."""
    game, convention = equilibrium.game, equilibrium.solver.convention
    shocks = Shocks(precision=equilibrium.precision if convention == "shock" else None)
    period = game.horizon - 2
    _, decisions = evaluate_period(
        game.structure,
        game.tables,
        strategies_in(equilibrium.profile, period),
        equilibrium.value_table[period + 1],
        shocks,
    )
    checked = 0
    for decision in decisions:
        (mover,) = set(decision.mover[decision.mover >= 0].tolist())
        player = game.players[mover]
        choice = next(
            c
            for c in choices(game.structure, player)
            if (c.stage, c.member) == (decision.stage, decision.member)
        )
        now, later = Worth(equilibrium, player).of_choice(period, choice.stage, choice.member)
        (occasion,) = (o for o in occasions(equilibrium, choice, None, None) if o.period == period)
        edges = (now + later).sum(axis=0) * occasion.belief
        hidden = tuple(
            axis for axis in range(1, edges.ndim)
            if axis != occasion.own_axis and occasion.reached.shape[axis] == 1
        )  # fmt: skip
        found = np.moveaxis(edges.sum(axis=hidden, keepdims=True), occasion.own_axis, -1)
        wanted = np.broadcast_to(decision.possible, found.shape).copy()
        wanted[decision.mover < 0] = False
        np.testing.assert_allclose(found[wanted], decision.own[wanted], atol=1e-10)
        checked += 1
    assert checked == len(decisions)
    return checked


def test_a_block_averages_over_what_the_mover_does_not_see(tmp_path: Path) -> None:
    """Matching pennies with an edge: B's odds do not depend on A's choice, and weigh A's values."""
    equilibrium = solved(tmp_path, BLOCK)
    ours, theirs = (explain(equilibrium, p, "phase == calm", period=1) for p in "AB")
    yields = theirs.probability[theirs.actions.index("yield")]
    assert by_part(ours, "strike", "now")["prize"] == pytest.approx(yields)
    strikes = ours.probability[ours.actions.index("strike")]
    assert by_part(theirs, "yield", "now")["loss"] == pytest.approx(-0.5 * strikes)
    assert ours.unseen == ("B",)
    assert "does not see B first" in ours.text
    with pytest.raises(fd.QueryError, match="A does not know yet whether 'B == yield'"):
        explain(equilibrium, "A", "B == yield")


def test_a_stationary_game_adds_up(tmp_path: Path) -> None:
    for convention in ("expected", "shock"):
        equilibrium = solved(
            tmp_path,
            DUEL.replace("horizon: {evaluate: 2, solve: 2}", "horizon: stationary"),
            convention=convention,
        )
        for i, player in enumerate(equilibrium.game.players):
            parts = Worth(equilibrium, player).at_start(0)
            np.testing.assert_allclose(
                parts.sum(axis=0), equilibrium.certificate.values[0][i], atol=1e-10
            )
        reason = explain(equilibrium, "A")
        precision = float(equilibrium.precision[0])
        odds = np.exp(precision * (reason.values - reason.values.max()))
        np.testing.assert_allclose(reason.probability, odds / odds.sum(), atol=1e-9)


def test_the_reason_is_the_one_that_is_known(tmp_path: Path) -> None:
    """With nobody else and nothing to follow, A does what its only payoff is for."""
    text = """\
foedus: 1
title: Alone
period: day
horizon: {evaluate: 1, solve: 1}
precision: 4
players: {A: {label: Ann, discount: 1}}
state: {x: {levels: [here]}}
moves:
  - {player: A, actions: {left: goes left, right: goes right}}
payoffs: {A: {joy: 1*(A == right), toll: -0.25*(A == right)}}
starts: {now: {x: here}}
"""
    reason = explain(solved(tmp_path, text), "A")
    assert reason.text == (
        "Ann (A) chooses right (goes right) with 95 %, ahead of left (goes left) with 4.7 %. "
        "To it, right is worth 0.75 more than left. What speaks for it: joy (+1). What speaks "
        "against it: toll (-0.25). All of the difference lies in this day. From now, play gets "
        "into one situation of this kind in day 0 with probability 100 %."
    )
    mirrored = text.replace("(A == right)", "(A == left)")
    other = explain(solved(tmp_path, mirrored), "A").text
    swap = {"left": "right", "right": "left"}
    assert re.sub("left|right", lambda word: swap[word[0]], other) == reason.text


def test_figures_come_as_a_table_and_as_plain_data(tmp_path: Path) -> None:
    reason = explain(solved(tmp_path), "A")
    table = reason.to_dataframe()
    assert list(table.index) == ["wait", "strike"]
    parts = table.drop(columns=["probability", "available", "value"], level=0)
    np.testing.assert_allclose(parts.sum(axis=1), table["value", ""])
    plain = reason.to_dict()
    assert plain["actions"]["wait"]["value"] == pytest.approx(table.loc["wait", ("value", "")])
    assert plain["text"] == reason.text


@pytest.mark.parametrize(
    ("player", "situation", "options", "said"),
    [
        ("C", None, {}, "no player named 'C'; the players are A, B"),
        ("A", "phase == clam", {}, "did you mean `calm`?"),
        ("A", "B == yield", {}, "A does not know yet whether 'B == yield'"),
        ("A", "A == strike", {}, "A does not know yet"),
        ("A", "phase == storm", {"period": 0}, "A does not in period 0 have to choose where"),
        ("A", None, {"period": 2}, "periods 0 to 1"),
        ("A", None, {"start": "end"}, "no start named 'end'"),
        ("A", None, {"move": "B"}, "A makes no move named 'B'"),
    ],
)
def test_a_question_without_an_answer_says_why(
    tmp_path: Path, player: str, situation: str | None, options: Mapping[str, object], said: str
) -> None:
    with pytest.raises(fd.QueryError, match=re.escape(said)):
        explain(solved(tmp_path), player, situation, **options)


def test_without_a_period_the_first_in_which_play_gets_there_is_taken(tmp_path: Path) -> None:
    reason = explain(solved(tmp_path), "A", "phase == storm")
    assert reason.period == 1
    assert 0 < reason.likelihood < 1


def test_a_player_that_moves_twice_is_asked_about_one_move(tmp_path: Path) -> None:
    text = """\
foedus: 1
title: Twice
period: day
horizon: {evaluate: 1, solve: 1}
players: {A: {label: Ann, discount: 1}, B: {label: Bob, discount: 1}}
state: {x: {levels: [here]}}
moves:
  - {player: A, name: A1, actions: [left, right]}
  - {player: B, actions: [up, down]}
  - {player: A, name: A2, actions: [enter, leave]}
payoffs:
  A: {joy: 1*(A1 == right), toll: -0.25*(A2 == enter)*(B == up)}
  B: {thrill: 1*(B == up)}
starts: {now: {x: here}}
"""
    equilibrium = solved(tmp_path, text)
    with pytest.raises(fd.QueryError, match="A has several moves there: A1, A2"):
        explain(equilibrium, "A")
    assert explain(equilibrium, "A", move="A1").actions == ("left", "right")
    # Only the second move comes after B's, so the situation says which one is meant.
    last = explain(equilibrium, "A", "B == up")
    assert by_part(last, "enter", "now") == pytest.approx({"joy": 0, "toll": -0.25})


def test_a_game_built_from_arrays_has_one_part() -> None:
    payoffs = np.array([[[[3.0, 0.0], [5.0, 1.0]], [[3.0, 5.0], [0.0, 1.0]]]])
    game = fd.stochastic_game(payoffs, np.ones((1, 2, 2, 1)), discount=0.5)
    equilibrium = fd.solve(game, fd.Logit(precision=2))
    reason = explain(equilibrium, "player 0")
    other = explain(equilibrium, "player 1").probability
    assert reason.parts == ("payoff",)
    np.testing.assert_allclose(reason.now[:, 0], payoffs[0, 0] @ other)
    np.testing.assert_allclose(reason.later[:, 0], 0.5 * equilibrium.values[0, 0])
    with pytest.raises(fd.QueryError, match="built from arrays"):
        explain(equilibrium, "player 0", "state == 0")
