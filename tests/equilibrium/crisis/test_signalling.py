"""Crisis signalling: every equilibrium, its stability, and what happens where two of them meet."""

from __future__ import annotations

import numpy as np
import pytest

from foedus.equilibrium.crisis.signalling import CrisisSignalling, best_reply, crisis_equilibria
from foedus.errors import GameError


def game(war_target: float = -2.9, **other: float) -> CrisisSignalling:
    payoffs = {
        "status_quo": 0.0,
        "prize": 1.0,
        "concession": 0.0,
        "war_challenger": -1.9,
        "retreat": -1.2,
        "stand": 1.0,
    }
    return CrisisSignalling(war_target=war_target, **{**payoffs, **other})


def test_every_equilibrium_is_a_best_reply_by_other_code() -> None:
    for one in crisis_equilibria(game()).items:
        assert one.residual <= 1e-9
        assert one.low <= one.resists <= one.high
        assert one.high - one.low <= 1e-12


def test_best_replies_lead_away_from_the_one_between() -> None:
    first, second, third = crisis_equilibria(game()).items
    assert (first.stable, second.stable, third.stable) == (True, False, True)
    p = second.resists + 1e-3
    for _ in range(400):
        p = best_reply(game(), p)
    assert p == pytest.approx(third.resists, abs=1e-6)


def test_a_pair_about_to_vanish_is_still_found() -> None:
    """Along the payoff of war two equilibria meet; close before, both lie within one cell."""
    low, high = -2.9, -1.0
    for _ in range(45):
        middle = 0.5 * (low + high)
        several = len(crisis_equilibria(game(middle), cells=400)) > 1
        low, high = (middle, high) if several else (low, middle)
    found = crisis_equilibria(game(low), cells=400).items
    assert len(found) == 3
    gaps = np.diff([one.resists for one in found])
    assert gaps.min() < 1e-4


def test_without_a_prize_there_is_no_game() -> None:
    with pytest.raises(GameError, match="prize"):
        game(prize=0.0)
