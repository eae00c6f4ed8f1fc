"""`foedus library`: the scenarios that ship with foedus."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from foedus.cli.options import json_option
from foedus.cli.text import show_json
from foedus.errors import QueryError

if TYPE_CHECKING:
    from foedus.scenario.model import Alternative
    from foedus.scenario.scenario import Scenario


@click.command()
@click.argument("name", required=False)
@click.option("--tag", help="List those with this tag.")
@click.option("--author", help="List those with a source by this author.")
@click.option("--year", type=int, help="List those with a source of this year.")
@click.option("--topic", help="List those whose name, title, summary or tags have these words.")
@click.option("--text", "as_text", is_flag=True, help="Print the file itself.")
@click.option("--copy", "as_copy", is_flag=True, help="Copy the file here, to change it.")
@json_option
def library(
    name: str | None,
    tag: str | None,
    author: str | None,
    year: int | None,
    topic: str | None,
    as_text: bool,
    as_copy: bool,
    as_json: bool,
) -> None:
    """List or describe the scenarios that ship with foedus.

    Without NAME all are listed, or those that options ask for; with NAME that one is
    described. Published models are named after their citation, and answer to the part after
    it as well.

    \b
    Examples:
      foedus library
      foedus library --author Fearon
      foedus library brinkmanship
      foedus library us-ukraine-pact --copy
    """
    from foedus.scenario.library import path

    wanted = {"tag": tag, "author": author, "year": year, "topic": topic}
    if name is None:
        if as_text or as_copy:
            raise QueryError("which scenario? Name one; `foedus library` lists them")
        _list({key: value for key, value in wanted.items() if value is not None}, as_json=as_json)
        return
    if any(value is not None for value in wanted.values()):
        raise QueryError("a scenario is named, or looked for by options; not both")
    file = path(name)  # refuses a name that is not in the library, even where a file has it
    if as_copy:
        _copy(file, as_json=as_json)
    elif as_text:
        text = file.read_text(encoding="utf-8")
        if as_json:
            show_json({"name": file.stem, "text": text})
        else:
            click.echo(text, nl=False)
    else:
        _describe(file.stem, as_json=as_json)


def _list(wanted: dict[str, Any], *, as_json: bool) -> None:
    from foedus.scenario.catalogue import entries

    found = [entry for entry in entries() if entry.matches(**wanted)]
    if not found:
        asked = ", ".join(f"{key} {value}" for key, value in wanted.items())
        raise QueryError(f"no shipped scenario has {asked}; `foedus library` lists them all")
    if as_json:
        details = {
            entry.name: {
                "summary": entry.summary,
                "tags": entry.tags,
                "sources": entry.sources,
                "authors": entry.authors,
                "years": entry.years,
                "canon": entry.canon,
            }
            for entry in found
        }
        show_json({"scenarios": {e.name: e.title for e in found}, "details": details})
        return
    width = max(len(entry.name) for entry in found)
    for entry in found:
        click.echo(f"{entry.name:<{width}}  {entry.title}")


def _copy(source: Path, *, as_json: bool) -> None:
    from foedus.cli.new import write_new

    target = Path(source.name)
    write_new(target, source.read_text(encoding="utf-8"))
    if as_json:
        show_json({"file": str(target)})
    else:
        click.echo(f"wrote {target}; next: foedus solve {target}")


def _describe(name: str, *, as_json: bool) -> None:
    from foedus.scenario.reader import read

    scenario = read(name)
    if as_json:
        show_json(_as_data(scenario))
        return
    click.echo("\n".join(_described(scenario)))


def _as_data(scenario: Scenario) -> dict[str, object]:
    rules = scenario.rules()
    return {
        "name": scenario.name,
        "title": scenario.title,
        "summary": scenario.summary,
        "notes": scenario.notes,
        "sources": scenario.sources,
        "tags": scenario.tags,
        "players": {player.name: player.label for player in rules.players},
        "parameters": {p.name: {"low": p.low, "high": p.high, "value": p.value, "means": p.means}
                       for p in scenario.parameters},
        "regimes": {regime.name: regime.label for regime in scenario.regimes},
        "variants": {variant.name: variant.label for variant in scenario.variants},
        "starts": {start.name: start.label for start in rules.starts
                   if start.base is None},
        "quantities": {quantity.name: quantity.label for quantity in rules.quantities},
    }  # fmt: skip


def _described(scenario: Scenario) -> Iterator[str]:
    """Title, summary, regimes, variants, parameters and notes, as lines."""
    yield from (scenario.title, "")
    yield from textwrap.wrap(scenario.summary, 80)
    yield from _alternatives("Regimes", scenario.regimes)
    yield from _alternatives("Variants", scenario.variants)
    yield from ("", "Parameters")
    for parameter in scenario.parameters:
        span = f"{parameter.low:g} to {parameter.high:g}"
        yield from _entry(parameter.name, f"{span}: {parameter.means or parameter.why}")
    if scenario.notes:
        yield from ("", "Notes", "", scenario.notes.strip())


def _alternatives(heading: str, alternatives: Sequence[Alternative]) -> Iterator[str]:
    if not alternatives:
        return
    yield from ("", heading)
    for alternative in alternatives:
        means = f"{alternative.label}. {alternative.means}" if alternative.means else ""
        yield from _entry(alternative.name, means or alternative.label)


def _entry(name: str, text: str) -> Iterator[str]:
    yield from textwrap.wrap(f"{name}: {text}", 80, initial_indent="  ", subsequent_indent="      ")
