"""What the process that draws answers: the script with which pages draw figures."""

from __future__ import annotations

from typing import Any

from foedus.studio.child import Note


def bundle(payload: Any, note: Note) -> dict[str, Any]:
    """Vega, Vega-Lite, Vega-Embed and its interpreter, which needs no `eval`, as one script."""
    import vl_convert

    script: str = vl_convert.javascript_bundle()  # type: ignore[call-arg]  # stubs ask for more
    return {"script": script.encode()}


TASKS = {"bundle": bundle}
