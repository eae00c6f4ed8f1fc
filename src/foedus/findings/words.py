"""Numbers in sentences, with no more digits than the evidence carries."""

from __future__ import annotations

from collections.abc import Sequence

NOTHING = 1e-9  # below this a figure is only rounding


def figure(value: float) -> str:
    """A number to two significant digits, written out.

    >>> figure(0.4371), figure(1234.5), figure(-0.00321), figure(3)
    ('0.44', '1200', '-0.0032', '3')
    """
    rounded = float(f"{value:.2g}") if abs(value) > NOTHING else 0.0
    return f"{rounded:.0f}" if abs(rounded) >= 10 else f"{rounded:g}"


def percent(share: float) -> str:
    """A share in whole per cent; never 0 % or 100 % of something that is not.

    >>> percent(0.937), percent(0.998), percent(1.0), percent(0.001)
    ('94 %', 'over 99 %', '100 %', 'under 1 %')
    """
    if 0 < share < 0.01:
        return "under 1 %"
    if 0.99 < share < 1:
        return "over 99 %"
    return f"{round(100 * share)} %"


def chance(p_value: float) -> str:
    """A p-value to two digits, and no smaller than anybody can vouch for.

    >>> chance(0.0412), chance(1.2e-9)
    ('0.041', 'under 0.001')
    """
    return "under 0.001" if p_value < 0.001 else f"{p_value:.2g}"


def listing(words: Sequence[str]) -> str:
    """Words with commas, and `and` before the last.

    >>> listing(["rho", "sigma", "c"])
    'rho, sigma and c'
    """
    return " and ".join([*filter(None, [", ".join(words[:-1])]), *words[-1:]])
