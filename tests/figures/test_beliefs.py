"""What a move tells about the mover's type, as numbers and as a picture."""

import numpy as np
import pytest

import foedus as fd
from foedus.figures.beliefs import beliefs, posterior, prior
from foedus.figures.figure import Figure, NoFigure
from foedus.figures.render import to_svg
from foedus.findings.centre_play import central_play
from foedus.findings.courses import horizon, named_players
from foedus.findings.portrait import Named, Portrait, factors_of, starts_of


@pytest.fixture(scope="module")
def scenario():
    return fd.read("us-ukraine-signal")


@pytest.fixture(scope="module")
def portrait(scenario):
    """The central draw of every regime; no draw is followed."""
    rules = {regime.name: scenario.rules(regime.name) for regime in scenario.regimes}
    factors, starts, players = factors_of(scenario), starts_of(scenario), named_players(rules)
    periods = horizon(next(iter(rules.values())))
    central, moves, revealed = central_play(rules, factors, starts, players, periods=periods)
    levels = sum(len(factor.levels) for factor in factors)
    return Portrait(
        run="none",
        scenario=scenario.name,
        period=scenario.period,
        regimes=tuple(Named(name=r.name, label=r.label or r.name) for r in scenario.regimes),
        starts=starts,
        players=players,
        factors=factors,
        reaches=(),
        central=central,
        moves=moves,
        revealed=revealed,
        plausible=True,
        rows=np.zeros(0, int),
        levels=np.zeros((0, len(rules), len(starts), 1 + periods, levels)),
        reached=np.zeros((0, len(rules), 0, 1 + periods)),
        values=np.zeros((0, len(rules), len(starts), len(players))),
    )


@pytest.fixture(scope="module")
def first(portrait):
    """The message."""
    return next(one for one in portrait.revealed if one.move == "US")


def test_beliefs_are_those_that_outcomes_report(scenario, portrait, first):
    """The share of a type given an action, by the code of conditional rates."""
    for place, regime in enumerate(portrait.regimes):
        equilibrium = fd.solve(fd.compile_scenario(scenario, regime=regime.name))
        joint = first.joint[place, 0]
        for action, after in zip(first.actions, posterior(joint), strict=True):
            if np.isfinite(after).all():
                rate = fd.action_rate(
                    equilibrium, "type(US) == resolved", given=f"US == {action.name}"
                )
                assert after[0] == pytest.approx(float(rate), abs=1e-12)
        assert prior(joint) == pytest.approx([0.4, 0.6], abs=1e-12)


def test_an_action_that_a_regime_does_not_offer_is_unknown_there(portrait, first):
    without = [regime.name for regime in portrait.regimes].index("no_troops")
    troops = [action.name for action in first.actions].index("troops")
    assert np.isnan(first.joint[without, 0, troops]).all()
    assert np.nansum(first.joint[without]) == pytest.approx(1.0)


def test_cheap_talk_tells_nothing(portrait, first):
    cheap = [regime.name for regime in portrait.regimes].index("cheap_talk")
    for after in posterior(first.joint[cheap, 0]):
        assert after == pytest.approx([0.4, 0.6], abs=1e-9)


@pytest.mark.parametrize("width", [340, 680])
def test_the_picture_says_what_the_numbers_say(portrait, first, width):
    drawn = beliefs(portrait, first, portrait.starts[0], width=width)
    assert isinstance(drawn, Figure)
    # As telling on average is signing, which happens more often and moves the belief less.
    assert drawn.title.startswith("United States: “signs nothing” raises the belief in “hesitant")
    assert [row[1] for row in drawn.table.rows[:2]] == ["before the move", "signs nothing"]
    assert drawn.table.rows[0][3:] == pytest.approx((0.4, 0.6))
    assert "<svg" in to_svg(drawn)


def test_a_player_that_never_chooses_has_no_picture(portrait, first):
    from dataclasses import replace

    idle = replace(first, joint=np.full_like(first.joint, np.nan))
    assert isinstance(beliefs(portrait, idle, portrait.starts[0]), NoFigure)
