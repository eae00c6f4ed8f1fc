"""Did you mean: the closest known name to one that is not known."""

from __future__ import annotations

from collections.abc import Iterable


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known name that `word` is most likely a misspelling of, if any is close.

    >>> closest("phsae", ["phase", "control"])
    'phase'
    """
    from difflib import get_close_matches  # costs a few milliseconds; only needed for mistakes

    names = sorted(set(known))
    for name in names:
        if name.lower() == word.lower():
            return name
    found = get_close_matches(word[:80], names, n=1, cutoff=0.6)
    return found[0] if found else None


def did_you_mean(word: str, known: Iterable[str], what: str = "") -> str:
    """A hint that names the closest known name, else the known names as far as they are few."""
    names = list(dict.fromkeys(known))
    if close := closest(word, names):
        return f"did you mean `{close}`?"
    if not names:
        return f"there are no {what} here" if what else ""
    listed = ", ".join(f"`{name}`" for name in names[:12])
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return f"{what or 'known'}: {listed}{more}"
