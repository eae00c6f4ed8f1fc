"""The process of the studio that writes briefings: a room above may use both."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from foedus.ensemble import Progress


def written(payload: dict[str, Any], note: Callable[[Any], None]) -> dict[str, Any]:
    """The briefing of run `run` in `store`, written as the folder `folder`; how many files."""
    from foedus.briefing.brief import brief
    from foedus.cli.material import kept, lacks_portrait, portrayed, prepare

    store = Path(payload["store"])

    def progress(doing: str, at: Progress) -> None:
        note({"doing": doing, "done": at.done, "total": at.total, "remaining": at.remaining})

    note({"doing": "reading the run"})
    material = kept(store, str(payload["run"]))
    if lacks_portrait(material):
        note({"doing": "following play, period by period"})
        prepare()
        material = portrayed(material, store, progress, f"foedus brief --run {material.run.id}")
    note({"doing": "writing the pages"})
    first = brief(material, Path(payload["folder"]))
    return {"files": sum(path.is_file() for path in first.parent.rglob("*"))}


TASKS = {"brief": written}
