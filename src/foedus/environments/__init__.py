"""Games as environments for learners: PettingZoo, Gymnasium and OpenSpiel, each where installed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from foedus.errors import GameError

if TYPE_CHECKING:
    from foedus.environments.best_reply import BestReplyEnv as BestReplyEnv
    from foedus.environments.learner import Earnings as Earnings
    from foedus.environments.learner import Learned as Learned
    from foedus.environments.learner import earn as earn
    from foedus.environments.learner import learn as learn
    from foedus.environments.openspiel import openspiel_game as openspiel_game
    from foedus.environments.zoo import GameAECEnv as GameAECEnv
    from foedus.environments.zoo import GameParallelEnv as GameParallelEnv

_HOMES = {
    "BestReplyEnv": "foedus.environments.best_reply",
    "Earnings": "foedus.environments.learner",
    "Learned": "foedus.environments.learner",
    "earn": "foedus.environments.learner",
    "learn": "foedus.environments.learner",
    "openspiel_game": "foedus.environments.openspiel",
    "GameAECEnv": "foedus.environments.zoo",
    "GameParallelEnv": "foedus.environments.zoo",
}
_EXTRAS = {"gymnasium": "rl", "pettingzoo": "rl", "pyspiel": "openspiel"}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'foedus.environments' has no attribute {name!r}")
    try:
        return getattr(import_module(_HOMES[name]), name)
    except ModuleNotFoundError as missing:
        extra = _EXTRAS.get(missing.name or "")
        if extra is None:
            raise
        raise GameError(
            f"{name} needs {missing.name}, which is not installed: pip install 'foedus[{extra}]'"
        ) from None
