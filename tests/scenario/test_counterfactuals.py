"""Mechanisms off and counterfactual play: the same games as files that have them written out."""

from __future__ import annotations

from pathlib import Path

import pytest

import foedus as fd
from foedus.compiler.compile import compile_rules
from foedus.errors import QueryError, ScenarioError
from foedus.scenario import Scenario
from foedus.scenario.model import Block, ChanceMove, Rules
from foedus.scenario.reader import examine_text

TEXT = (Path(__file__).parent / "claims.yaml").read_text(encoding="utf-8")
RULES = TEXT[: TEXT.index("margin:")]  # everything but what is said


def scenario(text: str = TEXT) -> Scenario:
    found, diagnostics = examine_text(text)
    assert found is not None, diagnostics
    return found


def written(*changes: tuple[str, str], text: str = RULES) -> Rules:
    """The first regime of the file with some of its text replaced."""
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    return scenario(text).rules()


def answers(rules: Rules) -> dict[str, float]:
    """What happens under the rules, at several places of the parameter box."""
    kinds = ("reach", "value")
    asked = [q for q in rules.quantities if q.kind in kinds]
    found: dict[str, float] = {}
    for q in (0.1, 0.4):
        open_ = {p.name for p in rules.parameters if p.low < p.high}
        values = {"q": q, "cost": 3.0}
        game = compile_rules(rules).at(**{name: values[name] for name in open_})
        equilibrium = fd.solve(game)
        found |= {f"{name} {q}": x for name, x in fd.report(equilibrium, asked).items()}
    return found


def same(one: Rules, other: Rules) -> None:
    """The two come to the same play and values, which are no trivial ones."""
    first, second = answers(one), answers(other)
    assert first == pytest.approx(second, rel=1e-12, abs=1e-12)
    assert first["war 0.1"] != first["war 0.4"]
    assert first["value_B 0.1"] != first["value_B 0.4"]


def test_moves_chosen_for_another_are_the_moves_of_that_player() -> None:
    by_hand = written(("{player: B, when", "{player: A, name: B, when"))
    rules = scenario().rules(under="B_as_A")
    same(rules, by_hand)
    assert answers(rules) != pytest.approx(answers(scenario().rules()))
    assert {m.player for b in rules.sequence if isinstance(b, Block) for m in b.moves} == {"A"}


def test_a_players_precision_goes_with_its_moves() -> None:
    precise = ("A: {label: Attacker,", "A: {label: Attacker, precision: 20,")
    text = TEXT.replace(*precise)
    same(
        scenario(text).rules(under="B_as_A"),
        written(precise, ("{player: B, when", "{player: A, name: B, when")),
    )


def test_played_moves_are_draws_where_a_rule_holds() -> None:
    """`bold`, with the draws under names of their own and every condition asking for both."""
    by_hand = written(
        ("when: phase == peace, actions: [wait, attack]}", "when: phase == peace and control <= 1, "
         "actions: [wait, attack]}\n  - {chance: fate, when: phase == peace and control > 1, "
         "outcomes: {still: 1 - q, raid: q}}"),
        ("  - {player: A, when: phase == war, actions: [stop, press]}\n", ""),
        ("when: A == attack, actions", "when: A == attack or fate == raid, actions"),
        ("fight: A == attack and", "fight: (A == attack or fate == raid) and"),
        ("    - {when: A == stop, to: peace}\n", ""),
        ("-0.1*(A == attack)", "-0.1*(A == attack or fate == raid)"),
    )  # fmt: skip
    rules = scenario().rules(under="bold")
    same(rules, by_hand)
    assert answers(rules) != pytest.approx(answers(scenario().rules()))
    draws = [item for item in rules.sequence if isinstance(item, ChanceMove)]
    assert [draw.variable for draw in draws] == ["A", "A"]


