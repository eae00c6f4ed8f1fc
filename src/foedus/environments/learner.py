"""A learner that knows nothing of the game: averages of what followed each action, in a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Seen = tuple[int, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Learned:
    """What a learner takes each action to be worth, by what it saw."""

    worth: Mapping[Seen, np.ndarray] = field(repr=False)
    plays: int

    def action(self, observation: Mapping[str, np.ndarray]) -> int:
        """The best action by the table, among those available."""
        mask = observation["action_mask"].astype(bool)
        known = self.worth.get(_key(observation))
        if known is None:
            return int(np.argmax(mask))
        return int(np.argmax(np.where(mask, known, -np.inf)))


@dataclass(frozen=True, kw_only=True)
class Earnings:
    """The mean of what plays paid, and its standard error."""

    mean: float
    error: float
    plays: int


def learn(env: Any, *, plays: int = 5000, seed: int = 0, explore: float = 0.2) -> Learned:
    """Learn to play `env` by trying: every-visit Monte Carlo control (Sutton & Barto 2018, ch. 5).

    - `env`: a `BestReplyEnv`, or any environment of Gymnasium with such observations.
    - `explore`: share of actions taken at random, shrinking to a tenth of it at the end.
    """
    rng = np.random.default_rng(seed)
    size = int(env.action_space.n)
    totals: dict[Seen, np.ndarray] = defaultdict(lambda: np.zeros(size))
    counts: dict[Seen, np.ndarray] = defaultdict(lambda: np.zeros(size))
    observation, _ = env.reset(seed=seed)
    for play in range(plays):
        if play:
            observation, _ = env.reset()
        curious = explore * (1.0 - 0.9 * play / plays)
        steps: list[tuple[Seen, int]] = []
        rewards: list[float] = []
        over = False
        while not over:
            key, options = _key(observation), np.flatnonzero(observation["action_mask"])
            untried = options[counts[key][options] == 0]
            if len(untried):
                action = int(rng.choice(untried))
            elif rng.random() < curious:
                action = int(rng.choice(options))
            else:
                means = totals[key][options] / counts[key][options]
                action = int(options[np.argmax(means)])
            observation, reward, ended, cut, _ = env.step(action)
            steps.append((key, action))
            rewards.append(float(reward))
            over = ended or cut
        ahead = 0.0
        for (key, action), reward in zip(reversed(steps), reversed(rewards), strict=True):
            ahead += reward
            totals[key][action] += ahead
            counts[key][action] += 1.0
    worth = {
        key: np.where(counts[key] > 0, totals[key] / np.maximum(counts[key], 1.0), -np.inf)
        for key in counts
    }
    return Learned(worth=worth, plays=plays)


def earn(env: Any, learned: Learned | None = None, *, plays: int = 2000, seed: int = 1) -> Earnings:
    """What plays of `env` pay by what was learned, or by the equilibrium itself without it."""
    found = np.zeros(plays)
    observation, _ = env.reset(seed=seed)
    for play in range(plays):
        if play:
            observation, _ = env.reset()
        over = False
        while not over:
            action = env.equilibrium_action() if learned is None else learned.action(observation)
            observation, reward, ended, cut, _ = env.step(action)
            found[play] += reward
            over = ended or cut
    error = float(found.std(ddof=1) / np.sqrt(plays)) if plays > 1 else np.inf
    return Earnings(mean=float(found.mean()), error=error, plays=plays)


def _key(observation: Mapping[str, np.ndarray]) -> Seen:
    return tuple(observation["observation"].tolist())
