"""Game files are read in every dialect, exactly; what is wrong in one is said by line."""

from __future__ import annotations

import time
from fractions import Fraction
from pathlib import Path

import pytest

from foedus.errors import GameFileError
from foedus.game.trees import (
    ExtensiveGame,
    StrategicGame,
    efg,
    examine_game,
    nfg,
    parse_game,
    read_game,
    reading,
)

HEAD = 'EFG 2 R "a game" { "A" "B" }\n'
ENDS = 't "" 1 "" { 1, 2 }\nt "" 2 "" { 3, 4 }\n'


def _tree(text: str) -> ExtensiveGame:
    game = parse_game(text)
    assert isinstance(game, ExtensiveGame)
    return game


def _table(text: str) -> StrategicGame:
    game = parse_game(text)
    assert isinstance(game, StrategicGame)
    return game


def _faults(text: str) -> list[tuple[int, int, str]]:
    with pytest.raises(GameFileError) as caught:
        parse_game(text)
    return [(f.line, f.column, f.message) for f in caught.value.faults]


@pytest.mark.parametrize(
    ("written", "exact"),
    [
        ("1/3", Fraction(1, 3)),
        ("-7/2", Fraction(-7, 2)),
        ("+.5", Fraction(1, 2)),
        ("5.", Fraction(5)),
        ("1e-3", Fraction(1, 1000)),
        ("-2.5E2", Fraction(-250)),
        ("0.1/0.3", Fraction(1, 3)),
        ("0.1234567890123456789012345", Fraction(1234567890123456789012345, 10**25)),
    ],
)
def test_numbers_stay_exact(written: str, exact: Fraction) -> None:
    game = _tree(
        f'{HEAD}p "" 1 1 "" {{ "u" "d" }} 0\nt "" 1 "" {{ {written}, 0 }}\nt "" 2 "" {{ 0 0 }}'
    )
    assert game.collected[1][0] == exact


def test_payoffs_of_inner_nodes_add_up_along_the_path() -> None:
    game = _tree(
        f'{HEAD}p "" 1 1 "" {{ "u" "d" }} 1 "fee" {{ -1, 1/2 }}\n'
        'p "" 2 1 "" { "l" "r" } 2 "" { 0, 1 }\nt "" 3 "" { 5 5 }\nt "" 0\nt "" 1\n'
    )
    assert [game.collected[leaf] for leaf in game.leaves] == [
        (Fraction(4), Fraction(13, 2)),
        (Fraction(-1), Fraction(3, 2)),
        (Fraction(-2), Fraction(1)),
    ]


def test_sets_are_listed_once_numbered_at_will_and_labelled_alike() -> None:
    game = _tree(
        f'{HEAD}c "n" 7 "" {{ "x" 0.5 "y" 0.5 }} 0\n'
        'p "n" 1 40 "same" { "u" "d" } 0\nt "" 1 "" { 1 1 }\nt "" 2 "" { 2 2 }\n'
        'p "n" 1 40 0 t "" 2 t "" 1\n'
    )
    assert len(game.sets) == 2
    assert game.members[1] == (1, 4)
    assert [game.collected[leaf][0] for leaf in game.leaves] == [1, 2, 2, 1]


def test_empty_labels_get_names_and_quotes_escapes_and_comments_are_read() -> None:
    game = _tree(
        'EFG 2 D "the \\"old\\" game" { "" "B" } "said by \\\\ many" # a remark\n'
        'p "" 1 1 "" { "" "" } 0 # another\n' + ENDS
    )
    assert game.players == ("Player 1", "B")
    assert game.sets[0].actions == ("1", "2")
    assert game.title == 'the "old" game'
    assert game.comment == "said by \\ many"


def test_header_windows_line_ends_and_byte_order_marks(tmp_path: Path) -> None:
    path = tmp_path / "odd.txt"
    text = f'efg 2 "t" {{ "A" "B" }}\r\np "" 1 1 {{ "u" "d" }} 0\r\n{ENDS}'
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert len(read_game(path).players) == 2
    path.write_bytes(
        'EFG 2 R "K\xe4mpfe" { "A" "B" }\np "" 1 1 "" { "u" "d" } 0\n'.encode("latin-1")
        + ENDS.encode()
    )
    assert read_game(path).title == "Kämpfe"