def test_the_first_rule_that_holds_is_played() -> None:
    def under(plays: str) -> Rules:
        head, _, tail = TEXT.partition("    plays:\n")
        _, end, tail = tail.partition("plausible:\n")
        return scenario(head + "    plays:\n" + plays + end + tail).rules(under="bold")

    always, first, never = (
        "      - {actions: attack}\n",
        "      - {when: control > 2, actions: wait}\n",
        "      - {when: control > 2, actions: {wait: 0.5, attack: 0.5}}\n",
    )
    same(under(first + always), under(first + never + always))
    assert answers(under(first + always)) != pytest.approx(answers(under(never + always)))


def test_a_rule_holds_only_where_its_action_is_available() -> None:
    """B is said to resist always and can so only from the middle on; elsewhere it chooses."""
    narrow = ("resist: fights}", "resist: {label: fights, when: control >= 2}}")
    text = TEXT.replace(*narrow).replace(
        "  bold:\n", "  firm: {player: B, plays: [{actions: resist}]}\n  bold:\n"
    )
    by_hand = written(
        narrow,
        ("{player: B, when: A == attack,", "{player: B, when: A == attack and control < 2,"),
        ("next:\n", "  - {chance: stand, when: A == attack and control >= 2, outcomes: "
         "{stands: 1}}\nnext:\n"),
        ("fight: A == attack and B == resist", "fight: A == attack and "
         "(B == resist or stand == stands)"),
    )  # fmt: skip
    same(scenario(text).rules(under="firm"), by_hand)


SIMULTANEOUS = (
    "  - {player: A, when: phase == peace, actions: [wait, attack]}\n",
    "  - when: phase == peace\n    simultaneous:\n"
    "      - {player: A, actions: [wait, attack]}\n"
    "      - {player: B, name: guard, actions: [rest, watch]}\n",
)


def test_a_draw_in_place_of_a_simultaneous_move_is_seen_by_nobody_in_the_block() -> None:
    """The guard decides before the draw, knowing no more than before."""
    watched = ("-0.1*(phase == war)}", "-0.1*(phase == war), guard: -0.02*(guard == watch) "
               "- 0.3*(A == attack and guard == rest)}")  # fmt: skip
    text = TEXT[: TEXT.index("plausible:")].replace("  B_as_A: {player: B, as: A}\n", "")
    text = text.replace(*SIMULTANEOUS).replace(*watched)
    rules = scenario(text.replace("peace and control > 1", "peace")).rules(under="bold")
    by_hand = written(
        (SIMULTANEOUS[0], "  - {player: B, name: guard, when: phase == peace, actions: [rest, "
         "watch]}\n  - {chance: A, when: phase == peace, outcomes: {wait: 1 - q, attack: q}}\n"),
        ("  - {player: A, when: phase == war, actions: [stop, press]}\n", ""),
        ("    - {when: A == stop, to: peace}\n", ""),
        watched,
    )  # fmt: skip
    same(rules, by_hand)


def test_nobody_can_choose_for_a_player_it_decides_together_with() -> None:
    found, diagnostics = examine_text(TEXT.replace(*SIMULTANEOUS))
    assert found is None
    (error,) = [d for d in diagnostics if d.severity == "error"]
    assert error.code == "F618"
    assert "B and A decide together, in the moves `A` and `guard`" in error.message


def test_a_mechanism_off_fixes_parameters_and_replaces_definitions() -> None:
    rules = scenario().rules(without="war_risk")
    q = next(p for p in rules.parameters if p.name == "q")
    assert (q.low, q.value, q.high) == (0, 0, 0)
    assert answers(rules)["war 0.1"] == answers(rules)["war 0.4"] == 0
    land = scenario().rules("pact", without="land")
    same(land, scenario(RULES.replace("control / 8", "0.5")).rules("pact"))


def test_a_mechanism_may_be_set_outside_its_range() -> None:
    rules = scenario(TEXT.replace("off: {q: 0}", "off: {q: 0.6}")).rules(without="war_risk")
    assert next(p for p in rules.parameters if p.name == "q").high == 0.6


