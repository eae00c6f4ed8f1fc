r"""A model as a file: YAML that says which game, which formulas and which columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from foedus.errors import DataError, FoedusError
from foedus.estimation.classic import CLASSIC
from foedus.estimation.dynamic_model import DynamicModel
from foedus.estimation.dynamic_scenario import scenario_model
from foedus.estimation.model import Model, TreeModel, classic_model
from foedus.estimation.signalling_model import SignallingModel
from foedus.estimation.tree import read_tree
from foedus.estimation.ultimatum import UltimatumModel
from foedus.scenario.reader import read
from foedus.scenario.scenario import Scenario
from foedus.scenario.suggestions import did_you_mean

LARGEST = 1_000_000  # bytes of a model file
OPTIONS = ("weights", "cluster", "cov_type", "starts", "seed", "penalty", "missing")
ABOUT = ("title", "game")
TREE = (
    "utilities", "outcome", "outcomes", "shocks", "distribution", "precision", "convention",
    "regime", "variant", "start", "parameters",
)  # fmt: skip
FIELDS = {
    "a tree or scenario": TREE,
    "a formula": ("formula", "outcomes", "link", "type"),
    "signalling": ("utilities", "counts", "method", "beliefs"),
    "a stationary scenario": ("free", "regime", "variant", "fixed", "method"),
    "ultimatum": ("proposer", "receiver", "offer", "accept", "prize", "scales"),
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Specification:
    """A model file: the model, how it is to be estimated, and the scenario that it is about."""

    title: str
    model: Model | DynamicModel
    options: Mapping[str, Any]
    scenario: Scenario | None = None


def read_model(path: str | Path) -> Specification:
    """The model in a file.

    `game` is "egame12", "egame122", "egame123", "signalling", "ultimatum", a tree of nested
    `player`/`actions`, or a scenario: a file beside this one, or a name in the library. The
    other fields are those of `TreeModel`, `SignallingModel` or `UltimatumModel`; `formula` with
    a numbered game is the R spelling; `free` lists the parameters of a stationary scenario, see
    `scenario_model`. Options of `estimate` may stand beside them.

    Raises `DataError` for a file that cannot be read and for fields that are not known, with
    their lines; and what the parts themselves raise.
    """
    path = Path(path)
    fields, lines = _opened(path)
    kind = _kind(fields, path)
    known = {*ABOUT, *OPTIONS, *FIELDS[kind]}
    wrong = [
        f"{path}:{lines[name]}: `{name}` is no field of {kind}; {did_you_mean(name, known)}"
        for name in fields
        if name not in known
    ]
    if wrong:
        raise DataError("\n".join(wrong))
    own = {name: fields[name] for name in FIELDS[kind] if name in fields}
    try:
        game = _game(kind, fields["game"], path)
        model = _model(kind, game, own)
    except TypeError as error:
        raise DataError(f"{path}: {str(error).partition('() ')[2] or error}") from None
    except FoedusError as error:
        raise type(error)(f"{path}: {error}") from None
    return Specification(
        title=str(fields.get("title", "")),
        model=model,
        options={name: fields[name] for name in OPTIONS if name in fields},
        scenario=game if isinstance(game, Scenario) else None,
    )


def _opened(path: Path) -> tuple[dict[str, Any], dict[str, int]]:
    """The fields of the file, and the line each stands on."""
    try:
        text = path.read_bytes()[: LARGEST + 1]
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from None
    if len(text) > LARGEST:
        raise DataError(f"{path} is larger than a model file ever is")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if isinstance(node, yaml.MappingNode) and _aliased(text):
            raise DataError(f"{path}: anchors and aliases have no use in a model file")
        fields = yaml.safe_load(text)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise DataError(
            f"{path}{line} is not valid YAML: {getattr(error, 'problem', '')}"
        ) from None
    if not isinstance(fields, dict) or not isinstance(node, yaml.MappingNode):
        raise DataError(f"{path} is no model: fields such as `game:` and `utilities:` are needed")
    if "game" not in fields:
        raise DataError(f"{path} does not say which `game:` is estimated")
    lines = {str(key.value): key.start_mark.line + 1 for key, _ in node.value}
    return {str(name): value for name, value in fields.items()}, lines


def _aliased(text: bytes) -> bool:
    return any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader))


def _kind(fields: Mapping[str, Any], path: Path) -> str:
    game = fields["game"]
    if game in ("signalling", "ultimatum"):
        return str(game)
    if "free" in fields:
        return "a stationary scenario"
    if "formula" in fields:
        if not isinstance(game, str) or game not in CLASSIC:
            raise DataError(f"{path}: `formula` goes with {', '.join(CLASSIC)}, not with {game!r}")
        return "a formula"
    return "a tree or scenario"


def _model(kind: str, game: Any, own: dict[str, Any]) -> Model | DynamicModel:
    match kind:
        case "signalling":
            if "beliefs" in own:
                own["beliefs"] = tuple(own["beliefs"])
            return SignallingModel(**own)
        case "ultimatum":
            return UltimatumModel(**{"accept": None, **own})
        case "a stationary scenario":
            return scenario_model(game, own.pop("free"), **own)
        case "a formula":
            return classic_model(game, own.pop("formula"), **own)
    return TreeModel(game=game, **own)


def _game(kind: str, game: Any, path: Path) -> Any:
    """What is played, by kind of model: a name that is known, a tree, or a scenario."""
    tree = kind == "a tree or scenario"
    if kind in ("signalling", "ultimatum", "a formula"):
        return game
    if tree and isinstance(game, Mapping):
        return read_tree(game)
    if not isinstance(game, str):
        what = "a name, a file or a tree" if tree else "a scenario's file or name"
        raise DataError(f"`game` is {what}; found {game!r}")
    if tree and game in CLASSIC:
        return game
    beside = path.parent / game
    return read(beside if beside.suffix in (".yaml", ".yml") else game)
