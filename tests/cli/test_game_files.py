"""Commands about game files: import and export."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import foedus as fd

Foedus = Callable[..., Result]

ENTRY = """EFG 2 R "entry" { "Entrant" "Incumbent" }
p "" 1 1 "door" { "enter" "stay out" } 0
p "" 2 1 "reply" { "fight" "share" } 0
t "" 1 "" { -1 -1 }
t "" 2 "" { 1 1 }
t "" 3 "" { 0 2 }
"""


@pytest.fixture
def entry(folder: Path) -> Path:
    path = folder / "entry.efg"
    path.write_text(ENTRY, encoding="utf-8")
    return path


def test_import_shows_a_game(foedus: Foedus, entry: Path) -> None:
    result = foedus("import", "entry.efg")
    assert result.exit_code == 0
    assert result.stdout == (
        "entry\n"
        "a tree for Entrant, Incumbent: 5 nodes, 2 information sets, 2 subgames, perfect recall\n"
    )


def test_import_finds_all_equilibria_and_says_what_they_are(foedus: Foedus, entry: Path) -> None:
    shown = foedus("import", "entry.efg", "--all").stdout
    assert "a sequential equilibrium" in shown
    assert "no belief makes what is played there a best reply" in shown
    answer = json.loads(foedus("import", "entry.efg", "--all", "--json").stdout)
    assert [one["concept"] for one in answer["equilibria"]].count("sequential") == 1
    assert answer["completeness"].startswith("complete")
    assert answer["equilibria"][0]["certificate"]["passed"]
    assert answer["equilibria"][0]["play"][1] == {
        "information_set": "reply",
        "player": "Incumbent",
        "probabilities": {"fight": 0.0, "share": 1.0},
        "beliefs": [1.0],
    }


def test_import_solves_at_a_precision(foedus: Foedus, entry: Path) -> None:
    answer = json.loads(foedus("import", "entry.efg", "--precision", "1", "--json").stdout)
    (one,) = answer["equilibria"]
    assert one["concept"] == "logit"
    share = fd.solve(fd.read_game(entry), fd.Logit(precision=1.0)).strategy("reply")["share"]
    assert one["play"][1]["probabilities"]["share"] == share
    assert foedus("import", "entry.efg", "--precision", "1", "--all").exit_code == 2


def test_import_converts_both_ways_and_never_overwrites(foedus: Foedus, entry: Path) -> None:
    assert foedus("import", "entry.efg", "-o", "table.nfg").exit_code == 0
    assert foedus("import", "table.nfg", "-o", "back.efg").exit_code == 0
    table = fd.read_game("table.nfg")
    assert isinstance(table, fd.StrategicGame)
    assert table.payoff(0, 1) == (1, 1)
    back = fd.read_game("back.efg")
    assert isinstance(back, fd.ExtensiveGame)
    assert len(back.sets) == 2
    again = foedus("import", "entry.efg", "-o", "table.nfg")
    assert again.exit_code == 2
    assert "already there" in again.stderr
    assert foedus("import", "entry.efg", "-o", "table.txt").exit_code == 2


def test_import_prints_every_fault_with_its_place(foedus: Foedus, folder: Path) -> None:
    bad = ENTRY.replace('{ "fight" "share" }', '{ "fight" "fight" }').replace("{ 0 2 }", "{ 0 }")
    (folder / "bad.efg").write_text(bad, encoding="utf-8")
    result = foedus("import", "bad.efg")
    assert result.exit_code == 3
    for part in ("bad.efg:3:18", "bad.efg:6:11", "bad.efg: 2 errors"):
        assert part in result.stdout
    answer = json.loads(foedus("import", "bad.efg", "--json").stdout)
    assert [fault["line"] for fault in answer["faults"]] == [3, 6]
    assert foedus("import", "none.efg").exit_code == 3


def test_export_writes_a_tree_that_is_worth_the_same(foedus: Foedus, folder: Path) -> None:
    result = foedus("export", "border.yaml", "-o", "border.efg", "--periods", "2", "--json")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    tree = fd.read_game("border.efg")
    assert isinstance(tree, fd.ExtensiveGame)
    assert len(tree.nodes) == answer["nodes"]
    game = fd.compile_scenario(fd.read("border.yaml"))
    assert fd.unroll(game, periods=2).nodes == tree.nodes


def test_export_says_how_large_a_tree_would_be(foedus: Foedus) -> None:
    result = foedus("export", "border.yaml", "-o", "x.efg", "--most-nodes", "20")
    assert result.exit_code == 3
    assert "nodes; the limit is 20" in result.stderr
    assert foedus("export", "border.yaml", "-o", "x.gam").exit_code == 2


def test_showing_a_game_loads_no_numerics(folder: Path, entry: Path) -> None:
    code = (
        "import sys; sys.argv = ['foedus', 'import', 'entry.efg']\n"
        "from foedus.cli.main import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(*sorted({'numpy', 'jax', 'scipy', 'pandas'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True
    )
    assert "5 nodes" in done.stdout
    assert done.stderr.strip() == ""
