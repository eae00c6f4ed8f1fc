"""Documents: opened, kept with every change, examined while they are written."""

from __future__ import annotations

from typing import Any

from starlette.routing import Route

from foedus.scenario import library
from foedus.studio.documents import Document
from foedus.studio.routes.asking import Asking, answering


async def gallery(asking: Asking) -> Any:
    """The library, and what is on the desk."""
    found = await asking.office.read(asking.desk, asking.tab, "gallery", {})
    documents = [one.to_dict(text=False) for one in asking.desk.documents.all()]
    return {"library": found["scenarios"], "documents": documents}


async def add(asking: Asking) -> Any:
    """A new document: a copy, an upload, or the commented scenario to start from."""
    name = asking.get("name", str, "scenario")[:60]
    source = asking.get("from", str, "")
    text = asking.get("text", str)
    if text is None:
        text = library.starter(name) if source == "starter" else _copied(asking, source)
    document = asking.desk.documents.add(name, text, origin=source or "upload")
    _tell(asking, document)
    return document.to_dict()


async def get(asking: Asking) -> Any:
    """A document with its text."""
    return asking.desk.documents.get(asking.path("name")).to_dict()


async def put(asking: Asking) -> Any:
    """A document's new text, made from a revision."""
    document = asking.desk.documents.write(
        asking.path("name"),
        asking.get("text", str, ""),
        base=asking.get("base", int, 0),
        tab=asking.tab,
    )
    _tell(asking, document)
    return document.to_dict(text=False)


async def save(asking: Asking) -> Any:
    """The text written to the file that it came from."""
    document = asking.desk.documents.save(asking.path("name"))
    _tell(asking, document)
    return document.to_dict(text=False)


async def remove(asking: Asking) -> Any:
    """A document taken off the desk."""
    asking.desk.documents.remove(asking.path("name"))
    return {"removed": asking.path("name")}


async def examine(asking: Asking) -> Any:
    """Every diagnostic of a text, and its outline if it has no error."""
    payload = {"text": asking.text(), "name": asking.document or "scenario"}
    return await asking.office.read(asking.desk, asking.tab, "examine", payload)


async def complete(asking: Asking) -> Any:
    """What may be written at a place."""
    payload = {"text": asking.text(), "offset": asking.get("offset", int, 0)}
    return await asking.office.read(asking.desk, asking.tab, "complete", payload)


async def change(asking: Asking) -> Any:
    """The text with values, a range or a claim written into it, everything else as it is."""
    names = ("values", "precision", "range", "claim")
    payload = {name: asking.body[name] for name in names if asking.body.get(name) is not None}
    payload |= {"text": asking.text(), "name": asking.document or "scenario"}
    return await asking.office.read(asking.desk, asking.tab, "change", payload)


def _copied(asking: Asking, source: str) -> str:
    return asking.desk.documents.get(source).text


def _tell(asking: Asking, document: Document) -> None:
    told = {"name": document.name, "revision": document.revision, "tab": asking.tab}
    asking.office.events.tell(asking.desk.id, "document", told)


ROUTES = [
    Route("/api/gallery", answering(gallery)),
    Route("/api/documents", answering(add), methods=["POST"]),
    Route("/api/documents/{name}", answering(get)),
    Route("/api/documents/{name}", answering(put), methods=["PUT"]),
    Route("/api/documents/{name}", answering(remove), methods=["DELETE"]),
    Route("/api/documents/{name}/save", answering(save), methods=["POST"]),
    Route("/api/examine", answering(examine), methods=["POST"]),
    Route("/api/complete", answering(complete), methods=["POST"]),
    Route("/api/change", answering(change), methods=["POST"]),
]
