"""An explanation in words, made from its figures alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from foedus.findings.reason import Contrast, Explanation

TELLING = 0.05  # parts below this share of the largest are not worth a word
NEGLIGIBLE = 5e-7  # payoffs; what rounding may leave of nothing
VISIBLE = 0.005  # differences in probability


def paragraph(reason: Explanation) -> str:
    """Which action is preferred to which, what speaks for it and against it, and when."""
    return " ".join(_sentences(reason))


def _sentences(reason: Explanation) -> Iterator[str]:
    yield _chosen(reason)
    yield from _beliefs(reason)
    if reason.contrasts:
        contrast = reason.contrasts[0]
        yield _worth(contrast)
        yield from _for_and_against(contrast)
        yield from _when(contrast, reason.calendar)
        yield from _next(reason, contrast)
        yield from (_other(other) for other in reason.contrasts[1:])
    yield _averaged(reason)


def _chosen(reason: Explanation) -> str:
    order = sorted(range(len(reason.actions)), key=lambda i: -reason.probability[i])
    first, *rest = (
        f"{_named(reason, reason.actions[i])} with {_per_cent(reason.probability[i])}"
        for i in order
    )
    who = reason.player if reason.label == reason.player else f"{reason.label} ({reason.player})"
    where = f"Where {reason.situation}, " if reason.situation else ""
    if not rest:
        return f"{where}{who} can only choose {_named(reason, reason.actions[0])}."
    return f"{where}{who} chooses {first}, ahead of {_listed(rest)}."


def _beliefs(reason: Explanation) -> Iterator[str]:
    for player, types in reason.beliefs.items():
        said = [f"{name} with {_per_cent(share)}" for name, share in types.items()]
        yield f"It believes that {player} is {_listed(said)}."


def _worth(contrast: Contrast) -> str:
    a, b, by = contrast.preferred, contrast.alternative, contrast.difference
    among = "" if contrast.share > 1 - 1e-9 else " where both can be chosen"
    if abs(by) < NEGLIGIBLE:
        return f"To it, {a} and {b} are worth the same{among}."
    if by > 0:
        return f"To it, {a} is worth {_amount(by)} more than {b}{among}."
    return (
        f"On average {a} is worth {_amount(-by)} less than {b}{among}; it is chosen more often "
        "because of the situations in which it is worth more."
    )


def _for_and_against(contrast: Contrast) -> Iterator[str]:
    parts = _by_part(contrast)
    largest = max(map(abs, parts.values()), default=0.0)
    if largest < NEGLIGIBLE:
        return
    said = {n: x for n, x in parts.items() if abs(x) >= max(TELLING * largest, NEGLIGIBLE)}
    for sign, opening in ((1, "What speaks for it"), (-1, "What speaks against it")):
        named = sorted((n for n in said if sign * said[n] > 0), key=lambda n: -abs(said[n]))
        if named:
            yield f"{opening}: {_listed([f'{n} ({said[n]:+.3g})' for n in named])}."
        else:
            yield f"{opening}: nothing of weight."


def _when(contrast: Contrast, calendar: str) -> Iterator[str]:
    now, later = sum(contrast.now.values()), sum(contrast.later.values())
    if max(abs(now), abs(later)) < NEGLIGIBLE:
        return
    if abs(later) < NEGLIGIBLE:
        yield f"All of the difference lies in this {calendar}."
    elif abs(now) < NEGLIGIBLE:
        yield f"All of the difference lies in later {calendar}s."
    elif now * later > 0:
        share = later / (now + later)
        yield f"{_per_cent(share)} of the difference lies in later {calendar}s."
    else:
        yield (
            f"It brings {now:+.3g} in this {calendar} and {later:+.3g} in later ones, "
            f"so {'the future' if abs(later) > abs(now) else f'this {calendar}'} decides."
        )


def _next(reason: Explanation, contrast: Contrast) -> Iterator[str]:
    """The level of next period that the two actions make most different odds for."""
    i, j = (reason.actions.index(a) for a in (contrast.preferred, contrast.alternative))
    odds = [
        (float(p[i]), float(p[j]), factor, level)
        for factor, levels in reason.next.items()
        for level, p in levels.items()
    ]
    if not odds:
        return
    a, b, factor, level = max(odds, key=lambda row: abs(row[0] - row[1]))
    if abs(a - b) >= VISIBLE:
        yield (
            f"In the next {reason.calendar}, {factor} is {level} with {_per_cent(a)} after "
            f"{contrast.preferred} and {_per_cent(b)} after {contrast.alternative}."
        )


def _other(contrast: Contrast) -> str:
    """One sentence on an action that is further behind."""
    by, parts = contrast.difference, _by_part(contrast)
    behind = f"worth {_amount(abs(by))} {'less' if by > 0 else 'more'}"
    said = sorted(parts, key=lambda name: -by * parts[name])[:2]
    least = max(TELLING * max(map(abs, parts.values()), default=0.0), NEGLIGIBLE)
    sign = 1 if by > 0 else -1
    why = [f"{name} ({-parts[name]:+.3g})" for name in said if sign * parts[name] >= least]
    among = "" if contrast.share > 1 - 1e-9 else ", where it can be chosen,"
    return f"{contrast.alternative}{among} is {behind}" + (
        f", mostly for {_listed(why)}." if why else "."
    )


def _by_part(contrast: Contrast) -> dict[str, float]:
    return {name: contrast.now[name] + contrast.later[name] for name in contrast.now}


def _averaged(reason: Explanation) -> str:
    count = f"{reason.situations:,} situations" if reason.situations > 1 else "one situation"
    blind = f" It does not see {_listed(reason.unseen)} first." if reason.unseen else ""
    return (
        f"From {reason.start}, play gets into {count} of this kind in {reason.calendar} "
        f"{reason.period} with probability {_per_cent(reason.likelihood)}.{blind}"
    )


def _named(reason: Explanation, action: str) -> str:
    label = reason.action_labels[action]
    return action if label in (action, "") else f"{action} ({label})"


def _listed(words: Sequence[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def _amount(value: float) -> str:
    return f"{value:.3g}"


def _per_cent(share: float) -> str:
    percent = 100 * float(np.clip(share, 0.0, 1.0))
    if percent < 1e-10:
        return "0 %"
    if percent < 0.05:
        return "less than 0.1 %"
    if 99.95 <= percent < 100 - 1e-10:
        return "more than 99.9 %"
    return f"{percent:.0f} %" if percent >= 9.95 else f"{percent:.1f} %"
