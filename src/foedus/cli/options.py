"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def _remember(ctx: click.Context, _parameter: click.Parameter, value: bool) -> bool:
    """Let the error path know as well: `meta` is shared with the enclosing context."""
    asked: bool = value or ctx.meta.get("json", False)  # `foedus runs --json show ...`
    ctx.meta["json"] = asked
    return asked


def json_option(command: F) -> F:
    """`--json`: one JSON object on standard output instead of text for people."""
    return click.option(
        "--json",
        "as_json",
        is_flag=True,
        is_eager=True,
        callback=_remember,
        help="Print one JSON object instead of text.",
    )(command)


class Assignment(click.ParamType[tuple[str, float]]):
    """`name=number`, as in `--set sigma=0.9`."""

    name = "name=value"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, float]:
        name, equals, number = str(value).partition("=")
        share = number.strip().endswith("%")
        try:
            return name.strip(), float(number.strip().removesuffix("%")) / (100 if share else 1)
        except ValueError:
            asked = "a number" if equals else "the form name=value"
            self.fail(f"{value!r} needs {asked}, as in --set sigma=0.9", param, ctx)


def _each_once(
    _ctx: click.Context, _parameter: click.Parameter, pairs: tuple[tuple[str, float], ...]
) -> dict[str, float]:
    """The values by name. Two for one name are refused: neither is sure to be meant."""
    names = [name for name, _ in pairs]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise click.BadParameter(f"{', '.join(repeated)} is set more than once")
    return dict(pairs)


def settings_options(command: F) -> F:
    """How the scenario is to be changed and solved; the arguments of `solving.Settings`."""
    options = [
        click.option("--variant", help="A variant that the scenario lists."),
        click.option(
            "--precision",
            type=click.FloatRange(min=0),
            help="Of everybody's logit response.  [default: the scenario's]",
        ),
        click.option(
            "--convention",
            type=click.Choice(["expected", "shock"]),
            help="A mover's value: the payoffs of what is played, or with payoff shocks.  "
            "[default: the scenario's]",
        ),
        click.option(
            "--set",
            "values",
            type=Assignment(),
            multiple=True,
            metavar="NAME=VALUE",
            callback=_each_once,
            help="Set a parameter, within its range; may be repeated.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command
