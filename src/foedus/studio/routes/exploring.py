"""Exploring: settings solved, choices explained, games played."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from starlette.routing import Route

from foedus.errors import QueryError
from foedus.studio.routes.asking import Asking, answering

GAMES = "games"


async def solve(asking: Asking) -> Any:
    """A setting solved for real; the newest question of a panel counts."""
    payload = {
        "text": asking.text(),
        "setting": asking.get("setting", dict, {}),
        "quantities": asking.get("quantities", list),
        "others": asking.get("others", bool, False),
    }
    part = "solve " + asking.get("panel", str, "")[:20]
    return await asking.office.solve(
        asking.desk, asking.tab, "solve", payload, key=_key("solve", payload), part=part
    )


async def why(asking: Asking) -> Any:
    """Why a player acts so."""
    payload = {
        "text": asking.text(),
        "setting": asking.get("setting", dict, {}),
        "player": asking.get("player", str, ""),
        "situation": asking.get("situation", str),
        "move": asking.get("move", str),
        "period": asking.get("period", int),
    }
    return await asking.office.solve(
        asking.desk, asking.tab, "why", payload, key=_key("why", payload)
    )


async def stand(asking: Asking) -> Any:
    """Whether a claim holds at a setting."""
    payload = {
        "text": asking.text(),
        "setting": asking.get("setting", dict, {}),
        "claim": asking.get("claim", str, ""),
    }
    key = _key("stand", payload)
    return await asking.office.solve(asking.desk, asking.tab, "stand", payload, key=key)


async def warm(asking: Asking) -> Any:
    """Compile and solve a scenario's regimes ahead of the first question."""
    payload = {"text": asking.text(), "regimes": asking.get("regimes", list)}
    return await asking.office.solve(asking.desk, asking.tab, "warm", payload)


async def cancel(asking: Asking) -> Any:
    """Stop whatever this tab has asked to be solved."""
    return {"stopped": asking.office.solvers.cancel((asking.desk.id, asking.tab))}


async def games(asking: Asking) -> Any:
    """The games on the desk."""
    found = asking.desk.things(GAMES)
    return {"games": [{k: v for k, v in game.items() if k != "text"} for game in found]}


async def begin(asking: Asking) -> Any:
    """A new game: the scenario as it is now, a setting, the seats that people take, the luck."""
    seats = asking.get("seats", list, [])
    if not all(isinstance(seat, str) for seat in seats):
        raise QueryError("`seats` is a list of players")
    game = {
        "document": asking.document,
        "text": asking.text(),
        "setting": asking.get("setting", dict, {}),
        "seats": seats,
        "start": asking.get("start", str, ""),
        "seed": asking.get("seed", int, 1),
        "choices": [],
    }
    position = await _position(asking, game)
    return {"game": _without_text(asking.desk.put(GAMES, game)), "position": position}


async def game(asking: Asking) -> Any:
    """A game and where it stands."""
    found = asking.desk.thing(GAMES, asking.path("id"))
    return {"game": _without_text(found), "position": await _position(asking, found)}


async def move(asking: Asking) -> Any:
    """A choice. `at` is how many there were before: a second tab cannot choose twice."""
    found = asking.desk.thing(GAMES, asking.path("id"))
    at = asking.get("at", int, 0)
    if asking.get("back", bool, False):
        found["choices"] = found["choices"][:at]
    elif at != len(found["choices"]):
        raise QueryError("this game has gone on in another tab; load it again")
    else:
        found["choices"] = [*found["choices"], asking.get("action", str, "")]
    position = await _position(asking, found)
    asking.desk.put(GAMES, found)
    asking.office.events.tell(asking.desk.id, "game", {"id": found["id"], "tab": asking.tab})
    return {"game": _without_text(found), "position": position}


async def drop(asking: Asking) -> Any:
    """A game removed."""
    asking.desk.drop(GAMES, asking.path("id"))
    return {"removed": asking.path("id")}


async def _position(asking: Asking, game: dict[str, Any]) -> Any:
    names = ("text", "setting", "seats", "start", "seed", "choices")
    payload = {name: game[name] for name in names}
    return await asking.office.solve(
        asking.desk, asking.tab, "play", payload, key=_key("play", payload)
    )


def _without_text(game: dict[str, Any]) -> dict[str, Any]:
    digest = hashlib.sha256(game["text"].encode()).hexdigest()
    return {**{k: v for k, v in game.items() if k != "text"}, "sha256": digest}


def _key(kind: str, payload: Any) -> str:
    said = json.dumps([kind, payload], sort_keys=True)
    return hashlib.sha256(said.encode("utf-8", errors="surrogatepass")).hexdigest()


ROUTES = [
    Route("/api/solve", answering(solve), methods=["POST"]),
    Route("/api/why", answering(why), methods=["POST"]),
    Route("/api/stand", answering(stand), methods=["POST"]),
    Route("/api/warm", answering(warm), methods=["POST"]),
    Route("/api/cancel", answering(cancel), methods=["POST"]),
    Route("/api/games", answering(games)),
    Route("/api/games", answering(begin), methods=["POST"]),
    Route("/api/games/{id}", answering(game)),
    Route("/api/games/{id}", answering(move), methods=["POST"]),
    Route("/api/games/{id}", answering(drop), methods=["DELETE"]),
]
