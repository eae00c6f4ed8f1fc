r"""Crisis signalling with private war payoffs (Lewis & Schultz 2003, Jo 2011): all equilibria.

A challenges or not; B resists or concedes; A fights or backs down. Payoffs of A: S_A if it does
not challenge, V_A if B concedes, $W_A + \epsilon$ in war, $a + \epsilon'$ on backing down. Payoffs
of B: C_B if it concedes, $W_B + \epsilon''$ in war, V_B if A backs down. Each shock is standard
normal and known to the one it belongs to. With p the chance that B resists,

    c = (S_A - (1 - p) V_A) / p                    what a fight or a retreat must be worth to A
    g = 1 - Φ(c - W_A) Φ(c - a)                    A challenges
    f = Φ₂((W_A - a)/√2, W_A - c; 1/√2) / g        A fights if B resists its challenge
    p = Φ((f W_B + (1 - f) V_B - C_B) / f)         B resists

so that equilibria are the fixed points of one function of p.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.special import log_ndtr, ndtr
from scipy.stats import multivariate_normal, norm

from foedus.errors import GameError
from foedus.numerics.roots import zeros

Line = Float[np.ndarray, "points"]
CORRELATION = np.sqrt(0.5)
NODES, WEIGHTS = np.polynomial.legendre.leggauss(64)
EDGE = 1e-9  # of the open interval of p


@dataclass(frozen=True, kw_only=True)
class CrisisSignalling:
    """The game by its payoffs, named as in the literature: see the top of this module."""

    status_quo: float  # S_A
    prize: float  # V_A
    concession: float  # C_B
    war_challenger: float  # mean of A's payoff of war
    war_target: float  # mean of B's payoff of war
    retreat: float  # mean of A's payoff of backing down
    stand: float  # V_B, when A backs down

    def __post_init__(self) -> None:
        if not all(np.isfinite(value) for value in self.__dict__.values()):
            raise GameError("payoffs of a crisis-signalling game are finite numbers")
        if self.prize <= self.status_quo:
            raise GameError(
                "without a prize above the status quo there is nothing to challenge for"
            )

    def challenges(self, p: Line) -> Line:
        """How likely A challenges where B resists with probability p."""
        cut = self._cut(p)
        a, b = cut - self.war_challenger, cut - self.retreat
        return np.asarray(-np.expm1(log_ndtr(a) + log_ndtr(b)))

    def fights(self, p: Line) -> Line:
        """How likely A fights, given that it has challenged and B resists."""
        cut = self._cut(p)
        joint = _fights_too(cut, self.war_challenger, self.retreat)
        return np.asarray(joint / self.challenges(p))

    def resists(self, p: Line) -> Line:
        """B's best reply to what A does where B resists with probability p."""
        fights = self.fights(p)
        with np.errstate(divide="ignore", over="ignore"):
            edge = fights * self.war_target + (1 - fights) * self.stand - self.concession
            return np.asarray(ndtr(edge / fights))

    def _cut(self, p: Line) -> Line:
        return np.asarray((self.status_quo - (1 - p) * self.prize) / p)


@dataclass(frozen=True, kw_only=True)
class CrisisEquilibrium:
    """One equilibrium. `low` and `high` enclose `resists`, with opposite signs of the residual.

    `residual`: how far B's play is from its best reply, by code that the search does not share.
    `stable`: whether best replies lead back to it.
    """

    resists: float
    challenges: float
    fights: float
    low: float
    high: float
    residual: float
    stable: bool


@dataclass(frozen=True, kw_only=True)
class CrisisEquilibria:
    """All that were found, by rising p, and what is known about others."""

    items: tuple[CrisisEquilibrium, ...]
    completeness: str

    def __len__(self) -> int:
        return len(self.items)


def crisis_equilibria(game: CrisisSignalling, *, cells: int = 4000) -> CrisisEquilibria:
    """Every equilibrium of the game that a scan of `cells` cells can tell apart.

    >>> game = CrisisSignalling(status_quo=0, prize=1, concession=0, war_challenger=-1.9,
    ...     war_target=-2.9, retreat=-1.2, stand=1)
    >>> [round(one.resists, 4) for one in crisis_equilibria(game).items]
    [0.2511, 0.5947, 0.8133]
    """
    found = zeros(lambda p: game.resists(p) - p, EDGE, 1 - EDGE, cells=cells)
    items = []
    for p, low, high, rises in zip(found.at, found.lows, found.highs, found.rises, strict=True):
        at = np.array([p])
        items.append(
            CrisisEquilibrium(
                resists=float(p),
                challenges=float(game.challenges(at)[0]),
                fights=float(game.fights(at)[0]),
                low=float(low),
                high=float(high),
                residual=abs(best_reply(game, float(p)) - float(p)),
                stable=not rises,
            )
        )
    words = (
        f"all found at resolution {(1 - 2 * EDGE) / found.cells:.2g} of p, by a scan of "
        f"{found.cells} cells and of every turning point towards zero; nearest miss "
        f"{found.clearance:.2g}; not a proof that there are no others"
    )
    if len(items) % 2 == 0:
        words += "; an even number, so one is missed or two have just met"
    return CrisisEquilibria(items=tuple(items), completeness=words)


def best_reply(game: CrisisSignalling, p: float) -> float:
    """B's best reply at p, by SciPy's normal distributions in place of the quadrature here."""
    cut = (game.status_quo - (1 - p) * game.prize) / p
    war, back = game.war_challenger, game.retreat
    challenge = 1 - norm.cdf(cut - war) * norm.cdf(cut - back)
    both = multivariate_normal(mean=[0, 0], cov=[[1, CORRELATION], [CORRELATION, 1]])
    joint = both.cdf(np.array([(war - back) / np.sqrt(2), war - cut]))
    fights = joint / challenge
    edge = fights * game.war_target + (1 - fights) * game.stand - game.concession
    return float(norm.cdf(edge / fights))


def _fights_too(cut: Line, war: float, retreat: float) -> Line:
    r"""P(war shock makes war better than both retreat and `cut`): $\int_{cut}^\infty \phi(w - W)
    \Phi(w - a)\,dw$, by Gauss-Legendre on the standard scale."""
    low = np.clip(np.asarray(cut, float) - war, -9.0, 9.0)
    half = 0.5 * (9.0 - low)
    nodes = low[..., None] + half[..., None] * (NODES + 1.0)
    density = np.exp(-0.5 * nodes**2) / np.sqrt(2 * np.pi)
    inside = density * ndtr(nodes + war - retreat)
    return np.asarray(np.maximum(half * (inside @ WEIGHTS), 1e-300))
