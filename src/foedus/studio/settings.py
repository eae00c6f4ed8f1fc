"""Where the studio listens, who may enter, and how much it may use."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MB = 2**20


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one studio may use, so that no document and no visitor can exhaust the machine.

    - `body`: bytes of a request. `text`: bytes of a scenario, as `foedus check` has it.
    - `documents`, `games`: kept for one desk. `desks`: at most so many; the oldest idle ones go.
    - `seconds`, `memory`: of one question to a solver, before its process is ended. One that
        holds half as much is replaced when it is idle.
    - `briefings`: written and kept in one place.
    - `waiting`: questions that wait, in all. `draws`: of one assessment.
    """

    body: int = 2 * MB
    text: int = 1_000_000
    documents: int = 200
    games: int = 100
    briefings: int = 20
    desks: int = 500
    seconds: float = 120.0
    memory: int = 4096 * MB
    waiting: int = 400
    draws: int = 10_000
    streams: int = 64


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How one studio runs.

    - `home`: where desks are kept. `store`: the run store of a studio on this machine alone;
        where others may enter, every desk has its own.
    - `scenario`: what to open first: a file, a name in the library, or nothing.
    - `password`: needed where `host` is not this machine; `names`: further host names.
    - `writer`: the module whose task `brief` writes a briefing; without one none are offered.
    - `prepare`: called first in every process that solves.
    - `solvers`: how many processes answer questions.
    """

    home: Path
    store: Path
    host: str = "127.0.0.1"
    port: int = 0
    scenario: str | None = None
    password: str | None = None
    names: tuple[str, ...] = ()
    writer: str | None = None
    prepare: Callable[[], None] | None = None
    solvers: int = 1
    limits: Limits = Limits()

    @property
    def local(self) -> bool:
        """Whether only this machine can reach the studio."""
        return is_loopback(self.host)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names by which requests may address the studio, without the port."""
        own = ("127.0.0.1", "localhost", "[::1]") if self.local else (self.host,)
        return tuple(dict.fromkeys(name.lower() for name in (*own, *self.names)))


def is_loopback(host: str) -> bool:
    """Whether an address is that of this machine alone.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
