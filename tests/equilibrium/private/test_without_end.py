"""Stationary play with private types: exact derivatives, closed forms and many random games."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from scipy.special import softmax

import foedus as fd
from foedus.equilibrium.private import transient
from foedus.equilibrium.private.derivatives import slopes_of
from foedus.equilibrium.private.fixed import Unknowns, random_guess
from foedus.equilibrium.private.induction import prepared
from foedus.errors import SolveError

SIDES = """\
foedus: 1
title: Two doubtful sides
horizon: {evaluate: 2, stationary: true}
precision: 2
players:
  A: {types: {trusty: 0.5, sly: 0.3, odd: 0.2}, beliefs: 2, discount: 0.5}
  B: {types: {trusty: 0.6, sly: 0.4}, beliefs: 2, discount: 0.4}
moves:
  - {player: B, actions: [speak, wait]}
  - simultaneous:
      - {player: A, actions: [yes, no]}
      - {player: B, name: reply, actions: [yes, no, never]}
payoffs:
  A: {all: "2*(A == yes and reply == yes) - 1*(type(A) == sly and A == yes) + 0.3*(B == speak)"}
  B: {all: "1*(A == no) + (type(B) == sly)*(reply == never) - 0.5*(reply == yes and A == no)"}
starts: {now: {}}
quantities:
  yes: {rate: A == yes}
"""

SEPARATE = """\
foedus: 1
title: Types that do not meet
horizon: {evaluate: 2, stationary: true}
precision: 10
players:
  D: {types: {tough: 0.3, weak: 0.7}, discount: 0.8, beliefs: 4}
  C: {discount: 0.6}
state:
  place: {levels: [low, high]}
moves:
  - {player: D, actions: [stay, climb]}
  - {player: C, actions: [left, right]}
next:
  place:
    - {when: D == climb, to: high}
    - {when: D == stay, to: low}
payoffs:
  D:
    view: (1 + 0.5*(type(D) == tough))*(place == high)
    toil: -(0.7 + 0.4*(type(D) == weak))*(D == climb)
  C: {taste: 0.2*(C == left)}
starts: {now: {place: low}}
quantities:
  tough: {rate: D == climb, given: type(D) == tough, within: 1}
  weak: {rate: D == climb, given: type(D) == weak, within: 1}
  left: {rate: C == left, within: 1}
"""


def random_signals(seed: int, *, third: bool, points: int = 5, discount: float = 0.7) -> str:
    """Two types and two places; payoffs are standard normal, by all that happens."""
    rng = np.random.default_rng(seed)
    actions = {"D": ("low", "high"), "C": ("give", "push")}
    if third:
        actions["E"] = ("out", "join")
    settings = {"C": f"discount: {discount}", "E": f"discount: {discount}"}
    settings["D"] = f"types: {{tough: 0.4, weak: 0.6}}, discount: {discount}, beliefs: {points}"
    players = "".join(f"  {one}: {{{settings[one]}}}\n" for one in actions)
    moves = "".join(
        f"  - {{player: {one}, actions: [{', '.join(own)}]}}\n" for one, own in actions.items()
    )
    payoffs = ""
    for player in actions:
        parts = []
        for place, kind in product(("calm", "tense"), ("tough", "weak")):
            terms = []
            for played in product(*actions.values()):
                test = [f"{one} == {own}" for one, own in zip(actions, played, strict=True)]
                terms.append(f"({rng.normal():.3f})*({' and '.join(test)})")
            given = f"(place == {place} and type(D) == {kind})"
            parts.append(f'{place}_{kind}: "{given}*({" + ".join(terms)})"')
        payoffs += f"  {player}: {{{', '.join(parts)}}}\n"
    return f"""\
foedus: 1
title: Random signals
horizon: {{evaluate: 3, stationary: true}}
precision: 3
players:
{players}state:
  place: {{levels: [calm, tense]}}
moves:
{moves}next:
  place:
    - {{when: D == high and C == push, to: tense}}
    - {{when: D == low, to: calm}}
payoffs:
{payoffs}starts: {{now: {{place: calm}}}}
quantities:
  high: {{rate: D == high, within: 1}}
  belief: {{mean: "belief(D, tough)", at: 3}}
