"""The `foedus` command: which commands there are, and how errors become exit codes."""

from __future__ import annotations

import importlib
import json
import math
import os
import sys
from typing import Any

import click

from foedus.cli.text import Unwritten
from foedus.errors import FoedusError, QueryError, SolveError
from foedus.scenario.suggestions import did_you_mean

COMMANDS = {
    "new": "foedus.cli.new:new",
    "check": "foedus.cli.check:check",
    "solve": "foedus.cli.solve:solve",
    "assess": "foedus.cli.assess:assess",
    "brief": "foedus.cli.brief:brief",
    "publish": "foedus.cli.publish:publish",
    "studio": "foedus.cli.studio:studio",
    "play": "foedus.cli.play:play",
    "simulate": "foedus.cli.simulate:simulate",
    "estimate": "foedus.cli.estimate:estimate",
    "why": "foedus.cli.why:why",
    "import": "foedus.cli.import_game:import_game",
    "export": "foedus.cli.export:export",
    "runs": "foedus.cli.runs:runs",
    "library": "foedus.cli.library:library",
    "schema": "foedus.cli.schema:schema",
    "explain": "foedus.cli.explain:explain",
}

EPILOG = """\b
Exit codes:
  0    fine
  1    a claim failed, under `assess --fail-on-claims`
  2    the command line was not understood
  3    a scenario or other input cannot be used, or output cannot be written
  4    not solved to tolerance
  130  stopped from the keyboard

Results go to standard output; errors and progress to standard error.
NO_COLOR switches colours off. FOEDUS_CACHE_DIR says where compiled programs
are kept (by default in the user's cache directory); `off` keeps none.
FOEDUS_STORE says which file runs are kept in.
"""


class Failure(click.ClickException):
    """An error on its way to standard error, and as JSON to standard output if that was asked."""

    def __init__(self, error: FoedusError, *, as_json: bool) -> None:
        super().__init__(_message(error))
        self.error = error
        self.as_json = as_json

    def show(self, file: Any = None) -> None:
        click.echo(f"foedus: {self.message}", err=True)
        if self.as_json:
            found = {"kind": type(self.error).__name__, "message": self.message}
            click.echo(json.dumps({"error": found}))


def _message(error: FoedusError) -> str:
    """What the error says, with hints for the command line instead of those for Python."""
    if not isinstance(error, SolveError):
        return str(error)
    said = str(error).removesuffix("".join(f"\n  try: {hint}" for hint in error.hints))
    hints = [
        hint.replace("a lower precision", "a lower --precision")
        for hint in error.hints
        if not hint.startswith("solve(")
    ]
    regret = getattr(error.certificate, "regret", None)
    if regret is not None and math.isnan(regret) and not any("finite" in hint for hint in hints):
        said += "\n  numbers overflow at this precision"
        hints = ["--precision 1000"]
    return "\n".join([said, *(f"  try: {hint}" for hint in hints or ["a lower --precision"])])


class Unanswerable(Failure):
    """A question that makes no sense here."""

    exit_code = 2


class Unusable(Failure):
    """Input that cannot be used."""

    exit_code = 3


class Unsolved(Failure):
    """A game that was not solved to tolerance."""

    exit_code = 4


def failure(error: FoedusError, *, as_json: bool) -> Failure:
    """The failure, and with it the exit code, that an error amounts to."""
    kinds = {QueryError: Unanswerable, SolveError: Unsolved}
    kind = next((kinds[cls] for cls in type(error).__mro__ if cls in kinds), Unusable)
    return kind(error, as_json=as_json)


class LazyGroup(click.Group):
    """Commands are imported when they are used, so that none pays for another's imports."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            hint = did_you_mean(args[0], COMMANDS, "commands")
            raise click.UsageError(f"there is no command `{args[0]}`; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        try:
            if sys.stdout is None:
                raise OSError(None, "standard output is closed")
            return super().main(*args, **kwargs)
        except OSError as error:
            if error.filename is not None:
                raise  # a file's, not standard output's
            if sys.stdout is not None:  # what is left in its buffer cannot be written either
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            failed = Unwritten(f"the output could not be written: {error.strerror or error}")
            failed.show()
            sys.exit(failed.exit_code)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            answer = super().invoke(ctx)
            sys.stdout.flush()
            return answer
        except FoedusError as error:
            raise failure(error, as_json=ctx.meta.get("json", False)) from error
        except KeyboardInterrupt:
            click.echo("\nfoedus: stopped", err=True)
            ctx.exit(130)
        except BrokenPipeError:  # the reader, `head` say, has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return None


@click.group(
    cls=LazyGroup,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@click.version_option(package_name="foedus")
def main() -> None:
    """Test strategic arguments: solve dynamic games over the whole range of assumptions.

    A scenario is a YAML file, or the name of one in the library.
    """
