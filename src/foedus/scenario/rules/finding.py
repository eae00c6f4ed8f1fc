"""What a check found: where in the document, what it is, why it matters and what usually helps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]
Subject = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that an analyst should know about the rules of a scenario.

    `subject` is the path of the part in question in the merged document of
    `regime` and `variant`, for instance `("next", "control", 2, "up")`. Moves
    are counted one by one, the members of a simultaneous block included.
    """

    code: str
    severity: Severity
    subject: Subject
    message: str
    why: str
    hint: str
    regime: str | None = None
    variant: str | None = None
