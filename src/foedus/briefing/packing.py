"""The files of a page as one compressed piece, to be kept and written out again elsewhere."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping

from foedus.errors import BriefingError

MOST = 8 * 2**20  # bytes of a packed page that is kept
UNPACKED = 64 * 2**20  # bytes of its files, which are written only if they are no more
FILES = 2000
EPOCH = (1980, 1, 1, 0, 0, 0)  # of every file, so that the same page gives the same bytes


def packed(files: Mapping[str, bytes]) -> bytes | None:
    """The files by their paths, as a ZIP archive without dates; None if that is too much to keep.

    >>> unpacked(packed({"index.html": b"<h1>Yes</h1>"}) or b"", mark="index.html")
    {'index.html': b'<h1>Yes</h1>'}
    """
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, EPOCH)
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, 9)
    room = sum(map(len, files.values()))
    fits = len(written.getvalue()) <= MOST and room <= UNPACKED and len(files) <= FILES
    return written.getvalue() if fits else None


def unpacked(data: bytes, *, mark: str) -> dict[str, bytes]:
    """The files of a packed page, by their paths, among them the file `mark`.

    Nothing is written here. Raises `BriefingError` for bytes that are no packed page, and for
    one whose files would take too much room.
    """
    if len(data) > MOST:
        raise BriefingError(f"this page has {_mb(len(data))} packed; {_mb(MOST)} are the most")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            room = sum(entry.file_size for entry in entries)
            if room > UNPACKED or len(entries) > FILES:
                raise BriefingError(
                    f"this page has {len(entries):,} files of {_mb(room)}; "
                    f"{FILES:,} of {_mb(UNPACKED)} are the most"
                )
            # What a file says of its size is where reading it ends.
            files = {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as fault:
        raise BriefingError(f"what is kept is no page of foedus: {fault}") from None
    if mark not in files or "index.html" not in files:
        raise BriefingError(f"what is kept is no page of foedus: it has no {mark}")
    return files


def _mb(size: int) -> str:
    return f"{size / 2**20:.1f} MB"