def test_a_logarithmic_parameter_may_be_set_to_zero() -> None:
    rules = scenario(TEXT.replace("off: {q: 0}", "off: {cost: 0}")).rules(without="war_risk")
    cost = rules.parameters[0]
    assert (cost.low, cost.high, cost.scale) == (0, 0, "linear")


def test_a_mechanism_off_and_counterfactual_play_together() -> None:
    rules = scenario().rules("pact", without="war_risk", under="bold")
    assert any(isinstance(item, ChanceMove) for item in rules.sequence)
    assert answers(rules)["war 0.4"] == 0
    assert rules is not scenario().rules("pact")


def test_rules_are_made_once() -> None:
    found = scenario()
    assert found.rules("pact", under="bold") is found.rules("pact", under="bold")


@pytest.mark.parametrize("word", ["without", "under"])
def test_unknown_names_are_refused_in_words(word: str) -> None:
    kind = {"without": "mechanism", "under": "counterfactual"}[word]
    with pytest.raises(QueryError, match=f"no {kind} `lnad`"):
        scenario().rules(**{word: "lnad"})


def test_changes_that_do_not_fit_together_say_which() -> None:
    """The variant has no `press` for `bold` to play."""
    variant = (
        "quantities:\n",
        "variants:\n  brief: {edit: {next: {phase: [{when: fight, to: {war: q}}]}, moves: {A: "
        "[{player: A, when: phase == peace, actions: [wait, attack]}]}}}\nquantities:\n",
    )
    found = scenario(TEXT.replace(*variant))
    for _ in range(2):
        with pytest.raises(ScenarioError, match="regime pact and variant brief and") as problem:
            found.rules("pact", "brief", under="bold")
        assert "there is no action `press`" in str(problem.value)
    assert found.rules("pact", "brief").variant == "brief"


def test_a_quantity_may_begin_at_other_levels() -> None:
    """`from` against a start with the levels written out, in a regime that edits the base."""
    text = RULES.replace("starts:\n", "starts:\n  high: {phase: war, control: 3}\n").replace(
        "start: later, from: {control: 3}", "start: high"
    )
    for regime in ("none", "pact"):
        other = "{high: {phase: peace}, later"
        mine = scenario(
            RULES.replace("{later: {phase: peace}}", "{later: {phase: peace, control: 1}}")
        )
        by_hand = scenario(text.replace("{later", other))
        assert answers(mine.rules(regime))["value_A 0.4"] == pytest.approx(
            answers(by_hand.rules(regime))["value_A 0.4"], rel=1e-12
        )


def test_made_starts_name_their_base() -> None:
    rules = scenario().rules()
    made = [start for start in rules.starts if start.base is not None]
    assert [start.name for start in made] == [
        "later, control 3",
        *(f"now, control {level}" for level in range(5)),
    ]
    assert made[0].label == "In the war, control 3"
    assert (made[0].base, made[0].factors) == ("later", {"phase": {1: 1.0}, "control": {3: 1.0}})
    reach = next(q for q in rules.quantities if q.kind == "width")
    assert (reach.start, reach.starts) == ("now", tuple(start.name for start in made[1:]))


def test_the_same_start_is_made_once() -> None:
    twice = RULES.replace("  gap:", "  also: {value: B, start: later, from: {control: 3}}\n  gap:")
    assert scenario(twice).rules().starts == scenario(RULES).rules().starts


def test_a_width_begins_where_from_says() -> None:
    rules = scenario(RULES.replace("start: now}", "from: {phase: war}}")).rules()
    reach = next(q for q in rules.quantities if q.kind == "width")
    assert reach.start == "now, phase war"
    assert reach.starts[0] == "now, phase war, control 0"
    assert rules.starts[-1].factors["phase"] == {1: 1.0}


def test_windows_may_leave_out_the_beginning() -> None:
    found = {q.name: q for q in scenario().rules().quantities}
    assert (found["attack"].after, found["attack"].within) == (1, 4)
    assert (found["war_years"].after, found["war_years"].within) == (2, 5)
    assert (found["gap"].against, found["shift"].against) == ("equilibrium", "none")
