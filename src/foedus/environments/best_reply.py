"""A Gymnasium environment: one learner against opponents who are held at an equilibrium.

Nobody who learns in it can earn more than the equilibrium pays plus its regret. A learner that
does, by more than noise, disproves the certificate.
"""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np

from foedus.environments.opponents import policy_of, referee_of
from foedus.environments.referee import Choice, allowed, draw
from foedus.equilibrium.result import Equilibrium
from foedus.equilibrium.trees.result import TreeEquilibrium
from foedus.errors import QueryError


class BestReplyEnv(gymnasium.Env[Any, Any]):
    """One player's decision problem while everybody else plays the equilibrium.

    Observations have `observation`, whole numbers that `observation_labels` names, and
    `action_mask`. The sum of a play's rewards is a draw of the player's value.

    - `player`: by name.
    - `start`, `periods`: where plays begin, and where those of a stationary game are cut off.
    """

    metadata = {"render_modes": ["ansi"], "render_fps": 1}  # noqa: RUF012 -- as the base class has it

    def __init__(
        self,
        equilibrium: Equilibrium | TreeEquilibrium,
        player: str,
        *,
        start: str | None = None,
        periods: int | None = None,
        render_mode: str | None = None,
    ) -> None:
        self.referee = referee_of(equilibrium.game, start=start, periods=periods)
        if player not in self.referee.players:
            raise QueryError(f"no player {player!r}; there are {', '.join(self.referee.players)}")
        self.player = self.referee.players.index(player)
        self.policy = policy_of(equilibrium, self.referee)
        self.render_mode = render_mode
        self.observation_labels = self.referee.features
        self.action_labels = self.referee.actions[self.player]
        self.action_space = gymnasium.spaces.Discrete(len(self.action_labels))
        self.observation_space = gymnasium.spaces.Dict(
            {
                "observation": gymnasium.spaces.Box(
                    self.referee.low, self.referee.high, dtype=np.int64
                ),
                "action_mask": gymnasium.spaces.Box(0, 1, (len(self.action_labels),), np.int8),
            }
        )

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """A new play, up to the learner's first choice."""
        super().reset(seed=seed)
        self._owed = float(self.referee.begin(self.np_random)[self.player])
        self._owed += self._others(None)
        return self._observation(), {}

    def step(self, action: int) -> tuple[dict[str, np.ndarray], float, bool, bool, dict[str, Any]]:
        """The learner's choice, then everybody else's until it has to choose again."""
        choice = self._own()
        paid, self._owed = self._owed, 0.0
        if choice is not None:
            paid += self._others(allowed(choice, int(action)))
        over, cut = self.referee.over, self.referee.cut
        return self._observation(), paid, over and not cut, over and cut, {}

    def equilibrium_action(self) -> int:
        """An action drawn as the equilibrium would in the learner's place."""
        choice = self._own()
        return 0 if choice is None else draw(self.np_random, self.policy(choice))

    def _others(self, action: int | None) -> float:
        """Go on with the learner's action, if there is one, until it has to choose again."""
        paid = 0.0
        while not self.referee.over:
            own = self._own()
            if own is not None and action is None:
                return paid
            picked = {
                one.player: draw(self.np_random, self.policy(one))
                for one in self.referee.choices
                if one is not own
            }
            if own is not None and action is not None:
                picked[self.player] = action
                action = None
            paid += float(self.referee.go_on(picked, self.np_random)[self.player])
        return paid

    def _own(self) -> Choice | None:
        return next((one for one in self.referee.choices if one.player == self.player), None)

    def _observation(self) -> dict[str, np.ndarray]:
        choice = self._own()
        if choice is None:
            mask = np.zeros(len(self.action_labels), np.int8)
            mask[0] = 1
            return {"observation": self.referee.idle_view(self.player), "action_mask": mask}
        return {"observation": choice.sees.copy(), "action_mask": choice.available.astype(np.int8)}

    def render(self) -> str | None:
        """Where play stands, with `render_mode="ansi"`."""
        return self.referee.words() if self.render_mode == "ansi" else None
