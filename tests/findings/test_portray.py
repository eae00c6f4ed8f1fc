"""Portraits of play against the outcomes of single games."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from rivalry import RIVALRY, endless, rivalry

import foedus as fd
from foedus.ensemble import RunInterrupted, Store
from foedus.errors import QueryError
from foedus.findings.assess import assess
from foedus.findings.portrait import Portrait
from foedus.findings.portray import portray, read_portrait
from foedus.findings.result import Findings
from foedus.scenario.scenario import Scenario

SINGLE = 1e-6  # levels over draws are kept in single precision


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("portraits") / "runs.sqlite"


@pytest.fixture(scope="module")
def findings(place: Path) -> Findings:
    return assess(rivalry(), draws=40, checks=0, quick=True, store=place)


@pytest.fixture(scope="module")
def made(place: Path, findings: Findings) -> Portrait:
    return portray(rivalry(), findings, draws=20, store=place)


def _solved(scenario: Scenario, regime: str, **values: float) -> fd.Equilibrium:
    return fd.solve(fd.compile_scenario(scenario, regime=regime).at(**values))


@pytest.mark.parametrize("regime", [0, 1])
@pytest.mark.parametrize("start", [0, 1])
def test_levels_and_flows_at_the_centre_are_the_game_s(
    made: Portrait, regime: int, start: int
) -> None:
    one = made.central[regime]
    equilibrium = _solved(rivalry(), made.regimes[regime].name)
    for factor in made.factors:
        name = made.starts[start].name
        expected = fd.distribution(equilibrium, factor.name, start=name).values
        assert np.allclose(one.levels[start][:, made.columns(factor)], expected, atol=1e-12)
        flows = one.flows[start][:, made.columns(factor), made.columns(factor)]
        assert np.allclose(flows.sum(axis=1), expected[1:], atol=1e-12)
        ended = one.levels[start][:, 2]  # play that ends has no strength any more
        lost = np.diff(ended) if factor.name == "strength" else np.zeros(4)
        assert np.allclose(flows.sum(axis=(1, 2)), expected[:-1].sum(axis=1) - lost, atol=1e-12)
    both = one.flows[start][:, made.columns(made.factors[0]), made.columns(made.factors[1])]
    assert not both.any()


def test_a_flow_is_the_expected_number_of_switches(made: Portrait) -> None:
    equilibrium = _solved(rivalry(), "none")
    flows = made.central[0].flows[0][:, :3, :3].sum(axis=0)
    there = fd.switches(equilibrium, "phase == peace", "phase == war", within=4, start="calm")
    back = fd.switches(equilibrium, "phase == war", "phase == peace", within=4, start="calm")
    assert flows[0, 1] == pytest.approx(there)
    assert flows[1, 0] == pytest.approx(back)


def test_payoffs_by_part_add_up_to_what_play_is_worth(made: Portrait) -> None:
    for one in made.central:
        assert one.residual < 1e-9
        for start, named in enumerate(made.starts):
            for player, who in enumerate(made.players):
                parts = [p for p in one.parts if (p.start, p.player) == (named.name, who.name)]
                total = sum(part.amount for part in parts)
                assert total == pytest.approx(one.values[start, player])


def test_what_is_played_where_is_the_rate_of_actions(made: Portrait) -> None:
    equilibrium = _solved(rivalry(), "guarded")
    move = next(one for one in made.moves if one.player == "A")
    assert {one.words for one in move.situations} >= {"Where things stand: there is war"} or any(
        "there is war" in one.levels for one in move.situations
    )
    for action in ("wait", "attack", "offer"):
        place = [a.name for a in move.actions].index(action)
        taken = np.nansum(move.weight[1, 0] * move.play[1, 0, :, place])
        rate = fd.action_rate(equilibrium, f"A == {action}", within=4, start="calm")
        assert taken / move.weight[1, 0].sum() == pytest.approx(rate)
    peace = [i for i, one in enumerate(move.situations) if "there is peace" in one.levels]
    offers = move.play[:, :, peace, [a.name for a in move.actions].index("offer")]
    assert np.isnan(offers).all()  # not to be had in peace
    possible = move.weight > 0
    assert np.allclose(np.nansum(move.play, axis=-1)[possible], 1.0)


@pytest.mark.parametrize("scenario", [rivalry, endless])
def test_draws_are_followed_as_single_games_are(scenario: object) -> None:
    assert callable(scenario)
    made_from = scenario()
    findings = assess(made_from, draws=20, checks=0, quick=True)
    portrait = portray(made_from, findings, draws=3)
    row = int(portrait.rows[2])
    values = dict(zip(findings.samples.names, findings.base.parameters[row].tolist(), strict=True))
    for regime, named in enumerate(portrait.regimes):
        equilibrium = _solved(made_from, named.name, **values)
        for start, begin in enumerate(portrait.starts):
            for factor in portrait.factors:
                found = portrait.levels[2, regime, start][:, portrait.columns(factor)]
                expected = fd.distribution(equilibrium, factor.name, start=begin.name).values
                assert np.allclose(found, expected, atol=SINGLE)
            worth = equilibrium.game.structure.starts[begin.name] @ equilibrium.values
            assert np.allclose(portrait.values[2, regime, start], worth, atol=SINGLE)
        for place, one in enumerate(portrait.reaches):
            of = {"war_4": "phase == war", "settled": "phase == settled"}[one.name]
            for date in range(5):
                expected = fd.reach(equilibrium, of, within=date, start=one.start)
                found = portrait.reached[2, regime, place, date]
                assert found == pytest.approx(expected, abs=SINGLE)


def test_means_are_of_play_that_goes_on(made: Portrait) -> None:
    equilibrium = _solved(rivalry(), "none")
    strength = made.factors[1]
    means = made.mean(strength, made.central[0].levels[0])
    assert means[3] == pytest.approx(fd.mean(equilibrium, "strength", at=3, start="calm"))


def test_quantities_that_differ_in_their_window_alone_are_one(made: Portrait) -> None:
    assert [(one.name, one.within) for one in made.reaches] == [("war_4", 4), ("settled", 4)]
    assert made.ladder is not None
    assert made.ladder.name == "phase"


def test_a_portrait_is_read_without_solving(
    place: Path, findings: Findings, made: Portrait, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("nothing is to be solved")

    monkeypatch.setattr("foedus.findings.courses.CourseWork.__init__", refuse)
    monkeypatch.setattr("foedus.findings.centre_play.central_play", refuse)
    again = portray(rivalry(), findings, draws=20, store=place)
    with Store(place, readonly=True) as store:
        read = read_portrait(store, rivalry(), findings)
        other = rivalry(RIVALRY.replace("prize*strength/2*(B", "prize*strength/3*(B"))
        assert read_portrait(store, other, findings) is None
    assert read is not None
    for one in (again, read):
        assert (one.run, one.reaches, one.factors) == (made.run, made.reaches, made.factors)
        for name in ("rows", "levels", "reached", "values"):
            assert np.array_equal(getattr(one, name), getattr(made, name), equal_nan=True)
        for ours, theirs in zip(one.moves, made.moves, strict=True):
            assert ours.situations == theirs.situations
            assert np.array_equal(ours.play, theirs.play, equal_nan=True)
        for mine, its in zip(one.central, made.central, strict=True):
            assert mine.parts == its.parts
            assert np.array_equal(mine.flows, its.flows)


def test_stopped_it_goes_on_where_it_was(tmp_path: Path, findings: Findings) -> None:
    def stop(doing: str, progress: object) -> None:
        raise KeyboardInterrupt

    with Store(tmp_path / "runs.sqlite") as store:
        with pytest.raises((KeyboardInterrupt, RunInterrupted)):
            portray(rivalry(), findings, draws=5, store=store, progress=stop)
        portrait = portray(rivalry(), findings, draws=5, store=store)
    assert len(portrait.rows) == 5


def test_without_a_plausible_draw_any_solved_one_serves(findings: Findings) -> None:
    from dataclasses import replace

    none = replace(findings, plausible_rows=np.array([], int))
    portrait = portray(rivalry(), none, draws=4)
    assert not portrait.plausible
    assert len(portrait.rows) == 4
    with pytest.raises(QueryError, match="at least one draw"):
        portray(rivalry(), none, draws=0)


def test_without_parameters_every_draw_is_the_same() -> None:
    head, rest = RIVALRY.split("parameters:\n")
    text = head + rest[rest.index("define:") :]
    for name, value in {"delta": "0.8", "cost": "0.5", "prize": "1", "luck": "0.3"}.items():
        text = re.sub(rf"\b{name}\b", value, text)
    scenario = rivalry(text)
    findings = assess(scenario, draws=3, checks=0, quick=True)
    assert findings.solved == 3
    portrait = portray(scenario, findings, draws=3)
    assert np.ptp(portrait.levels, axis=0).max() == 0
    for regime, one in enumerate(portrait.central):
        assert np.allclose(portrait.levels[0, regime], one.levels, atol=SINGLE)