"""


def game_of(text: str, folder: Path) -> fd.Game:
    file = folder / "without_end.yaml"
    file.write_text(text, encoding="utf-8")
    return fd.compile_scenario(fd.read(file))


def quantities(equilibrium: fd.Equilibrium, folder: Path) -> dict[str, float]:
    rules = fd.read(folder / "without_end.yaml").rules()
    return dict(fd.report(equilibrium, rules.quantities))


@pytest.mark.parametrize("convention", ["expected", "shock"])
@pytest.mark.parametrize("sides", [1, 2])
def test_derivatives_are_those_of_central_differences(
    tmp_path: Path, convention: str, sides: int
) -> None:
    text = SIDES if sides == 2 else random_signals(1, third=True)
    game = game_of(text, tmp_path)
    game, _, period = prepared(game, fd.Logit(precision=2, convention=convention).settled(game))
    period = period.at(0.7)
    rng = np.random.default_rng(3)
    live = game.structure.states.n_live
    following = np.array(game.tables.flow, float)
    following[:, :live] = rng.normal(size=(len(following), live))
    unknowns, guess = Unknowns(period), random_guess(period, following, rng)
    x = unknowns.read(guess)

    def image(z: np.ndarray) -> np.ndarray:
        ahead = following.copy()
        ahead[:, :live] = z[len(x) :].reshape(len(following), live)
        swept = period.sweep(unknowns.written(guess, z[: len(x)]), ahead)
        return np.concatenate([unknowns.read(swept.answer), swept.values[:, :live].ravel()])

    slopes = slopes_of(period, unknowns, guess, following)
    exact = np.concatenate([slopes.answer.toarray(), slopes.values.toarray()])
    at, step = np.concatenate([x, following[:, :live].ravel()]), 1e-6
    for column in rng.permutation(len(at))[:120]:
        unit = np.zeros(len(at))
        unit[column] = 1.0
        near = (image(at + step * unit) - image(at - step * unit)) / (2 * step)
        # Differences of doubles over 2e-6 are good to about 1e-9 of their size.
        np.testing.assert_allclose(exact[:, column], near, atol=1e-7)


@pytest.mark.parametrize("precision", [1.0, 3.0, 10.0, 30.0])
@pytest.mark.parametrize("seed", range(3))
def test_random_signalling_games_without_end_are_certified(
    tmp_path: Path, seed: int, precision: float
) -> None:
    game = game_of(random_signals(seed, third=seed % 2 == 1), tmp_path)
    equilibrium = fd.solve(game, fd.Logit(precision=precision))
    certificate = equilibrium.certificate
    assert certificate.passed
    assert certificate.residual is not None
    assert certificate.residual <= 1e-9
    assert certificate.belief_error is not None
    assert certificate.belief_error <= 1e-9
    assert quantities(equilibrium, tmp_path)["belief"] == pytest.approx(0.4, abs=1e-9)


@pytest.mark.parametrize("precision", [1.0, 10.0, 30.0])
def test_types_that_concern_nobody_solve_their_own_decision_problems(
    tmp_path: Path, precision: float
) -> None:
    """Each type is alone with the state: its logit dynamic programme, iterated here."""
    equilibrium = fd.solve(game_of(SEPARATE, tmp_path), fd.Logit(precision=precision))
    assert equilibrium.certificate.residual is not None
    assert equilibrium.certificate.residual <= 1e-9
    ours = quantities(equilibrium, tmp_path)
    for kind, view, toil in (("tough", 1.5, 0.7), ("weak", 1.0, 1.1)):
        values = np.zeros(2)  # of the places low and high
        for _ in range(400):
            action = np.array([0.8 * values[0], -toil + 0.8 * values[1]])
            play = softmax(precision * action)
            values = np.array([0.0, view]) + play @ action
        assert ours[kind] == pytest.approx(play[1], abs=1e-9)
    assert ours["left"] == pytest.approx(1 / (1 + np.exp(-0.2 * precision)), abs=1e-9)


def test_play_without_end_is_the_first_period_of_long_play(tmp_path: Path) -> None:
    """At a precision at which longer play settles, solved backwards by another method."""
    text = random_signals(2, third=False)
    endless = fd.solve(game_of(text, tmp_path), fd.Logit(precision=1.0))
    here = quantities(endless, tmp_path)["high"]
    long = text.replace("stationary: true", "solve: 60")
    finite = fd.solve(game_of(long, tmp_path), fd.Logit(precision=1.0))
    # What is 60 periods off has shrunk by 0.7^60 = 5e-10.
    assert quantities(finite, tmp_path)["high"] == pytest.approx(here, abs=1e-8)


def test_a_failure_says_up_to_which_precision_there_is_play(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transient, "STEPS", 3)
    monkeypatch.setattr(transient, "STARTS", 1)
    monkeypatch.setattr(transient, "SMALLEST_RISE", 1 / 32)
    with pytest.raises(SolveError, match="did not reach a fixed point") as caught:
        fd.solve(game_of(random_signals(0, third=False), tmp_path), fd.Logit(precision=30.0))
    assert any("play was found up to a precision of" in hint for hint in caught.value.hints)
    assert "of the precision" in " ".join(caught.value.certificate.tried)