def test_outcomes_without_payoffs_pay_nothing_and_it_is_said() -> None:
    game = _tree(f'{HEAD}p "" 1 1 "" {{ "u" "d" }} 0\nt "" 1 "war"\nt ""\n')
    assert [game.collected[leaf] for leaf in game.leaves] == [(0, 0), (0, 0)]
    assert "taken to pay 0" in game.remarks[0].message


def test_many_digits_that_miss_one_are_rounding_and_few_are_a_mistake() -> None:
    thirds = '"x" 0.333333 "y" 0.333333 "z" 0.333333'
    ends = 't "" 1 "" { 1 1 }\n' * 3
    game = _tree(f'{HEAD}c "" 1 "" {{ {thirds} }} 0\n{ends}')
    assert game.sets[0].probabilities == (Fraction(1, 3),) * 3
    assert "by rounding" in game.remarks[0].message
    few = thirds.replace("333333", "33")
    assert _faults(f'{HEAD}c "" 1 "" {{ {few} }} 0\n{ends}') == [
        (2, 11, "the probabilities sum to 99/100, not to 1")
    ]


def test_all_mistakes_of_a_file_are_found_at_once_with_their_places() -> None:
    text = (
        'EFG 2 R "x" { "A" "A" }\n'
        'c "" 1 "" { "u" 1/2 "v" 1/3 } 0\n'
        'p "" 1 1 "" { "x" "x" } 0\n'
        't "" 1 "" { 1 }\n'
        't "" 2 "" { 1 2 3 }\n'
        'p "" 2 1 "" { "y" "z" } 0\n'
        't "" 3 "" { 1 2 }\n'
        't "" 3 "" { 1 3 }\n'
    )
    assert _faults(text) == [
        (1, 15, "two players are called 'A'"),
        (2, 11, "the probabilities sum to 5/6, not to 1"),
        (3, 13, "two actions of information set 1 of A are called 'x'"),
        (4, 11, "1 payoffs stand here; there are 2 players"),
        (5, 11, "3 payoffs stand here; there are 2 players"),
        (8, 6, "outcome 3 pays 1, 3 here and paid 1, 2 before"),
    ]


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("", (1, 1), "begins with EFG or NFG"),
        ("foedus: 1\ntitle: x", (1, 1), "begins with EFG or NFG"),
        ('EFG 3 R "x" { "A" }', (1, 5), "version `3`"),
        ('EFG 2 R "x" { }', (1, 15), "at least one player"),
        (HEAD, (2, 1), "no node"),
        (f'{HEAD}p "" 1 1 "" {{ "u" "d" }} 0\nt "" 1 "" {{ 1 2 }}\n', (4, 1), "1 branches"),
        (f'{HEAD}p "" 1 1 "" {{ "u" ', (2, 19), "the file ends"),
        (f'{HEAD}p "" 1 1 "" {{ "u d', (2, 15), "never closed"),
        (f'{HEAD}p "" 3 1 "" {{ "u" "d" }} 0', (2, 6), "no player 3"),
        (f'{HEAD}p "" 1 1 "" 0', (2, 1), "listed nowhere"),
        (f'{HEAD}p "" 1 1 "" {{ }} 0', (2, 13), "no actions"),
        (f'{HEAD}q "" 1', (2, 1), "a node is due here"),
        (f'{HEAD}t "" 1 "" {{ 1 2 }}\nt "" 1', (3, 1), "one more"),
        (f'{HEAD}t "" 1 "" {{ 1/0 2 }}', (2, 13), "divides by 0"),
        (f'{HEAD}t "" 1 "" {{ 1e99999 2 }}', (2, 13), "a number is due"),
        (f'{HEAD}c "" 1 "" {{ "u" 3/2 "d" -1/2 }} 0\n{ENDS}', (2, 17), "outside 0 to 1"),
        (
            f'{HEAD}p "" 1 1 "" {{ "u" "d" }} 0\np "" 1 1 "" {{ "d" "u" }} 0\n',
            (3, 13),
            "other actions here",
        ),
        ('NFG 1 R "x" { "A" "B" } { 2 2 }\n1 2 3', (2, 1), "3 payoffs stand from here"),
        ('NFG 1 R "x" { "A" "B" } { 2 2 }\n1 2 3 4 5 6 7 8 9', (2, 1), "more payoffs"),
        ('NFG 1 R "x" { "A" "B" } { 2 }\n1 2 3', (1, 25), "strategies are listed for 1"),
        ('NFG 1 R "x" { "A" "B" } { { "u" "u" } { "l" } }\n1 2 3 4', (1, 27), "called 'u'"),
        ('NFG 1 R "x" { "A" } { 2 } { { "" 1 } }\n1 2', (2, 3), "no outcome 2"),
        ('NFG 1 R "x" { "A" } { 2 } { { "" 1 } }\n1', (2, 1), "1 outcomes stand"),
    ],
)
def test_a_broken_file_is_refused_where_it_breaks(
    text: str, place: tuple[int, int], said: str
) -> None:
    found = _faults(text)
    assert any((line, column) == place and said in message for line, column, message in found)


