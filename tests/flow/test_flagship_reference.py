"""The flagship once more, written directly in NumPy, must have the same values in every state.

Nothing here is shared with the scenario file, the compiler or the solver but the
parameter values: the transitions and payoffs are written out by hand.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np
import pytest
import scipy.sparse as sp

import foedus as fd

ARMISTICE, WAR, DIRECT = range(3)
IN_FORCE, VOID, DORMANT = range(3)
COMMITTED, RETRENCHING = range(2)
SIZES = (3, 5, 3, 4, 2, 3)  # phase, control, arms, integration, alignment, treaty
PLAYERS = ("RU", "UA", "US", "EU")


def rows_of_play() -> dict[str, np.ndarray]:
    """Every state with every possible sequence of actions, one row each.

    RU: 0 respect/offer line/back down, 1 hassle/offer neutral/hold, 2 attack/fight/escalate,
    3 escalate in war. UA: 0 hold/accept, 1 probe/fight, 2 strike. US, EU: 0 withhold/back
    down, 1 sustain/hold, 2 surge/escalate, 3 intervene/join.
    """
    axes = np.meshgrid(*(np.arange(n) for n in (*SIZES, 4, 3, 4, 4)), indexing="ij", sparse=True)
    phase, ru, ua, us, eu = axes[0], *axes[6:]
    war, truce = phase == WAR, phase == ARMISTICE
    accepted = war & (ru <= 1) & (ua == 0)
    may_fight = (truce & (ru == 2)) | (war & ~accepted)
    possible = (
        ((ru < 3) | war)
        & np.where(war, (ua > 0) | (ru <= 1), np.where(truce & (ru != 2), ua < 2, ua == 0))
        & np.where(
            phase == DIRECT, (us < 3) & (eu == 0), ((us < 3) | may_fight) & ((eu < 3) | may_fight)
        )
    )
    shape = (*SIZES, 4, 3, 4, 4)
    index = np.nonzero(np.broadcast_to(possible, shape))
    names = ("phase", "x", "a", "k", "theta", "b", "ru", "ua", "us", "eu")
    return dict(zip(names, index, strict=True))


def describe(
    r: Mapping[str, np.ndarray], v: Mapping[str, float], regime: str
) -> dict[str, np.ndarray]:
    """What the rules need to know about each row."""
    war, truce, direct = (r["phase"] == p for p in (WAR, ARMISTICE, DIRECT))
    attack = truce & (r["ru"] == 2)
    offered = war & (r["ru"] <= 1)
    accepted = offered & (r["ua"] == 0)
    due = attack & (r["b"] == IN_FORCE)
    member = due & (r["k"] == 3)
    unmet = {
        "A_B": due & (r["us"] == 0) if regime == "pact" else due & False,
        "A_T": due & (r["us"] != 3) if regime == "pact_with_troops" else due & False,
        "A_M": member & (r["us"] != 3),
    }
    survival = {"A_B": v["e_B"], "A_T": (v["e_B"] + v["e_M"]) / 2, "A_M": v["e_M"]}
    retrench = r["theta"] == RETRENCHING
    breach_cost = sum(
        v[name] * broken * np.where(retrench, survival[name], 1) for name, broken in unmet.items()
    )
    return {
        "war": war, "truce": truce, "direct": direct, "attack": attack, "offered": offered,
        "probe": truce & ~attack & (r["ua"] == 1), "hassle": truce & (r["ru"] == 1),
        "strike": war & (r["ua"] == 2), "push": war & (r["ru"] == 3), "accepted": accepted,
        "neutral": accepted & (r["ru"] == 1), "yielding": war & (r["ua"] == 0),
        "ru_down": direct & (r["ru"] == 0), "us_down": direct & (r["us"] == 0),
        "steps": direct * ((r["ru"] == 2) + 0 + (r["us"] == 2)), "retrench": retrench,
        "us_aid": np.where(direct, 0, np.minimum(r["us"], 2)), "eu_aid": np.minimum(r["eu"], 2),
        "us_in": ~direct & (r["us"] == 3), "eu_in": r["eu"] == 3, "member": member,
        "breach": unmet["A_B"] | unmet["A_T"] | unmet["A_M"], "breach_cost": breach_cost,
    }  # fmt: skip


def payoffs(
    r: Mapping[str, np.ndarray], d: Mapping[str, np.ndarray], v: Mapping[str, float]
) -> np.ndarray:
    """(rows, players)"""
    held = r["x"] / 4
    threat = 0.5 * r["k"] / 3 + 0.5 * r["a"] / 2
    war_cost = v["c_R"] * d["war"] * (1 + 0.3 * d["push"])
    price = v["c_aid"] * np.where(d["truce"], 0.5, 1)
    russia = (
        (1 - v["sigma"]) * held - v["sigma"] * threat - war_cost - v["ell"] * d["attack"]
        - v["chi_R"] * (1 - held) * (1 - v["sigma"] * d["neutral"]) * d["accepted"]
        - v["c_dir"] / v["rho"] * d["direct"]
    )  # fmt: skip
    ukraine = (
        -held + v["nu"] * r["k"] / 3
        - v["c_U"] * (d["war"] | d["direct"]) * (1 + 0.15 * d["strike"])
        - v["ell"] * d["probe"] - v["chi_U"] * held * d["accepted"]
    )  # fmt: skip
    lost_level = d["war"] & (r["us"] == 0) & (r["k"] > 0) & (r["k"] < 3)
    america = (
        -held + v["omega"] * war_cost - price * d["us_aid"] * np.where(d["retrench"], v["psi"], 1)
        - d["breach_cost"] - v["eta"] * lost_level - v["c_dir"] * d["direct"]
        - 0.3 * v["c_dir"] * d["us_in"]
    )  # fmt: skip
    europe = (
        -held - price * d["eu_aid"] - v["A_M"] * (d["member"] & ~d["eu_in"])
        - 0.1 * v["c_U"] * d["war"] - v["c_dir"] * d["direct"]
    )  # fmt: skip
    return np.stack([russia, ukraine, america, europe], axis=1)


def next_phase(
    r: Mapping[str, np.ndarray], d: Mapping[str, np.ndarray], v: Mapping[str, float]
) -> np.ndarray:
    """(rows, 4): armistice, war, direct, catastrophe."""
    p = np.zeros((len(r["x"]), 4))
    joined = d["us_in"] | d["eu_in"]
    resumed = d["attack"] | d["probe"]
    calm = d["truce"] & ~resumed
    slip = np.where(d["hassle"], 0.06, 0.02)
    surge = (d["war"] | d["truce"]) & ((r["us"] == 2) | (r["eu"] == 2))
    clash = np.minimum(1, v["eps2"] * v["m"] ** (surge + 0 + d["strike"] + d["push"]))
    both = d["ru_down"] & d["us_down"]
    worst = np.minimum(1, v["eps4"] * v["m"] ** d["steps"] * np.where(both, 0.25, 1))
    open_war = d["war"] & ~d["accepted"] & ~joined
    p[:, ARMISTICE] = calm * (1 - slip) + d["accepted"] * 0.95 + d["ru_down"] * (1 - worst)
    p[:, WAR] = (
        calm * slip + (resumed & ~joined) + d["accepted"] * 0.05 + open_war * (1 - clash)
        + (d["us_down"] & ~d["ru_down"]) * (1 - worst)
    )  # fmt: skip
    p[:, DIRECT] = (
        ((resumed | (d["war"] & ~d["accepted"])) & joined) + open_war * clash
        + (d["direct"] & ~d["ru_down"] & ~d["us_down"]) * (1 - worst)
    )  # fmt: skip
    p[:, 3] = d["direct"] * worst
    return p


def steps(
    r: Mapping[str, np.ndarray], d: Mapping[str, np.ndarray], v: Mapping[str, float]
) -> tuple[np.ndarray, np.ndarray]:
    """(rows, 3) each: control and arms go down, stay or go up by one."""
    tilt = v["beta"] - v["kappa"] * (r["a"] - 1)
    ru_pace = np.where(d["offered"], 0.5, np.where(d["push"], 1.5, 1))
    ua_pace = np.where(d["yielding"], 0.5, np.where(d["strike"], 1.5, 1))
    up = d["war"] * np.clip(v["mu"] * (1 + tilt) * ru_pace, 0, 1) + 0.3 * v["mu"] * d["hassle"]
    down = d["war"] * np.clip(v["mu"] * (1 - tilt) * ua_pace, 0, 1)
    only_us = d["us_down"] & ~d["ru_down"]
    neither = d["direct"] & ~d["us_down"] & ~d["ru_down"]
    up = up + 0.5 * only_us + 0.2 * neither
    down = down + 0.7 * d["ru_down"] + 0.25 * neither
    aid = d["us_aid"] + d["eu_aid"]
    more = 0.5 * (~d["direct"] & (aid >= 3))
    less = np.where(aid == 0, 0.5, np.where(d["war"] & (aid == 1), 0.25, 0)) * ~d["direct"]
    return np.stack([down, 1 - up - down, up], 1), np.stack([less, 1 - more - less, more], 1)


def next_treaty(r: Mapping[str, np.ndarray], d: Mapping[str, np.ndarray], to: int) -> np.ndarray:
    """The treaty's next status if the next phase is `to`."""
    ends = d["breach"] | d["probe"] | (d["us_down"] & ~d["ru_down"])
    ends = ends | (d["neutral"] & (to == ARMISTICE))
    wakes = (r["b"] == DORMANT) & (to == ARMISTICE)
    return np.where(ends | (r["b"] == VOID), VOID, np.where(wakes, IN_FORCE, r["b"]))


