"""From bytes to nodes: what is refused, where it stands, and how scalars are read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foedus.scenario.diagnostics import Report, render, to_json
from foedus.scenario.document import parse
from foedus.scenario.nodes import Mapping, Scalar, plain
from foedus.scenario.reader import examine, examine_text

SOUND = Path(__file__).parent / "sound.yaml"


def tree(text: str) -> Mapping:
    report = Report("file")
    root = parse(text.encode(), report)
    assert not report.diagnostics()
    assert root is not None
    return root


def codes(source: Path) -> list[str]:
    scenario, diagnostics = examine(source)
    assert scenario is None
    return [d.code for d in diagnostics]


def test_what_cannot_be_opened_is_a_diagnostic(tmp_path: Path) -> None:
    assert codes(tmp_path / "missing.yaml") == ["F101"]
    assert codes(tmp_path) == ["F101"]
    assert codes(Path("nul\0.yaml")) == ["F101"]
    assert codes(Path("x" * 5000 + ".yaml")) == ["F101"]


def test_a_large_file_is_not_read_whole(tmp_path: Path) -> None:
    large = tmp_path / "large.yaml"
    with large.open("wb") as file:
        file.truncate(10**12)  # sparse; reading it whole would not fit into memory
    assert codes(large) == ["F102"]


def test_a_million_small_values_are_refused(tmp_path: Path) -> None:
    many = tmp_path / "many.yaml"
    many.write_text("foedus: [" + "1," * 120_000 + "1]", encoding="utf-8")
    assert codes(many) == ["F113"]


def test_a_byte_order_mark_and_other_line_ends_change_nothing() -> None:
    text = SOUND.read_text(encoding="utf-8")
    plainly, _ = examine_text(text)
    marked, _ = examine_text("\ufeff" + text.replace("\n", "\r\n"))
    assert plainly is not None
    assert marked is not None
    assert plainly.digest == marked.digest


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("2024-06-13", "2024-06-13"),
        ("true", True),
        ("~", None),
        ("", None),
        ("'5'", "5"),
        ("5", 5),
        ("1e-3", 0.001),
        ("-.5", -0.5),
        ("0o7", "0o7"),
        ("1_000", "1_000"),
        (".inf", ".inf"),
        ("1e999", "1e999"),
        ("5%", "5%"),
    ],
)
def test_scalars_are_those_of_yaml_12(written: str, meant: object) -> None:
    assert plain(tree(f"a: {written}")) == {"a": meant}


def test_a_percentage_is_a_number() -> None:
    value = tree("a: 12.5%").get("a")
    assert isinstance(value, Scalar)
    assert value.number == 0.125


@pytest.mark.parametrize(
    "written",
    ["one two", "'one two'", '"one two"', "'it''s one two'", '"\\t one two"', "|\n  one two",
     ">-\n  one\n  two", ">-\n\n  one\n\n  two", "one\n  two", "'one\n\n  two'"],
)  # fmt: skip
def test_characters_of_a_scalar_are_found_in_the_file(written: str) -> None:
    text = f"# é 領\na: {written}\n"
    value = tree(text).get("a")
    assert isinstance(value, Scalar)
    at = value.text.index("two")
    place = value.part(at, at + 3)
    line = text.split("\n")[place.line - 1]
    assert line[place.column - 1 : place.column - 1 + place.length] == "two"


def test_wide_characters_and_tabs_do_not_shift_the_mark() -> None:
    _, diagnostics = examine_text('foedus: 1\ntitle: "領土",\tperiodd: 3')
    assert diagnostics  # the mark itself is in the stored messages of bad/
    report = Report("file")
    parse("a: 領土\t&x\x20b".encode(), report)
    for found in [*diagnostics, *report.diagnostics()]:
        assert "^" in render(found, "title: 領土\t x") or found.line == 0


def test_what_comes_from_the_file_cannot_steer_the_terminal() -> None:
    _, diagnostics = examine_text("foedus: 1\n\u202etitle: x\ntags: {\u009b31m: 1}\n")
    for found in diagnostics:
        shown = render(found, "\u202etitle: \x1b[31mx")
        assert all(c.isprintable() or c == "\n" for c in shown)


VOCABULARY = """
    { } [ ] : , - ' " &a *a !!x | > # ? % --- null 0..4 0..9999999999 and ( ) next( level( é war
    phase players ** 1e308 ~ true
"""
PIECES = st.sampled_from(
    [
        *VOCABULARY.split(),
        *("\n", "\n  ", "\t", "\x00", "\u202e", " = ", ": ", "<<: "),
        *("9" * 400, "[" * 200, "sum(p == help for p in players)"),
    ]
)


@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 40), PIECES), max_size=4))
def test_a_damaged_file_is_diagnosed_and_never_a_traceback(
    damage: list[tuple[int, int, str]],
) -> None:
    text = SOUND.read_text(encoding="utf-8")
    for at, length, piece in damage:
        text = text[:at] + piece + text[at + length :]
    scenario, diagnostics = examine_text(text)
    assert (scenario is None) == any(d.severity == "error" for d in diagnostics)
    lines = text.split("\n")
    for found in diagnostics:
        assert found.line <= len(lines) + 1
        render(found, lines[found.line - 1] if 0 < found.line <= len(lines) else None)
        assert to_json(found)["code"] == found.code


@given(st.integers(0, 45), st.integers(0, 45))
def test_a_file_with_lines_missing_or_moved_is_diagnosed(start: int, stop: int) -> None:
    lines = SOUND.read_text(encoding="utf-8").splitlines(keepends=True)
    examine_text("".join(lines[:start] + lines[stop:]))
    examine_text("".join(lines[stop:] + lines[:start]))


@given(st.binary(max_size=60))
def test_random_bytes_are_diagnosed(data: bytes) -> None:
    report = Report("file")
    root = parse(data, report)
    assert (root is None) == (report.errors > 0) or report.errors > 0


HEAD = "foedus: 1\ntitle: t\nhorizon: {solve: 1}\nplayers: {A: {}}\n"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("state: {x: {levels: 0..999999999}}", "F206"),
        ("state: {x: {levels: 0.." + "9" * 5000 + "}}", "F206"),
        ("moves: [" + "{player: A, actions: [l]}, " * 9000 + "]", "F205"),
        ("regimes: {" + ", ".join(f"r{i}: " for i in range(30_000)) + "}", "F205"),
        ("notes: " + "x" * 900_000, "F202"),
        ("define: {x: " + "x+" * 400_000 + "1}", "F402"),
        ("[" * 900_000, "F106"),
        ("".join(f"k{i}: 1\n" for i in range(20_000)), "F201"),
    ],
)
def test_what_is_much_too_large_is_refused_at_little_cost(text: str, code: str) -> None:
    scenario, diagnostics = examine_text(HEAD + text)
    assert scenario is None
    assert code in {d.code for d in diagnostics}
    assert len(diagnostics) <= 500


def test_any_number_of_warnings_leaves_a_scenario_usable() -> None:
    spare = "".join(f"  spare{i}: {{value: 1, why: x}}\n" for i in range(600))
    text = SOUND.read_text(encoding="utf-8").replace("parameters:\n", "parameters:\n" + spare)
    scenario, diagnostics = examine_text(text)
    assert scenario is not None
    assert {d.code for d in diagnostics} == {"F802"}


@pytest.mark.parametrize("source", ["x" * 5000, "a\0b", "../secret", ".", "", "~root", "-"])
def test_no_name_of_a_source_raises(source: str) -> None:
    scenario, diagnostics = examine(source)
    assert scenario is None
    assert diagnostics[0].code in ("F101", "F115")
