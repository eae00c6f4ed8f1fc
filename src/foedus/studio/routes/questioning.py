"""Questioning: assessments, claims judged anew, assumptions challenged; and the kept runs."""

from __future__ import annotations

import json
from typing import Any

from starlette.routing import Route

from foedus.errors import QueryError
from foedus.studio.routes.asking import Asking, answering

FIELDS = ("label", "by", "where", "says", "holds", "effect", "unit", "given", "untestable")


async def start(asking: Asking) -> Any:
    """An assessment put in line."""
    most = asking.office.settings.limits.draws
    draws, checks = asking.get("draws", int, 256), asking.get("checks", int, 0)
    if not 1 <= draws <= most or not 0 <= checks <= draws:
        raise QueryError(f"an assessment has 1 to {most:,} draws, and no more checks than draws")
    order = {
        "document": asking.document,
        "name": asking.document,
        "text": asking.text(),
        "draws": draws,
        "checks": checks,
        "seed": asking.get("seed", int, 7),
        "quick": asking.get("quick", bool, True),
        "claims": asking.get("claims", list),
    }
    return _short(asking.office.assessments.start(asking.desk, order))


async def all_of_them(asking: Asking) -> Any:
    """The assessments of the desk."""
    return {"assessments": asking.office.assessments.all(asking.desk)}


async def one(asking: Asking) -> Any:
    """An assessment with its findings, which are in the run store."""
    entry = _short(asking.office.assessments.get(asking.desk, asking.path("id")))
    if entry["status"] == "done":
        payload = {"store": str(asking.desk.store), "id": entry["run"]}
        place = f"{asking.tab} {entry['run']}"
        entry["findings"] = (await asking.office.read(asking.desk, place, "run", payload))[
            "findings"
        ]
    return entry


async def cancel(asking: Asking) -> Any:
    """An assessment stopped; what is solved is kept."""
    return _short(asking.office.assessments.cancel(asking.desk, asking.path("id")))


async def resume(asking: Asking) -> Any:
    """An assessment taken up where it was."""
    return _short(asking.office.assessments.resume(asking.desk, asking.path("id")))


async def draws(asking: Asking) -> Any:
    """The verdicts over the draws that are solved."""
    return await asking.office.solve(asking.desk, asking.tab, "draws", _payload(asking))


async def judge(asking: Asking) -> Any:
    """A claim as it would stand in the file, over the draws that are solved."""
    fields = asking.get("fields", dict, {})
    said = {
        name: str(fields[name])[:2000].strip()
        for name in FIELDS
        if str(fields.get(name) or "").strip()
    }
    payload = {**_payload(asking), "claim": asking.get("claim", str, ""), "fields": said}
    return await asking.office.solve(asking.desk, asking.tab, "judge", payload)


async def challenge(asking: Asking) -> Any:
    """Every verdict inside narrower ranges."""
    ranges = asking.get("ranges", dict, {})
    for ends in ranges.values():
        numbers = isinstance(ends, list) and len(ends) == 2
        if not numbers or not all(isinstance(end, int | float) for end in ends):
            raise QueryError("`ranges` maps parameters to two numbers each")
    payload = {**_payload(asking), "ranges": ranges}
    return await asking.office.solve(asking.desk, asking.tab, "challenge", payload)


async def figures(asking: Asking) -> Any:
    """The figures of a finished assessment, or of one of its claims."""
    payload = {
        "store": str(asking.desk.store),
        "run": asking.path("id"),
        "claim": asking.get("claim", str),
        "width": _width(asking),
    }
    key = json.dumps(["figures", *payload.values()])
    return await asking.office.solve(asking.desk, asking.tab, "figures", payload, key=key)


async def coefficients(asking: Asking) -> Any:
    """The figure of a kept estimate, or the resamples of a bootstrap that are finished."""
    payload = {
        "store": str(asking.desk.store),
        "run": asking.path("id"),
        "width": _width(asking),
    }
    return await asking.office.solve(asking.desk, asking.tab, "coefficients", payload)


async def runs(asking: Asking) -> Any:
    """The kept runs."""
    payload = {"store": str(asking.desk.store)}
    return await asking.office.read(asking.desk, asking.tab, "runs", payload)


async def run(asking: Asking) -> Any:
    """One run with what it found."""
    payload = {"store": str(asking.desk.store), "id": asking.path("id")}
    return await asking.office.read(
        asking.desk, f"{asking.tab} {asking.path('id')}", "run", payload
    )


async def briefing(asking: Asking) -> Any:
    """How far the pages of a run are; a POST has them written, a DELETE stops that."""
    briefings, run = asking.office.briefings, asking.path("id")
    act = {"POST": briefings.write, "DELETE": briefings.stop}.get(
        asking.request.method, briefings.state
    )
    return act(asking.desk, run)


def _width(asking: Asking) -> int:
    """How wide a figure is to be, in pixels."""
    return min(max(int(asking.get("width", int, 680)), 300), 1000)


def _payload(asking: Asking) -> dict[str, Any]:
    return {
        "text": asking.text(),
        "store": str(asking.desk.store),
        "draws": asking.get("draws", int, 256),
        "seed": asking.get("seed", int, 7),
        "checks": asking.get("checks", int, 0),
    }


def _short(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != "text"}


ROUTES = [
    Route("/api/assessments", answering(all_of_them)),
    Route("/api/assessments", answering(start), methods=["POST"]),
    Route("/api/assessments/{id}", answering(one)),
    Route("/api/assessments/{id}/cancel", answering(cancel), methods=["POST"]),
    Route("/api/assessments/{id}/resume", answering(resume), methods=["POST"]),
    Route("/api/draws", answering(draws), methods=["POST"]),
    Route("/api/judge", answering(judge), methods=["POST"]),
    Route("/api/challenge", answering(challenge), methods=["POST"]),
    Route("/api/runs", answering(runs)),
    Route("/api/runs/{id}", answering(run)),
    Route("/api/runs/{id}/briefing", answering(briefing), methods=["GET", "POST", "DELETE"]),
    Route("/api/runs/{id}/figures", answering(figures), methods=["POST"]),
    Route("/api/runs/{id}/coefficients", answering(coefficients), methods=["POST"]),
]