def next_integration(
    r: Mapping[str, np.ndarray],
    d: Mapping[str, np.ndarray],
    v: Mapping[str, float],
    regime: str,
    to: int,
    treaty: np.ndarray,
) -> np.ndarray:
    """(rows, 4) if the next phase is `to` and the next status of the treaty is `treaty`."""
    k = r["k"]
    levels = np.arange(4)
    stays = (k[:, None] == levels).astype(float)
    rate = np.where(r["b"] != VOID, v["q_k"], v["q_k"] / v["f_k"]) * (d["us_aid"] >= 1) * (k < 2)
    risen = (np.minimum(k + 1, 3)[:, None] == levels) * rate[:, None]
    p = stays * (1 - rate[:, None]) + risen
    loosened = d["war"] & (r["us"] == 0) & (k < 3)
    p = np.where(loosened[:, None], np.maximum(k - 1, 0)[:, None] == levels, p)
    quiet = (regime == "membership") & (r["b"] != VOID) & d["truce"] & (to == ARMISTICE) & (k < 3)
    joining = p * (1 - v["alpha"]) + v["alpha"] * (levels == 3)
    p = np.where(quiet[:, None], joining, p)
    member = np.where(treaty == VOID, 2, 3)
    p = np.where((k == 3)[:, None], member[:, None] == levels, p)
    neutral = d["neutral"] & (to == ARMISTICE)
    return np.where(neutral[:, None], levels == 0, p)


