"""What a sound file is read as: names resolved, defaults filled in, edits applied."""

from __future__ import annotations

from pathlib import Path

import pytest

from foedus.errors import QueryError, ScenarioError
from foedus.scenario import Scenario, examine, formulas, read
from foedus.scenario.expressions import Scope, read_formula
from foedus.scenario.model import Block, ChanceMove
from foedus.scenario.reader import examine_text

SOUND = Path(__file__).parent / "sound.yaml"
TEXT = SOUND.read_text(encoding="utf-8")


def scenario(text: str = TEXT) -> Scenario:
    found, diagnostics = examine_text(text)
    assert found is not None, diagnostics
    return found


def changed(*changes: tuple[str, str]) -> Scenario:
    """The sound file with some of its text replaced."""
    text = TEXT
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return scenario(text)


def test_a_sound_file_has_no_diagnostics() -> None:
    found, diagnostics = examine(SOUND)
    assert not diagnostics
    assert found is not None
    assert (found.name, found.title) == ("sound", "A crisis")
    assert repr(found) == "<Scenario sound: 'A crisis', regimes none, pact>"


def test_levels_endings_and_labels() -> None:
    phase, control = scenario().rules().factors
    assert phase.levels == ("peace", "war", "ruin")
    assert phase.values == (0, 1, 2)
    assert not phase.numeric
    assert control.levels == ("0", "1", "2", "3", "4")
    assert control.values == (0, 1, 2, 3, 4)
    assert control.numeric
    (ending,) = scenario().rules().endings
    assert (ending.factor, ending.name, set(ending.payoffs)) == ("phase", "ruin", {"A", "B"})
    assert formulas.parameters(ending.payoffs["A"]) == {"cost"}


def test_a_numeric_factor_may_begin_below_zero() -> None:
    control = changed(("0..4", "-2..2"), ("control: 2", "control: -1")).rules().factors[1]
    assert control.values == (-2, -1, 0, 1, 2)


def test_the_middle_of_a_range_lies_on_its_scale() -> None:
    delta, cost = scenario().parameters
    assert (delta.low, delta.value, delta.high) == (0.9, 0.9, 0.9)
    assert (cost.low, cost.value, cost.high, cost.scale) == (1, pytest.approx(3), 9, "log")
    linear = changed(("scale: log, ", "")).parameters[1]
    assert linear.value == 5


def test_precision_is_five_unless_the_file_says_otherwise() -> None:
    assert scenario().precision.value == 5
    assert changed(("title:", "precision: 3\ntitle:")).precision.value == 3
    ranged = changed(("title:", "precision: {range: [4, 9], scale: log, why: x}\ntitle:")).precision
    assert (ranged.name, ranged.low, ranged.value, ranged.high) == (
        "precision",
        4,
        pytest.approx(6),
        9,
    )


def test_moves_in_turn_are_blocks_of_one() -> None:
    first, second = scenario().rules().sequence
    assert isinstance(first, Block)
    assert isinstance(second, Block)
    (attack,), (reply,) = first.moves, second.moves
    assert (attack.player, attack.variable, [a.code for a in attack.actions]) == ("A", "A", [0, 1])
    assert isinstance(reply.when, formulas.Test)
    assert (reply.when.variable, reply.when.codes) == ("A", {1})
    assert [a.label for a in reply.actions] == ["gives way", "fights"]
    assert second.sees == ((False,),)


def test_a_rule_keeps_what_its_outcomes_leave() -> None:
    phase, control = scenario().rules().transitions
    (rule,) = phase.rules
    assert [(o.level, o.shift) for o in rule.outcomes] == [(1, 0), (2, 0)]
    (rule,) = control.rules
    assert formulas.variables(rule.when) == {"next(phase)"}
    assert [(o.level, o.shift) for o in rule.outcomes] == [(None, 1), (None, -1)]


def test_a_quantity_has_the_windows_it_needs() -> None:
    (war,) = scenario().rules().quantities
    assert (war.kind, war.within, war.after, war.at, war.start) == ("reach", 3, 0, None, None)
    mean = changed(("{reach: phase == war, within: 3}", "{mean: control}")).rules().quantities[0]
    assert (mean.within, mean.at) == (None, 5)


