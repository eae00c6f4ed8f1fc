"""Probabilities written out by hand, one game at a time: what the general code must give."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm


def egame12(u11, u13, u14, u24, *, private: bool) -> np.ndarray:
    """Signorino's two-player game: 1 waits (1), or acts; then 2 yields (3) or resists (4)."""
    p4 = norm.cdf(u24 / np.sqrt(2))
    spread = np.sqrt(1 + p4**2 + (1 - p4) ** 2) if private else np.sqrt(2)
    act = norm.cdf((p4 * u14 + (1 - p4) * u13 - u11) / spread)
    return np.stack([1 - act, act * (1 - p4), act * p4], axis=-1)


def egame123(u, *, private: bool) -> np.ndarray:
    """Three players in a row; `u` has the terms u11 u13 u15 u16 u23 u25 u26 u36."""
    u11, u13, u15, u16, u23, u25, u26, u36 = u
    p6 = norm.cdf(u36 / np.sqrt(2))
    p5 = 1 - p6
    spread = np.sqrt(1 + p5**2 + p6**2) if private else np.sqrt(2)
    p4 = norm.cdf((p5 * u25 + p6 * u26 - u23) / spread)
    p3 = 1 - p4
    spread = np.sqrt(1 + p3**2 + (p4 * p5) ** 2 + (p4 * p6) ** 2) if private else np.sqrt(2)
    p2 = norm.cdf((p3 * u13 + p4 * (p5 * u15 + p6 * u16) - u11) / spread)
    return np.stack([1 - p2, p2 * p3, p2 * p4 * p5, p2 * p4 * p6], axis=-1)


def egame122(u, *, private: bool) -> np.ndarray:
    """1 goes left or right, 2 answers; `u` has the terms u11 u12 u13 u14 u22 u24."""
    u11, u12, u13, u14, u22, u24 = u
    p4, p6 = norm.cdf(u22 / np.sqrt(2)), norm.cdf(u24 / np.sqrt(2))
    p3, p5 = 1 - p4, 1 - p6
    spread = np.sqrt(p3**2 + p4**2 + p5**2 + p6**2) if private else np.sqrt(2)
    right = norm.cdf((p5 * u13 + p6 * u14 - p3 * u11 - p4 * u12) / spread)
    return np.stack([(1 - right) * p3, (1 - right) * p4, right * p5, right * p6], axis=-1)
