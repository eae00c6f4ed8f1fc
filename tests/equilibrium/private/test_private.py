"""Private types: play and beliefs against plain recursion, closed forms and each other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import root
from scipy.special import softmax

import foedus as fd
from foedus.equilibrium.private.consistency import certify_private
from foedus.errors import GameError
from foedus.game.profile import Profile

SIGNAL = """\
foedus: 1
title: A signal
horizon: {evaluate: 1, solve: 1}
precision: 3
players:
  US: {types: {firm: q, soft: 1 - q}}
  RU: {}
parameters:
  q: {value: 0.4, range: [0.1, 0.9], why: wide}
  tie: {value: 0.9, range: [0, 2], why: wide}
moves:
  - {player: US, actions: [silent, signal]}
  - {player: RU, actions: [refrain, attack]}
  - {player: US, name: response, when: RU == attack, actions: [leave, fight]}
define:
  worth: 3*(type(US) == firm) + 1*(type(US) == soft)
payoffs:
  US:
    cost: -0.3*(US == signal)
    peace: worth*(RU == refrain)
    fight: (0.5*worth - 1)*(response == fight)
    broken: -tie*(response == leave and US == signal)
  RU: {gain: 1*(response == leave) - 1*(response == fight)}
starts: {now: {}}
quantities:
  firm_signals: {rate: US == signal, given: type(US) == firm}
  soft_signals: {rate: US == signal, given: type(US) == soft}
  posterior: {rate: type(US) == firm, given: US == signal}
  attack: {rate: RU == attack, given: US == signal}
  war: {reach: response == fight}
"""

REPUTATION = """\
foedus: 1
title: Reputation
horizon: {evaluate: 4, solve: 4}
precision: 3
players:
  D: {types: {tough: q, weak: 1 - q}, discount: 0.9, beliefs: 11}
  C: {discount: 0.9}
parameters:
  q: {value: 0.3, range: [0, 1], why: wide}
moves:
  - {player: C, actions: [stay_out, enter]}
  - {player: D, when: C == enter, actions: [give_in, fight]}
payoffs:
  D: {alone: 2*(C == stay_out), fight: (0.5 - 1.5*(type(D) == weak))*(D == fight)}
  C: {entry: 1*(D == give_in) - 1*(D == fight)}
starts: {now: {}}
quantities:
  first: {rate: C == enter, within: 1}
  weak_fights: {rate: D == fight, given: type(D) == weak and C == enter, within: 1}
  belief_1: {mean: "belief(D, tough)", at: 1}
  belief_3: {mean: "belief(D, tough)", at: 3}
  sure: {probability: "belief(D, tough) > 0.9", at: 3}
"""


def scenario(text: str, folder: Path) -> fd.Scenario:
    file = folder / "private.yaml"
    file.write_text(text, encoding="utf-8")
    return fd.read(file)


def solved(text: str, folder: Path, precision: float, **values: float) -> fd.Equilibrium:
    game = fd.compile_scenario(scenario(text, folder)).at(**values)
    return fd.solve(game, fd.Logit(precision=precision))


def quantities(equilibrium: fd.Equilibrium, text: str, folder: Path) -> dict[str, float]:
    return dict(fd.report(equilibrium, scenario(text, folder).rules().quantities))


def by_hand(precision: float, q: float, tie: float) -> dict[str, float]:
    """The signalling game written out: unknown are the two types' chances to signal."""
    worth = np.array([3.0, 1.0])
    prior = np.array([q, 1 - q])

    def round_(signals: np.ndarray) -> tuple[np.ndarray, ...]:
        chance = np.stack([1 - signals, signals])  # (message, type)
        belief = prior * chance / (prior * chance).sum(axis=1, keepdims=True)
        leave = np.stack([np.zeros(2), np.full(2, -tie)])
        fight = np.stack([0.5 * worth - 1] * 2)
        fights = softmax(precision * np.stack([leave, fight]), axis=0)[1]
        after = (1 - fights) * leave + fights * fight
        attack = (belief * (1 - 2 * fights)).sum(axis=1)
        attacks = 1 / (1 + np.exp(-precision * attack))
        value = attacks[:, None] * after + (1 - attacks[:, None]) * worth
        value[1] -= 0.3
        return softmax(precision * value, axis=0)[1], belief, attacks, fights, chance

    found = root(lambda x: round_(x)[0] - x, np.array([0.5, 0.5]), tol=1e-13)
    assert found.success
    signals, belief, attacks, fights, chance = round_(found.x)
    return {
        "firm_signals": signals[0],
        "soft_signals": signals[1],
        "posterior": belief[1, 0],
        "attack": attacks[1],
        "war": float((prior * chance * attacks[:, None] * fights).sum()),
    }