def test_a_rate_may_be_among_all_periods() -> None:
    (rate,) = changed(("reach: phase == war", "rate: A == attack")).rules().quantities
    assert (rate.kind, rate.given, rate.within) == ("rate", None, 3)


def test_a_distance_counts_all_factors_unless_some_are_named() -> None:
    every, one = (
        changed(("{reach: phase == war, within: 3}", f"{{distance: pact{factors}}}")).rules()
        for factors in ("", ", factors: [control]")
    )
    assert (every.quantities[0].factors, one.quantities[0].factors) == ((), ("control",))


def test_the_convention_is_expected_unless_the_file_or_an_edit_says_otherwise() -> None:
    assert (scenario().convention, scenario().rules().convention) == ("expected", "expected")
    found = changed(
        ("title:", "convention: shock\ntitle:"),
        ("reversed: {", "plain: {edit: {convention: expected}}\n  reversed: {"),
    )
    assert (found.convention, found.rules("pact").convention) == ("shock", "shock")
    assert found.rules(variant="plain").convention == "expected"


def test_a_move_changed_by_name_reads_as_the_whole_list_does() -> None:
    entry = "player: B, when: A == attack, actions: [yield, resist]"
    by_name, whole = (
        changed(("{held: control / 8}}", f"{{held: control / 8}}, moves: {moves}}}")).rules("pact")
        for moves in (
            f"{{B: [{{{entry}}}]}}",
            f"[{{player: A, when: phase == peace, actions: [wait, attack]}}, {{{entry}}}]",
        )
    )
    assert by_name.moves == whole.moves
    assert by_name.moves[1].level_labels == ("yield", "resist")
    assert [m.player for block in by_name.sequence for m in getattr(block, "moves", ())] == [
        "A",
        "B",
    ]


@pytest.mark.parametrize(
    ("written", "solve", "evaluate"),
    [
        ("{evaluate: 5, solve: 10}", 10, 5),
        ("{solve: 4}", 4, 4),
        ("{solve: 40}", 40, 10),
        ("{evaluate: 7}", 7, 7),
        ("{evaluate: 7, stationary: true}", None, 7),
        ("stationary", None, 10),
    ],
)
def test_horizons(written: str, solve: int | None, evaluate: int) -> None:
    found = changed(
        ("{evaluate: 5, solve: 10}", written), ("{label: Defender}", "{discount: delta}")
    )
    assert (found.horizon.solve, found.horizon.evaluate) == (solve, evaluate)


def test_a_game_with_one_state_needs_no_starts() -> None:
    found = scenario(
        "foedus: 1\ntitle: t\nhorizon: {solve: 1}\nplayers: {A: {}, B: {}}\n"
        "moves: [{player: A, actions: [l, r]}, {player: B, actions: [l, r]}]\n"
        "payoffs: {A: {x: A == l}, B: {x: A == B_l}}\ndefine: {B_l: B == l}\n".replace(
            "A == B_l", "(A == l) * B_l"
        )
    )
    (start,) = found.rules().starts
    assert (found.rules().factors, start.factors) == ((), {})


def test_regimes_and_variants_are_edits_of_the_file() -> None:
    found = scenario()
    assert [r.name for r in found.regimes] == ["none", "pact"]
    none, pact = found.rules(), found.rules("pact")
    assert found.rules("none") is none
    held = none.defines["held"], pact.defines["held"]
    divisors = [f.operands[1] for f in held if isinstance(f, formulas.Operation)]
    assert [d.value for d in divisors if isinstance(d, formulas.Number)] == [4, 8]
    swapped = found.rules(variant="reversed")
    assert [m.name for m in swapped.moves] == ["B", "A"]
    both = found.rules("pact", "reversed")
    assert (both.regime, both.variant) == ("pact", "reversed")
    assert both.defines["held"] is pact.defines["held"]


def test_a_file_without_regimes_has_one_named_base() -> None:
    text = TEXT[: TEXT.index("regimes:")] + TEXT[TEXT.index("quantities:") :]
    found = scenario(text)
    assert [r.name for r in found.regimes] == ["base"]
    assert found.rules().regime == "base"