def transitions(
    r: Mapping[str, np.ndarray], d: Mapping[str, np.ndarray], v: Mapping[str, float], regime: str
) -> sp.csr_array:
    """(rows, states + 1); the last column is catastrophe."""
    n_rows, n_states = len(r["x"]), int(np.prod(SIZES))
    phase = next_phase(r, d, v)
    control, arms = steps(r, d, v)
    turn = np.full((n_rows, 2), 0.125)
    turn[np.arange(n_rows), r["theta"]] = 0.875
    rows, columns, weights = [np.arange(n_rows)], [np.full(n_rows, n_states)], [phase[:, 3]]
    for to in range(3):
        treaty = next_treaty(r, d, to)
        integration = next_integration(r, d, v, regime, to, treaty)
        for dx, da, k, theta in itertools.product((-1, 0, 1), (-1, 0, 1), range(4), range(2)):
            p = (
                phase[:, to]
                * control[:, dx + 1]
                * arms[:, da + 1]
                * integration[:, k]
                * turn[:, theta]
            )
            at = np.flatnonzero(p)
            x = np.clip(r["x"][at] + dx, 0, 4)
            a = np.clip(r["a"][at] + da, 0, 2)
            levels = (np.full(len(at), to), x, a, np.full(len(at), k), np.full(len(at), theta))
            rows.append(at)
            columns.append(np.ravel_multi_index((*levels, treaty[at]), SIZES))
            weights.append(p[at])
    entries = (np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns)))
    return sp.coo_array(entries, shape=(n_rows, n_states + 1)).tocsr()


def reference_values(
    v: Mapping[str, float], regime: str, precision: float, horizon: int
) -> np.ndarray:
    """(states, players) at the first period, by backward induction with logit responses."""
    r = rows_of_play()
    d = describe(r, v, regime)
    u, move = payoffs(r, d, v), transitions(r, d, v, regime)
    assert np.abs(move.sum(axis=1) - 1).max() < 1e-12
    shape = (*SIZES, 4, 3, 4, 4)
    place = np.ravel_multi_index(tuple(r.values()), shape)
    values = np.zeros((int(np.prod(SIZES)) + 1, 4))
    values[-1] = [-v["c_cat"] / v["rho"], -v["c_cat"], -v["c_cat"], -v["c_cat"]]
    for _ in range(horizon):
        q = np.full((int(np.prod(shape)), 4), np.nan)
        q[place] = u + v["delta"] * (move @ values)
        q = q.reshape(-1, 4, 3, 4, 4, 4)
        for mover in (3, 2, 1, 0):
            scaled = precision * q[..., mover]
            best = np.nanmax(np.where(np.isnan(scaled), -np.inf, scaled), axis=-1, keepdims=True)
            weight = np.where(
                np.isnan(scaled), 0, np.exp(scaled - np.where(np.isfinite(best), best, 0))
            )
            total = weight.sum(axis=-1)
            mixed = (weight[..., None] * np.nan_to_num(q)).sum(axis=-2)
            with np.errstate(invalid="ignore"):
                q = mixed / np.where(total > 0, total, np.nan)[..., None]
        values[:-1] = q
    return values[:-1]


@pytest.mark.parametrize("regime", ["none", "pact", "pact_with_troops", "membership"])
def test_values_agree_with_the_reference_in_every_state(regime: str) -> None:
    """At values where steps of control are cut off and risks are steep."""
    game = fd.compile_scenario(fd.read("us-ukraine-pact"), regime=regime).at(
        sigma=0.8, beta=0.7, kappa=0.85, mu=0.24, eps2=0.03, m=3.9, eps4=0.29
    )
    solved = fd.solve(game, fd.Logit(precision=6.0))
    expected = reference_values(game.values, regime, 6.0, 40)
    states = game.structure.states
    live = np.ravel_multi_index(tuple(states.codes[: states.n_live].T), SIZES)
    np.testing.assert_allclose(solved.values[: states.n_live], expected[live], atol=1e-9)