@pytest.mark.parametrize("precision", [0.5, 2.0, 3.0])
@pytest.mark.parametrize("tie", [0.2, 0.9])
def test_a_signalling_game_is_what_it_is_written_out_by_hand(
    tmp_path: Path, precision: float, tie: float
) -> None:
    equilibrium = solved(SIGNAL, tmp_path, precision, q=0.35, tie=tie)
    assert equilibrium.certificate.passed
    ours = quantities(equilibrium, SIGNAL, tmp_path)
    for name, number in by_hand(precision, 0.35, tie).items():
        assert ours[name] == pytest.approx(number, abs=1e-9)


def test_bayes_rule_holds_between_quantities(tmp_path: Path) -> None:
    ours = quantities(solved(SIGNAL, tmp_path, 3.0, q=0.4), SIGNAL, tmp_path)
    firm, soft = 0.4 * ours["firm_signals"], 0.6 * ours["soft_signals"]
    assert ours["posterior"] == pytest.approx(firm / (firm + soft), abs=1e-12)


@pytest.mark.parametrize("convention", ["expected", "shock"])
def test_beliefs_are_right_on_average_and_reputations_are_kept(
    tmp_path: Path, convention: str
) -> None:
    game = fd.compile_scenario(scenario(REPUTATION, tmp_path))
    equilibrium = fd.solve(game, fd.Logit(precision=3.0, convention=convention))
    assert equilibrium.certificate.passed
    assert equilibrium.certificate.belief_error is not None
    assert equilibrium.certificate.belief_error <= 1e-9
    ours = quantities(equilibrium, REPUTATION, tmp_path)
    assert ours["belief_1"] == pytest.approx(0.3, abs=1e-12)
    assert ours["belief_3"] == pytest.approx(0.3, abs=1e-12)
    # Alone in one period the weak would fight with probability 1/(1 + e^3).
    assert ours["weak_fights"] > 0.5


def test_a_type_that_is_known_is_no_secret(tmp_path: Path) -> None:
    """With the prior at an end, play is that of the game without types."""
    plain = REPUTATION.replace("types: {tough: q, weak: 1 - q}, ", "")
    plain = plain.replace(", beliefs: 11", "").replace("type(D) == weak", "1")
    plain = plain.split("quantities:")[0].replace("q: {value", "unused: {value")
    open_game = solved(plain + "quantities: {first: {rate: C == enter, within: 1}}\n", tmp_path, 3)
    first = fd.action_rate(open_game, "C == enter", within=1)
    secret = quantities(solved(REPUTATION, tmp_path, 3.0, q=0.0), REPUTATION, tmp_path)
    assert secret["first"] == pytest.approx(first, abs=1e-9)


def test_a_finer_grid_of_beliefs_changes_less_and_less(tmp_path: Path) -> None:
    entry = []
    for points in (6, 11, 21, 41):
        text = REPUTATION.replace("beliefs: 11", f"beliefs: {points}")
        equilibrium = solved(text, tmp_path, 1.0)
        entry.append(quantities(equilibrium, text, tmp_path)["first"])
    steps = np.abs(np.diff(entry))
    assert (np.diff(steps) < 0).all()
    assert steps[-1] < 3e-4


def test_play_without_end_is_certified(tmp_path: Path) -> None:
    text = REPUTATION.replace("{evaluate: 4, solve: 4}", "{evaluate: 4, stationary: true}")
    text = text.replace("beliefs: 11", "beliefs: 5").replace("discount: 0.9", "discount: 0.6")
    equilibrium = solved(text, tmp_path, 1.0)
    assert equilibrium.certificate.passed
    assert quantities(equilibrium, text, tmp_path)["belief_3"] == pytest.approx(0.3, abs=1e-9)


def test_two_sides_with_types_that_move_at_once(tmp_path: Path) -> None:
    text = """\
foedus: 1
title: Trust
horizon: {evaluate: 2, solve: 2}
precision: 2
players:
  A: {types: {trusty: t, sly: 0.3, odd: 0.7 - t}, beliefs: 3}
  B: {types: {trusty: 0.6, sly: 0.4}, beliefs: 3}
parameters:
  t: {value: 0.5, range: [0.1, 0.6], why: wide}
moves:
  - simultaneous:
      - {player: A, actions: [cooperate, defect]}
      - {player: B, actions: [cooperate, defect]}
define:
  both: A == cooperate and B == cooperate
payoffs:
  A:
    peace: both
    gain: (0.5*(type(A) == trusty) + 1.5*(type(A) == sly))*(A == defect and B == cooperate)
    loss: -1*(A == cooperate and B == defect)
  B:
    peace: both
    gain: (0.5*(type(B) == trusty) + 1.5*(type(B) == sly))*(B == defect and A == cooperate)
    loss: -1*(B == cooperate and A == defect)
starts: {now: {}}
quantities:
  a: {mean: "belief(A, trusty)", at: 1}
  b: {mean: "belief(B, trusty)", at: 1}
"""
    equilibrium = solved(text, tmp_path, 2.0)
    assert equilibrium.certificate.passed
    ours = quantities(equilibrium, text, tmp_path)
    assert ours["a"] == pytest.approx(0.5, abs=1e-9)
    assert ours["b"] == pytest.approx(0.6, abs=1e-9)