def test_unknown_regimes_and_variants_are_query_errors() -> None:
    with pytest.raises(QueryError, match="did you mean `pact`"):
        scenario().rules("pct")
    with pytest.raises(QueryError, match="did you mean `reversed`"):
        scenario().rules(variant="revrsed")


def test_edits_that_only_clash_together_are_found_when_asked_for() -> None:
    found = changed(
        ("{held: control / 8}}", "{held: control / 8}, state: {control: {levels: 0..2}}}"),
        ("reversed: {", "full: {edit: {starts: {now: {control: 4}}}}\n  reversed: {"),
    )
    assert found.rules(variant="full").starts[0].factors["control"] == {4: 1.0}
    for _ in range(2):
        with pytest.raises(ScenarioError, match="no level `4`"):
            found.rules("pact", "full")


def test_a_shape_that_only_two_edits_together_break_is_refused_every_time() -> None:
    found = changed(
        ("{held: control / 8}}", "{held: control / 8}, parameters: {delta: {value: null}}}"),
        ("{value: 0.9, why: a year}", "{value: 0.9, range: [0.8, 0.95], why: a year}"),
        ("reversed: {", "known: {edit: {parameters: {delta: {range: null}}}}\n  reversed: {"),
    )
    assert found.rules(variant="known").parameters[0].low == 0.9
    assert found.rules("pact").parameters[0].value == 0.875
    for _ in range(2):
        with pytest.raises(ScenarioError, match="needs a `range` or a `value`"):
            found.rules("pact", "known")


def test_equal_texts_give_the_very_same_formula() -> None:
    rules = scenario().rules()
    land = [part.formula for part in rules.parts if part.name == "land"]
    assert land[0] is rules.defines["held"]
    assert scenario().rules("pact").starts == rules.starts


