"""`foedus check`: every problem of a scenario file at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from foedus.cli.options import json_option
from foedus.cli.text import counted, in_colour, show_json

if TYPE_CHECKING:
    from foedus.scenario.diagnostics import Diagnostic
    from foedus.scenario.scenario import Scenario

COLOURS = {"error": "red", "warning": "yellow"}


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@json_option
@click.pass_context
def check(ctx: click.Context, files: tuple[str, ...], as_json: bool) -> None:
    """Check scenario files and print every problem found.

    FILE is a path, or the name of a scenario in the library. Exits with 3 if any file has
    an error. `foedus explain CODE` says more about a code.

    \b
    Example:
      foedus check crisis.yaml
    """
    from foedus.scenario.diagnostics import to_json
    from foedus.scenario.reader import examine

    found = [(file, *examine(file)) for file in files]
    if as_json:
        entries = [
            {
                "file": file,
                "valid": scenario is not None,
                "diagnostics": [to_json(diagnostic) for diagnostic in diagnostics],
            }
            for file, scenario, diagnostics in found
        ]
        show_json({"files": entries})
    else:
        for file, scenario, diagnostics in found:
            _show(file, scenario, diagnostics)
    if any(scenario is None for _, scenario, _ in found):
        ctx.exit(3)


def _show(file: str, scenario: Scenario | None, diagnostics: Sequence[Diagnostic]) -> None:
    """The diagnostics of one file, and a last line that sums up."""
    from foedus.scenario.diagnostics import render
    from foedus.scenario.reader import source_lines

    lines = source_lines(file) if diagnostics else []
    for diagnostic in diagnostics:
        source_line = lines[diagnostic.line - 1] if 0 < diagnostic.line <= len(lines) else None
        first, _, rest = render(diagnostic, source_line).partition("\n")
        if in_colour():
            first = click.style(first, fg=COLOURS[diagnostic.severity], bold=True)
        click.echo(f"{first}\n{rest}\n")
    severities = [diagnostic.severity for diagnostic in diagnostics]
    summary = [
        counted(severities.count(severity), severity)
        for severity in COLOURS
        if severity in severities
    ]
    if scenario is not None:
        summary += ["can be solved", _contents(scenario)]
    elif not any(diagnostic.code.startswith("F9") for diagnostic in diagnostics):
        # What cannot be read cannot be worked out.
        summary.append("probabilities and what play can reach are checked once these are gone")
    click.echo(f"{file}: {', '.join(summary)}")


def _contents(scenario: Scenario) -> str:
    rules = scenario.rules()
    return ", ".join(
        counted(len(things), kind)
        for things, kind in (
            (rules.players, "player"),
            (rules.factors, "factor"),
            (rules.parameters, "parameter"),
            (scenario.regimes, "regime"),
            (rules.quantities, "quantity"),
        )
    )
