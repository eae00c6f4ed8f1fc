"""Each check: rules that break it and rules, as close as possible, that do not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from foedus.scenario.model import Rules
from foedus.scenario.rules import CODES, Finding, check_alternatives, check_rules

from .build import F, chance, codes, is_, move, op, par, reading, rule, rules, variable

PHASE = variable("phase", "peace war")
PEACE, WAR = is_("phase", 0), is_("phase", 1)
RU = variable("RU", "hold push")


def world(**changes: Any) -> Rules:
    """Sound rules: peace and war, one player who may push, and somebody who cares."""
    given: dict[str, Any] = {
        "factors": [PHASE],
        "moves": [RU],
        "sequence": [move("RU", 2, when=PEACE)],
        "transitions": {"phase": [rule(when=is_("RU", 1), to=1), rule(when=WAR, to={0: par("p")})]},
        "parts": {("A", "war"): -1 * WAR},
        "parameters": {"p": (0.0, 1.0)},
    }
    return rules(**(given | changes))


def only(found: list[Finding]) -> Finding:
    """The one finding."""
    (finding,) = found
    return finding


def test_sound_rules_give_no_finding() -> None:
    assert check_alternatives([world()]) == []


def test_a_probability_outside_its_bounds_comes_with_a_witness() -> None:
    found = only(check_rules(world(parameters={"p": (-0.25, 0.5)})))
    assert found.code == "F901"
    assert found.severity == "error"
    assert found.subject == ("next", "phase", 1, "to", "peace")
    assert found.message == (
        "the probability of peace in rule 2 for the next phase is negative "
        "where phase == war, with p = -0.25: it is -0.25"
    )


def test_earlier_rules_take_their_situations_away() -> None:
    """-p is never used: whenever the second rule's `when` holds, the first one does."""
    first, second = rule(when=PEACE, to={1: par("p")}), rule(when=~WAR, to={1: -par("p")})
    assert "F901" not in codes(check_rules(world(transitions={"phase": [first, second]})))
    assert "F901" in codes(check_rules(world(transitions={"phase": [second, first]})))


def test_a_probability_is_checked_where_moves_make_it_possible() -> None:
    """In war nobody can push, so `RU == push` and war do not meet."""
    fine = rule(when=WAR, to={0: 0.5 + is_("RU", 1)})
    broken = rule(when=PEACE, to={1: 0.5 + is_("RU", 1)})
    assert check_rules(world(transitions={"phase": [fine]})) == []
    found = only(check_rules(world(transitions={"phase": [broken]})))
    assert "where phase == peace and RU == push: it is 1.5" in found.message


def test_up_and_down_may_not_add_up_to_more_than_one() -> None:
    control = variable("control", "0 1 2 3 4", numeric=True)
    shift = rule(up=par("mu") * (1 + par("d")), down=par("mu") * (1 - par("d")))

    def check(high: float) -> list[Finding]:
        return check_rules(
            rules(
                factors=[control],
                parameters={"mu": (0, high), "d": (-1, 1)},
                transitions={"control": [shift]},
            )
        )

    assert check(0.5) == []
    assert codes(check(0.6)) == ["F901", "F901"]
    shift = rule(up=par("mu"), down=par("mu"))
    found = only(check(0.6))
    assert found.code == "F902"
    assert found.message.endswith("add up to 1.2 with mu = 0.6")


@pytest.mark.parametrize(
    ("last", "expected"), [(1 - par("p"), []), (0.5, ["F903"]), (0.9 - par("p"), ["F901"])]
)
def test_outcomes_of_chance_add_up_to_one(last: Any, expected: list[str]) -> None:
    weather = variable("weather", "good bad")
    given = world(
        moves=[RU, weather],
        sequence=[move("RU", 2, when=PEACE), chance("weather", [par("p"), last])],
    )
    assert codes(check_rules(given)) == expected