def test_read_raises_with_every_diagnostic(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(TEXT.replace("fight,", "figt,").replace("[1, 9]", "[9, 1]"), encoding="utf-8")
    with pytest.raises(ScenarioError, match="2 errors") as caught:
        read(file)
    assert [d.code for d in caught.value.diagnostics] == ["F305", "F404"]
    assert "did you mean `fight`?" in str(caught.value)


def test_the_meaning_of_the_rules_is_checked_too() -> None:
    found, diagnostics = examine_text(TEXT.replace("up: 0.3", "up: 0.3*cost"))
    assert found is None
    (finding,) = (d for d in diagnostics if d.severity == "error")
    assert finding.code.startswith("F9")
    assert "up: 0.3*cost" in TEXT.replace("up: 0.3", "up: 0.3*cost").splitlines()[finding.line - 1]


def test_finished_rules_are_a_scope_for_further_conditions() -> None:
    scope = Scope.of(scenario().rules())
    assert formulas.variables(read_formula("phase == war and B == resist", scope)) == {"phase", "B"}
    assert isinstance(read_formula("next(control)", scope), formulas.Reading)
    assert isinstance(read_formula("fight", scope), formulas.Operation)
    with pytest.raises(QueryError, match="wra"):
        read_formula("phase == wra", scope)


def test_places_follow_the_edited_tree() -> None:
    found = scenario()
    line = TEXT.splitlines().index("  held: control / 4") + 1
    assert found.place(("define", "held")).line == line
    assert "control / 8" in TEXT.splitlines()[found.place(("define", "held"), "pact").line - 1]
    assert found.place(("define", "held", "deeper")).line == line
    assert found.place(("moves", 1, "when")).line == found.place(("moves", 1)).line


def test_the_digest_ignores_comments_layout_and_most_key_orders() -> None:
    digest = scenario().digest
    assert len(digest) == 64
    same = [
        ("title:", "# a remark\ntitle:"),
        ("{label: Attacker, discount: delta}", "{discount: delta, label: Attacker}"),
        ("value: 0.9", "value: 90%"),
        ("control / 4", "control  /  4"),
        ("now: {phase: peace, control: 2}", "now:\n    control: 2\n    phase: peace"),
    ]
    for change in same:
        assert changed(change).digest == digest
    different = [
        ("value: 0.9", "value: 0.8"),
        ("[peace, war]", "[war, peace]"),
        ("{yield: gives way, resist: fights}", "{resist: fights, yield: gives way}"),
        ("none: {label: Nothing agreed}", "no: {label: Nothing agreed}"),
    ]
    digests = {changed(change).digest for change in different}
    assert len(digests | {digest}) == 1 + len(different)


def test_the_digest_keeps_the_order_of_actions_inside_an_edit() -> None:
    one, other = (
        changed(("actions: [yield, resist]}, {player: A", f"actions: {actions}}}, {{player: A"))
        for actions in ("{yield: gives way, resist: fights}", "{resist: fights, yield: gives way}")
    )
    assert one.rules(variant="reversed").moves != other.rules(variant="reversed").moves
    assert one.digest != other.digest


MOVES = TEXT[TEXT.index("moves:") : TEXT.index("next:")]


def sequence(moves: str) -> list[tuple[list[str], tuple[tuple[bool, ...], ...]] | str]:
    """Blocks as (names, sees) and chance moves as their names, for a list of moves."""
    found = scenario(
        "foedus: 1\ntitle: t\nhorizon: {solve: 1}\nplayers: {A: {}, B: {}, C: {}}\n"
        "payoffs: {A: {x: A == l}, B: {x: B == l}, C: {x: C == l}}\n"
        f"moves:\n{moves}"
    )
    return [
        ([m.variable for m in s.moves], s.sees) if isinstance(s, Block) else s.variable
        for s in found.rules().sequence
        if isinstance(s, Block | ChanceMove)
    ]


A, B, C = (f"  - {{player: {name}, actions: [l, r]}}\n" for name in "ABC")
HIDDEN_A = A.replace("actions", "hidden: true, actions")


def test_a_hidden_move_is_decided_together_with_all_who_do_not_see_it() -> None:
    assert sequence(A + B + C) == [
        (["A"], ((False,),)),
        (["B"], ((False,),)),
        (["C"], ((False,),)),
    ]
    block = sequence(HIDDEN_A + B + C)
    assert block == [
        (["A", "B", "C"], ((False, False, False), (False, False, False), (False, True, False)))
    ]
    to_b = sequence(A.replace("actions", "hidden: [B], actions") + B + C)
    assert to_b == [(["A", "B"], ((False, False), (False, False))), (["C"], ((False,),))]
    to_c = sequence(A.replace("actions", "hidden: [C], actions") + B + C)
    assert to_c == [
        (["A", "B", "C"], ((False, False, False), (True, False, False), (False, True, False)))
    ]


def test_nobody_sees_the_others_in_a_simultaneous_block() -> None:
    inner = "".join(line.replace("  - ", "      - ") for line in (A, B))
    assert sequence(f"  - simultaneous:\n{inner}{C}") == [
        (["A", "B"], ((False, False), (False, False))),
        (["C"], ((False,),)),
    ]


def test_a_player_knows_its_own_earlier_moves() -> None:
    again = "  - {player: A, name: again, actions: [l, r]}\n"
    ((names, sees),) = [b for b in sequence(HIDDEN_A + again + B + C) if not isinstance(b, str)]
    assert names == ["A", "again", "B", "C"]
    assert sees[1] == (True, False, False, False)
    assert sees[2] == (False, True, False, False)


def test_chance_is_seen_by_everybody() -> None:
    chance = "  - {chance: luck, outcomes: {good: 0.3, bad: 70%}}\n"
    seeing = A.replace("actions", "when: luck == good, actions")
    assert sequence(chance + seeing + B + C)[0] == "luck"


def test_a_broken_declaration_is_blamed_once_and_its_uses_are_not() -> None:
    for levels in ("[peace, peace, war]", "[]", "5..1"):
        text = TEXT.replace("[peace, war]", levels).replace("phase == peace,", "peace == phase,")
        found, diagnostics = examine_text(text)
        assert found is None
        assert len(diagnostics) == 1, diagnostics
