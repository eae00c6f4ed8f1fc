"""From a file to text that is safe to parse: size, encoding, characters."""

from __future__ import annotations

import re
from pathlib import Path

from foedus.scenario.diagnostics import Report
from foedus.scenario.nodes import LINE_BREAK, WHOLE_FILE, Mapping, Place, Scalar, Source

LARGEST = 1_000_000  # bytes

# Control characters other than tab and line breaks, and the line separators that
# YAML counts as line breaks but editors do not.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def read_bytes(path: Path, report: Report) -> bytes | None:
    """The file's content, or None with a diagnostic where it cannot be had."""
    try:
        if path.is_dir():
            report.error("F101", WHOLE_FILE, "this is a directory, not a scenario file")
            return None
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        report.error("F101", WHOLE_FILE, f"the file cannot be opened: {reason}")
        return None
    if len(data) > LARGEST:
        report.error(
            "F102",
            WHOLE_FILE,
            "the file is larger than 1 MB",
            hint="keep data out of the scenario; a scenario of 1,000 lines is about 0.05 MB",
        )
        return None
    return data


def shown(data: bytes | None) -> list[str]:
    """The lines of a file as far as they can be shown, whatever is wrong with it."""
    text = (data or b"")[:LARGEST].decode("utf-8", errors="replace")
    return Source(text.removeprefix("\ufeff")).lines()


def parse(data: bytes, report: Report) -> Mapping | None:
    """The document's tree, or None with diagnostics."""
    text = _text(data, report)
    if text is None:
        return None
    # PyYAML takes longer to load than all of this package; it is needed from here on.
    from foedus.scenario.tree import build

    source = Source(text)
    before = report.errors
    root = build(source, report)
    if report.errors > before and root is None:
        return None
    if root is None or (isinstance(root, Scalar) and root.null):
        hint = "`foedus new NAME` writes a scenario to start from"
        report.error("F105", WHOLE_FILE, "the file is empty", hint=hint)
        return None
    if not isinstance(root, Mapping):
        hint = "it begins with `foedus: 1`, then `title: ...`"
        report.error("F203", root.place, "a scenario is a mapping of fields", hint=hint)
        return None
    return root


def _text(data: bytes, report: Report) -> str | None:
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as problem:
        lines = LINE_BREAK.split(data[: problem.start].decode("utf-8").removeprefix("\ufeff"))
        report.error(
            "F103",
            Place(len(lines), len(lines[-1]) + 1, 1),
            f"the file is not UTF-8 text: byte 0x{data[problem.start]:02x} does not belong here",
            hint="save the file again with the encoding UTF-8",
        )
        return None
    if found := CONTROL.search(text):
        report.error(
            "F104",
            Source(text).place(found.start(), found.end()),
            f"the file holds the control character U+{ord(found[0]):04X}",
            why="such characters are invisible and can make a file look different from what it is",
            hint="delete the character",
        )
        return None
    return text
