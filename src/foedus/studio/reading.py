"""What the process that reads answers: files examined, completed and changed; runs listed."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any

from foedus.errors import QueryError
from foedus.scenario.completion import complete
from foedus.scenario.reader import examine_text
from foedus.scenario.writing import with_claim, with_range, with_values
from foedus.studio.child import Note
from foedus.studio.outline import Data, outline, problem

KEPT = 8  # texts whose outlines are remembered

_examined: OrderedDict[tuple[str, str], Data] = OrderedDict()


def examined(payload: Data, note: Note) -> Data:
    """Every diagnostic of a text, and its outline where it has no error."""
    key = payload["text"], payload["name"]
    if key not in _examined:
        scenario, diagnostics = examine_text(*key)
        lines = payload["text"].splitlines()
        _examined[key] = {
            "outline": None if scenario is None else outline(scenario),
            "problems": [problem(one, lines) for one in diagnostics],
        }
        while len(_examined) > KEPT:
            _examined.popitem(last=False)
    _examined.move_to_end(key)
    return dict(_examined[key])


def completed(payload: Data, note: Note) -> Data:
    """What may be written at a place in a text."""
    found = complete(payload["text"], payload["offset"])
    return {
        "start": found.start,
        "where": list(found.where),
        "suggestions": [vars(one) for one in found.suggestions],
    }


def changed(payload: Data, note: Note) -> Data:
    """The text with values, a range or a claim written into it, and what is then wrong with it."""
    text = payload["text"]
    if values := payload.get("values"):
        text = with_values(text, values)
    if payload.get("precision") is not None:
        text = with_values(text, {}, precision=payload["precision"])
    if found := payload.get("range"):
        text = with_range(text, found["name"], found["low"], found["high"])
    if found := payload.get("claim"):
        text = with_claim(text, found["name"], found["fields"])
    scenario, diagnostics = examine_text(text, payload.get("name", "scenario"))
    lines = text.splitlines()
    return {
        "text": text,
        "sound": scenario is not None,
        "problems": [problem(one, lines) for one in diagnostics],
    }


def gallery(payload: Data, note: Note) -> Data:
    """The library: name, title, summary and tags of every scenario, as the files say it."""
    from foedus.scenario import library
    from foedus.scenario.diagnostics import Report
    from foedus.scenario.nodes import Mapping, Source, items, text
    from foedus.scenario.tree import build

    found = []
    for name in library.names():
        root = build(Source(library.path(name).read_text(encoding="utf-8")), Report(name))
        assert isinstance(root, Mapping)
        players, claims = root.get("players"), root.get("claims")
        found.append(
            {
                "name": name,
                "title": text(root.get("title")),
                "summary": text(root.get("summary")).strip(),
                "tags": [text(tag) for tag in items(root.get("tags"))],
                "players": len(players.entries) if isinstance(players, Mapping) else 0,
                "claims": len(claims.entries) if isinstance(claims, Mapping) else 0,
            }
        )
    return {"scenarios": found}


def runs(payload: Data, note: Note) -> Data:
    """The runs in a store, the newest first."""
    from foedus.ensemble import Store
    from foedus.studio.estimates import brief

    path = Path(payload["store"])
    if not path.exists():
        return {"runs": []}
    with Store(path, readonly=True) as store:
        newest = store.runs()[: payload.get("most", 200)]
        return {"runs": [{**_run(run), **brief(store, run)} for run in newest]}


def one_run(payload: Data, note: Note) -> Data:
    """One run with what it depends on, and its findings, answer or estimate."""
    import json

    from foedus.ensemble import Store
    from foedus.ensemble.text import parsed
    from foedus.studio.estimates import brief

    path = Path(payload["store"])
    if not path.exists():
        raise QueryError("there is no run store yet")
    with Store(path, readonly=True) as store:
        run = store.run(payload["id"])
        found = {**_run(run), **brief(store, run)}
        found["source"] = run.label.source
        found["settings"] = parsed(run.identity)["description"]
        if run.label.kind == "assess":
            found["findings"] = store.artefacts(run.id).get("findings")
        if run.label.kind == "estimate":
            found["estimate"] = store.artefact(run.id, "estimate")
        if run.label.kind == "solve" and run.n_done:
            answer = store.result(run.id, 0).arrays.get("answer")
            found["answer"] = None if answer is None else json.loads(answer.tobytes())
    return found


def _run(run: Any) -> Data:
    return {
        "id": run.id,
        "kind": run.label.kind,
        "title": run.label.title,
        "command": run.label.command,
        "started": run.started,
        "finished": run.finished,
        "done": run.n_done,
        "chunks": run.n_chunks,
        "failures": run.n_failures,
        "bytes": run.n_bytes,
        "versions": dict(run.label.versions),
    }


TASKS = {
    "examine": examined,
    "complete": completed,
    "change": changed,
    "gallery": gallery,
    "runs": runs,
    "run": one_run,
}
