"""Where announcements go: networks by name, with their secrets in the environment only."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foedus.errors import BriefingError

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
KNOWN = ("url_from", "limit", "card")


@dataclass(frozen=True, kw_only=True)
class Network:
    """A network to announce on.

    - `variable`: the environment variable that holds its address with all secrets.
    - `limit`: most characters of a post; None for what the network takes.
    - `card`: whether the social card goes with it.
    """

    name: str
    variable: str
    limit: int | None = None
    card: bool = True


@dataclass(frozen=True, kw_only=True)
class Address:
    """A network with its address, which is never shown."""

    network: Network
    url: str = field(repr=False)


def read_networks(path: Path) -> tuple[Network, ...]:
    """The networks of a configuration file, one table for each.

    Raises `BriefingError` that lists everything wrong with the file.
    """
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise BriefingError(f"{path} cannot be read: {fault}") from fault
    problems = [problem for name, table in found.items() for problem in _problems(name, table)]
    if problems:
        raise BriefingError(
            "\n  ".join([f"{path} cannot be used:", *problems]),
            hints=['[mastodon]\n       url_from = "MASTODON_URL"'],
        )
    if not found:
        raise BriefingError(f"{path} names no network")
    return tuple(
        Network(
            name=name,
            variable=table["url_from"],
            limit=table.get("limit"),
            card=table.get("card", True),
        )
        for name, table in found.items()
    )


def _problems(name: str, table: Any) -> list[str]:
    if not isinstance(table, dict):
        return [f"{name!r} stands outside a table of a network, such as [mastodon]"]
    problems = [
        f"{name}: a secret does not belong into a file; name the environment variable that holds "
        "the address, as url_from"
        if key in ("url", "token", "password")
        else f"{name}: {key!r} is no setting; known are {', '.join(KNOWN)}"
        for key in table
        if key not in KNOWN
    ]
    variable = table.get("url_from")
    if not isinstance(variable, str) or not VARIABLE.fullmatch(variable):
        problems.append(f"{name}: url_from must name an environment variable")
    limit = table.get("limit")
    if limit is not None and (not isinstance(limit, int) or limit < 100):
        problems.append(f"{name}: limit must be a whole number of characters, 100 or more")
    if not isinstance(table.get("card", True), bool):
        problems.append(f"{name}: card must be true or false")
    return problems


def addresses(networks: tuple[Network, ...], environment: Mapping[str, str]) -> list[Address]:
    """The networks with their addresses.

    Raises `BriefingError` that names every variable which is not set.
    """
    lacking = [network for network in networks if not environment.get(network.variable)]
    if lacking:
        raise BriefingError(
            "\n  ".join(
                ["not every network has its address:"]
                + [f"{one.name}: {one.variable} is not set" for one in lacking]
            ),
            hints=["set it to an address as apprise writes them: mastodons://TOKEN@HOST"],
        )
    return [Address(network=one, url=environment[one.variable]) for one in networks]
