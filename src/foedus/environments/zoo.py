"""Games as PettingZoo environments: one agent at a time, or all at once."""

from __future__ import annotations

from typing import Any, ClassVar

import gymnasium
import numpy as np
from pettingzoo import AECEnv, ParallelEnv

from foedus.environments.opponents import referee_of
from foedus.environments.referee import Choice, Referee, allowed
from foedus.game.game import Game
from foedus.game.trees.strategic import StrategicGame
from foedus.game.trees.tree import ExtensiveGame


class _Seats:
    """Spaces and observations of the players of a referee, the same in both kinds."""

    def __init__(self, referee: Referee) -> None:
        self.referee = referee
        self.agents = list(referee.players)
        self.actions = {
            name: gymnasium.spaces.Discrete(len(own))
            for name, own in zip(referee.players, referee.actions, strict=True)
        }
        self.observations = {
            name: gymnasium.spaces.Dict(
                {
                    "observation": gymnasium.spaces.Box(referee.low, referee.high, dtype=np.int64),
                    "action_mask": gymnasium.spaces.Box(0, 1, (len(own),), np.int8),
                }
            )
            for name, own in zip(referee.players, referee.actions, strict=True)
        }

    def observe(self, agent: str) -> dict[str, np.ndarray]:
        """What an agent sees and may do; with nothing to choose, only its first action."""
        player = self.referee.players.index(agent)
        choice = self.choice(player)
        mask = np.zeros(len(self.referee.actions[player]), np.int8)
        if choice is None:
            mask[0] = 1
            return {"observation": self.referee.idle_view(player), "action_mask": mask}
        return {"observation": choice.sees.copy(), "action_mask": choice.available.astype(np.int8)}

    def choice(self, player: int) -> Choice | None:
        return next((one for one in self.referee.choices if one.player == player), None)


class _Seated:
    """A game whose players sit as agents: what both kinds of environment are made with and show."""

    def __init__(
        self,
        game: Game | ExtensiveGame | StrategicGame,
        *,
        start: str | None = None,
        periods: int | None = None,
        render_mode: str | None = None,
    ) -> None:
        self.referee = referee_of(game, start=start, periods=periods)
        self._seats = _Seats(self.referee)
        self.possible_agents = list(self._seats.agents)
        self.agents: list[str] = []
        self.render_mode = render_mode
        self.observation_labels = self.referee.features
        self.action_labels = dict(zip(self.possible_agents, self.referee.actions, strict=True))
        self._rng = np.random.default_rng()

    def observation_space(self, agent: str) -> gymnasium.Space[Any]:
        """The same object every time."""
        return self._seats.observations[agent]

    def action_space(self, agent: str) -> gymnasium.Space[Any]:
        """The same object every time."""
        return self._seats.actions[agent]

    def render(self) -> str | None:
        """Where play stands, with `render_mode="ansi"`."""
        return self.referee.words() if self.render_mode == "ansi" else None

    def close(self) -> None:
        """Nothing is held open."""


class GameParallelEnv(_Seated, ParallelEnv):  # type: ignore[misc]
    """A game in which all agents act at every step; who has no choice has one action, the first.

    Observations are dictionaries: `observation`, whole numbers that `observation_labels` names, and
    `action_mask`. Rewards are discounted payoffs, so that their sum is what `values` says. An
    action that is masked counts as the first available one.
    """

    metadata: ClassVar[dict[str, Any]] = {"name": "foedus_parallel_v0", "render_modes": ["ansi"]}

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """A new play; the same one for the same seed and actions."""
        if seed is not None:
            self._rng = np.random.default_rng(seed)
        self.agents = list(self.possible_agents)
        self._owed = self.referee.begin(self._rng)
        seen = {agent: self._seats.observe(agent) for agent in self.agents}
        return seen, {agent: {} for agent in self.agents}

    def step(self, actions: dict[str, int]) -> tuple[dict[str, Any], ...]:
        """Observations, rewards, terminations, truncations, infos."""
        picked = {
            one.player: allowed(one, int(actions[self.referee.players[one.player]]))
            for one in self.referee.choices
        }
        paid = self._owed
        if not self.referee.over:
            paid = paid + self.referee.go_on(picked, self._rng)
        self._owed = np.zeros(len(self.possible_agents))
        over, cut = self.referee.over, self.referee.cut
        seen = {agent: self._seats.observe(agent) for agent in self.agents}
        rewards = dict(zip(self.agents, paid.tolist(), strict=True))
        terminated = dict.fromkeys(self.agents, over and not cut)
        truncated = dict.fromkeys(self.agents, over and cut)
        infos: dict[str, Any] = {agent: {} for agent in self.agents}
        if over:
            self.agents = []
        return seen, rewards, terminated, truncated, infos


class GameAECEnv(_Seated, AECEnv):  # type: ignore[misc]
    """A game in which agents act one at a time, each without seeing what rules hide from it.

    Observations, rewards and masks are as in `GameParallelEnv`.
    """

    metadata: ClassVar[dict[str, Any]] = {
        "name": "foedus_v0",
        "render_modes": ["ansi"],
        "is_parallelizable": False,
    }

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        """A new play; the same one for the same seed and actions."""
        if seed is not None:
            self._rng = np.random.default_rng(seed)
        self.agents = list(self.possible_agents)
        self.rewards = dict.fromkeys(self.agents, 0.0)
        self._cumulative_rewards = dict.fromkeys(self.agents, 0.0)
        self.infos: dict[str, Any] = {agent: {} for agent in self.agents}
        self._picked: dict[int, int] = {}
        self._owed = self.referee.begin(self._rng)
        self._turn()

    def observe(self, agent: str) -> dict[str, np.ndarray]:
        """What the agent sees, and what it may do."""
        return self._seats.observe(agent)

    def step(self, action: int | None) -> None:
        """The action of `agent_selection`."""
        if self.terminations[self.agent_selection] or self.truncations[self.agent_selection]:
            self._was_dead_step(action)
            return
        agent = self.agent_selection
        self._cumulative_rewards[agent] = 0.0
        self._clear_rewards()
        player = self.referee.players.index(agent)
        choice = self._seats.choice(player)
        if choice is not None and action is not None:
            self._picked[player] = allowed(choice, int(action))
        if len(self._picked) == len(self.referee.choices):
            paid = self._owed
            if not self.referee.over:
                paid = paid + self.referee.go_on(self._picked, self._rng)
            self._owed = np.zeros(len(self.possible_agents))
            self._picked = {}
            self.rewards = dict(zip(self.possible_agents, paid.tolist(), strict=True))
        self._turn()
        self._accumulate_rewards()

    def _turn(self) -> None:
        """Whose turn it is, and whether play is over."""
        over, cut = self.referee.over, self.referee.cut
        self.terminations = dict.fromkeys(self.agents, over and not cut)
        self.truncations = dict.fromkeys(self.agents, over and cut)
        waiting = [one.player for one in self.referee.choices if one.player not in self._picked]
        self.agent_selection = self.referee.players[waiting[0] if waiting else 0]
