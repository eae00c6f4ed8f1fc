"""The process of the studio that writes briefings and kept pages: a room above may use both."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from foedus.ensemble import Progress, Run, Store


def written(payload: dict[str, Any], note: Callable[[Any], None]) -> dict[str, Any]:
    """The pages of run `run` in `store`, written as the folder `folder`; how many files."""
    from foedus.cli.storing import one, opened

    store, folder = Path(payload["store"]), Path(payload["folder"])
    note({"doing": "reading the run"})
    with opened(store) as kept:
        run = one(kept, str(payload["run"]))
        first = _unpacked(kept, run, folder) if run.label.kind == "estimate" else None
    first = first or _briefed(store, run, folder, note)
    return {"files": sum(path.is_file() for path in first.parent.rglob("*"))}


def _briefed(store: Path, run: Run, folder: Path, note: Callable[[Any], None]) -> Path:
    """The briefing of an assessment."""
    from foedus.briefing.brief import brief
    from foedus.cli.material import kept, lacks_portrait, portrayed, prepare

    def progress(doing: str, at: Progress) -> None:
        note({"doing": doing, "done": at.done, "total": at.total, "remaining": at.remaining})

    material = kept(store, run.id)
    if lacks_portrait(material):
        note({"doing": "following play, period by period"})
        prepare()
        material = portrayed(material, store, progress, f"foedus brief --run {run.id}")
    note({"doing": "writing the pages"})
    return brief(material, folder)


def _unpacked(store: Store, run: Run, folder: Path) -> Path:
    """The page that was kept with an estimate."""
    from foedus.briefing.estimate import NAME
    from foedus.briefing.folder import write_folder
    from foedus.briefing.packing import unpacked
    from foedus.estimation.kept import packed_page

    write_folder(unpacked(packed_page(store, run), mark=NAME), folder, mark=NAME)
    return folder / "index.html"


TASKS = {"brief": written}