def test_a_rule_that_names_every_level_adds_up_to_one() -> None:
    complete = rule(to={0: par("p"), 1: 0.9 - 0.9 * par("p")})
    found = only(check_rules(world(transitions={"phase": [complete]})))
    assert found.code == "F903"
    assert found.subject == ("next", "phase", 0)


@pytest.mark.parametrize(
    "part",
    [1 / par("p"), op("log", par("p")), op("exp", 1e4 * par("p")), op("sqrt", par("p") - 1)],
)
def test_payoffs_have_a_value_everywhere(part: F) -> None:
    found = only(check_rules(world(parts={("A", "war"): part * WAR})))
    assert found.code == "F905"
    assert found.subject == ("payoffs", "A", "war")


def test_a_guard_makes_a_payoff_safe() -> None:
    control = variable("control", "0 1 2", numeric=True)
    guarded = op("if", reading("control") > 0, 1 / reading("control"), 0)
    given = world(factors=[PHASE, control], parts={("A", "share"): guarded})
    assert check_rules(given) == []


@pytest.mark.parametrize(
    ("discount", "solve", "expected"),
    [
        (1.0, 10, []),
        (1.0, None, ["F906"]),
        (0.999, None, []),
        (par("p"), None, ["F906"]),
        (par("p") - 0.5, 10, ["F906"]),
    ],
)
def test_discounts_fit_the_horizon(discount: Any, solve: int | None, expected: list[str]) -> None:
    assert codes(check_rules(world(players={"A": discount}, solve=solve))) == expected


def test_precisions_are_not_negative() -> None:
    found = check_rules(world(precision=(-1.0, 5.0), own_precision=par("p") - 0.5))
    assert [f.subject for f in found] == [("precision",), ("players", "A", "precision")]
    assert codes(check_rules(world(own_precision=par("p")))) == []


def test_conditions_read_no_parameters() -> None:
    given = world(sequence=[move("RU", {0: True, 1: par("p") > 0.5}, when=PEACE)])
    found = only(check_rules(given))
    assert found.code == "F908"
    assert found.subject == ("moves", 0, "actions", "push", "when")


def test_a_mover_has_something_to_choose() -> None:
    armed = variable("armed", "no yes")
    sequence = [move("RU", {0: is_("armed", 1), 1: is_("armed", 1) & PEACE}, when=PEACE)]
    found = only(check_rules(world(factors=[PHASE, armed], sequence=sequence)))
    assert found.code == "F911"
    assert "where phase == peace and armed == no" in found.message


def test_entries_of_a_move_exclude_each_other() -> None:
    overlap = [move("RU", {0: True}, when=PEACE), move("RU", {1: True})]
    found = only(check_rules(world(sequence=overlap)))
    assert found.code == "F912"
    assert found.subject == ("moves", 1)
    assert found.message.endswith("apply where phase == peace")
    apart = [move("RU", {0: True}, when=PEACE), move("RU", {1: True}, when=WAR)]
    assert check_rules(world(sequence=apart)) == []


def test_a_level_that_some_regime_reaches_is_fine() -> None:
    """War is out of reach where pushing changes nothing, unless another regime allows it."""
    harmless = world(
        transitions={"phase": [rule(when=is_("RU", 1), to={1: 0}), rule(when=WAR, to=0)]},
        parts={("A", "push"): is_("RU", 1) + WAR},
    )
    found = check_alternatives([replace(harmless, regime="none")])
    assert codes(found) == ["F921", "F925"]
    assert found[0].subject == ("state", "phase", "levels", "war")
    assert found[0].regime == "none"
    assert check_alternatives([replace(harmless, regime="none"), world(regime="pact")]) == []


def test_reaching_goes_through_levels_that_are_reached_themselves() -> None:
    ladder = variable("ladder", "0 1 2 3", numeric=True)
    given = rules(
        factors=[ladder],
        transitions={"ladder": [rule(when=is_("ladder", 1), up=1.0), rule(up=0.0)]},
        parts={("A", "height"): reading("ladder")},
        sequence=[move("RU", 2)],
        moves=[RU],
        starts={"ladder": 1},
    )
    found = [f for f in check_alternatives([given]) if f.code == "F921"]
    assert [f.subject[-1] for f in found] == ["0", "3"]