def test_a_fault_shows_its_line_with_a_caret() -> None:
    with pytest.raises(GameFileError) as caught:
        parse_game(f'{HEAD}p "" 1 1 "" {{ "x" "x" }} 0\n{ENDS}', "crisis.efg")
    assert str(caught.value).splitlines()[:5] == [
        "error: two actions of information set 1 of A are called 'x'",
        "  --> crisis.efg:2:13",
        "  |",
        '2 | p "" 1 1 "" { "x" "x" } 0',
        "  |             ^",
    ]


def test_both_kinds_of_table_are_read_with_the_first_player_fastest() -> None:
    plain = _table('NFG 1 R "x" { "A" "B" } { 2 3 }\n' + " ".join(map(str, range(12))))
    assert plain.payoff(1, 0) == (2, 3)
    assert plain.payoff(0, 2) == (8, 9)
    listed = _table(
        'NFG 1 D "x" { "A" "B" } { { "u" "d" } { "l" "r" } } "why"\n'
        '{ { "a" 1, 2 } { "" .5 1/3 } }\n1 2 0 1'
    )
    assert listed.payoff(1, 0) == (Fraction(1, 2), Fraction(1, 3))
    assert listed.payoff(0, 1) == (0, 0)
    assert listed.comment == "why"


def test_a_table_is_the_tree_in_which_nobody_sees_the_others() -> None:
    table = _table('NFG 1 R "x" { "A" "B" "C" } { 2 3 2 }\n' + " ".join(map(str, range(36))))
    tree = table.as_tree()
    assert len(tree.sets) == 3
    for leaf in tree.leaves:
        assert tree.collected[leaf] == table.payoff(*(a for _, a in tree.path(leaf)))


def test_deep_and_wide_files_need_no_recursion() -> None:
    deep = "".join(f'p "" 1 {n} "" {{ "on" "off" }} 0\n' for n in range(20_000))
    game = _tree(HEAD + deep + 't "" 1 "" { 1 1 }\n' + 't "" 1\n' * 20_000)
    assert len(game.nodes) == 40_001
    nested = _faults(HEAD + "{" * 100_000)
    assert nested[0][:2] == (2, 1)


def test_large_files_are_refused_before_they_fill_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large.efg"
    with path.open("wb") as file:
        file.truncate(100 * 2**20)
    began = time.process_time()
    game, faults = examine_game(path)
    assert game is None
    assert "104,857,600 bytes" in faults[0].message
    assert time.process_time() - began < 1.0
    monkeypatch.setattr(efg, "MOST_NODES", 100)
    deep = "".join(f'p "" 1 {n} "" {{ "on" "off" }} 0\n' for n in range(200))
    assert "more than 100 nodes" in _faults(HEAD + deep)[0][2]
    dims = " ".join(["9"] * 40)
    names = " ".join(f'"{n}"' for n in range(40))
    assert "foedus reads up to" in _faults(f'NFG 1 R "x" {{ {names} }} {{ {dims} }}\n1')[0][2]
    assert nfg.MOST_NUMBERS >= 10**6
    assert reading.MOST_BYTES >= 2**20


def test_a_file_full_of_mistakes_stops_being_read() -> None:
    many = "".join(f'p "" 1 {n} "" {{ "x" "x" }} 0\n' for n in range(1000))
    assert len(_faults(HEAD + many)) == 50


def test_a_missing_file_and_a_binary_file_are_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(GameFileError, match="cannot be read"):
        read_game(tmp_path / "none.efg")
    (tmp_path / "b.efg").write_bytes(b"\0\1\2")
    with pytest.raises(GameFileError, match="no text file"):
        read_game(tmp_path / "b.efg")