def test_the_certificate_refuses_beliefs_that_do_not_follow_from_play(tmp_path: Path) -> None:
    equilibrium = solved(REPUTATION, tmp_path, 3.0)
    (at,) = equilibrium.game.information.draws  # type: ignore[union-attr]
    stages = list(equilibrium.profile.stages)
    drawn = np.array(stages[at])
    possible = equilibrium.game.structure.stages[at].occupied  # type: ignore[union-attr,index]
    stages[at] = 0.9 * drawn + 0.1 * possible / possible.sum(axis=1, keepdims=True)
    forged = certify_private(equilibrium.game, Profile(tuple(stages)), precision=[3.0, 3.0])
    assert not forged.passed
    assert forged.belief_error is not None
    assert forged.belief_error > 1e-3
    assert "beliefs do not follow from play" in str(forged)


def test_the_certificate_refuses_play_that_knows_what_its_player_does_not(tmp_path: Path) -> None:
    equilibrium = solved(SIGNAL, tmp_path, 3.0)
    stages = list(equilibrium.profile.stages)
    knowing = np.array(stages[1])
    knowing[0, 0] = knowing[0, 0, ::-1]  # one of two nodes that look alike
    stages[1] = knowing
    forged = certify_private(equilibrium.game, Profile(tuple(stages)), precision=[3.0, 3.0])
    assert not forged.passed
    assert forged.probability_error > 1e-3


def test_what_is_not_known_of_private_types_is_refused(tmp_path: Path) -> None:
    game = fd.compile_scenario(scenario(SIGNAL, tmp_path))
    with pytest.raises(GameError, match="private types"):
        fd.solve(game, fd.Nash())
    with pytest.raises(GameError, match="the types of US have the priors"):
        fd.solve(game.at(q=1.4))
    assert replace(game).information is not None


def test_beliefs_are_a_factor_whose_distribution_can_be_asked_for(tmp_path: Path) -> None:
    equilibrium = solved(REPUTATION, tmp_path, 3.0)
    levels = fd.distribution(equilibrium, "belief(D)", at=2)
    assert np.asarray(levels).sum() == pytest.approx(1.0, abs=1e-12)


def test_an_explanation_says_what_is_believed_and_adds_up(tmp_path: Path) -> None:
    equilibrium = solved(SIGNAL, tmp_path, 3.0, q=0.4)
    reason = fd.explain(equilibrium, "RU", "US == signal")
    posterior = quantities(equilibrium, SIGNAL, tmp_path)["posterior"]
    assert reason.beliefs["US"]["firm"] == pytest.approx(posterior, abs=1e-12)
    np.testing.assert_allclose(reason.probability, softmax(3.0 * reason.values), atol=1e-10)
    assert "It believes that US is firm with" in reason.text
    with pytest.raises(fd.QueryError, match="RU does not know"):
        fd.explain(equilibrium, "RU", "type(US) == firm")


def test_several_equilibria_are_found_where_there_are_several(tmp_path: Path) -> None:
    """Two sides that both doubt each other: trust and mistrust are equilibria, and one between."""
    text = """\
foedus: 1
title: Trust
horizon: {evaluate: 1, solve: 1}
precision: 8
players:
  A: {types: {trusty: 0.9, sly: 0.1}}
  B: {types: {trusty: 0.9, sly: 0.1}}
moves:
  - simultaneous:
      - {player: A, actions: [disarm, arm]}
      - {player: B, actions: [disarm, arm]}
payoffs:
  A:
    peace: 4*(A == disarm and B == disarm)
    gain: (3 + 2*(type(A) == sly))*(A == arm and B == disarm)
    race: 2*(A == arm and B == arm)
  B:
    peace: 4*(A == disarm and B == disarm)
    gain: (3 + 2*(type(B) == sly))*(B == arm and A == disarm)
    race: 2*(A == arm and B == arm)
starts: {now: {}}
quantities:
  disarms: {rate: A == disarm, given: type(A) == trusty}
"""
    game = fd.compile_scenario(scenario(text, tmp_path))
    found = fd.find_equilibria(game, 30, solver=fd.Logit())
    assert all(one.certificate.passed for one in found)
    disarms = sorted(quantities(one, text, tmp_path)["disarms"] for one in found)
    assert len(disarms) == 3
    assert disarms[0] < 0.1
    assert disarms[2] > 0.9