def test_an_ending_that_nothing_leads_to() -> None:
    phase = variable("phase", "peace war ruin")
    found = check_alternatives([world(factors=[phase], endings=[("phase", "ruin", {"A": -5})])])
    assert codes(found) == ["F922"]
    assert found[0].subject == ("state", "phase", "endings", "ruin")


def test_moves_and_actions_that_are_never_possible() -> None:
    ru = variable("RU", "hold push wait")
    sequence = [
        move("RU", {0: True, 1: True, 2: WAR}, when=PEACE),
        move("UA", 2, when=PEACE & WAR),
    ]
    given = world(
        moves=[ru, variable("UA", "left right")],
        sequence=sequence,
        parts={("A", "war"): WAR + is_("UA", 0)},
    )
    found = check_alternatives([given])
    assert codes(found) == ["F923", "F924"]
    assert found[0].subject == ("moves", 1)
    assert found[1].subject == ("moves", 0, "actions", "wait")


def test_a_rule_in_the_shadow_of_another() -> None:
    given = world(
        transitions={"phase": [rule(when=PEACE, to={1: 0.5}), rule(when=~WAR, to=1), rule(to=0)]},
        parts={("A", "war"): WAR - is_("RU", 1)},
    )
    found = only(check_alternatives([given]))
    assert found.code == "F925"
    assert found.subject == ("next", "phase", 1)


def test_a_payoff_part_that_never_varies() -> None:
    idle = par("p") * (is_("RU", 1) & WAR)  # nobody can push in war
    found = only(check_alternatives([world(parts={("A", "war"): WAR, ("A", "idle"): idle})]))
    assert found.code == "F926"
    assert found.subject == ("payoffs", "A", "idle")


def test_a_player_whom_nothing_concerns_and_who_never_moves() -> None:
    found = check_alternatives([world(players={"A": 0.9, "B": 0.9})])
    assert codes(found) == ["F927", "F928"]
    assert found[0].subject == ("payoffs", "B")


def test_what_an_ending_pays_concerns_a_player() -> None:
    phase = variable("phase", "peace war ruin")
    given = world(
        factors=[phase],
        endings=[("phase", "ruin", {"A": -5})],
        parts={},
        transitions={"phase": [rule(when=is_("RU", 1), to=1), rule(when=WAR, to={2: 0.1})]},
    )
    assert check_alternatives([given]) == []


def test_a_factor_and_a_move_that_nothing_reads() -> None:
    mood = variable("mood", "low high")
    given = world(
        factors=[PHASE, mood],
        starts={"mood": {0: 0.5, 1: 0.5}},
        moves=[RU, variable("UA", "left right")],
        sequence=[move("RU", 2, when=PEACE), move("UA", 2)],
    )
    found = check_alternatives([given])
    assert codes(found) == ["F929", "F930"]
    assert [f.subject for f in found] == [("state", "mood"), ("moves", 1)]


def test_what_alternatives_share_is_said_once() -> None:
    broken = world(parameters={"p": (0.0, 2.0)})
    found = check_alternatives([replace(broken, regime="a"), replace(broken, regime="b")])
    assert [(f.code, f.regime) for f in found] == [("F901", "a")]


def test_something_of_a_variant_without_effect_under_the_first_regime_is_no_finding() -> None:
    parts = {("A", "war"): WAR, ("A", "idle"): 0.0}
    variant = replace(world(parts=parts), variant="other")
    assert check_alternatives([world(), variant]) == []


def test_every_code_has_a_meaning_and_every_finding_a_reason() -> None:
    broken = world(parameters={"p": (0.0, 2.0)}, players={"A": 1.5, "B": 0.9})
    for found in check_alternatives([broken]):
        assert found.code in CODES
        assert found.why
        assert found.hint
