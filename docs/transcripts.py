"""Runs the shell transcripts of a page, so that what it shows is what was printed.

A page is read from top to bottom in one empty folder. A block fenced as
```` ```yaml NAME.yaml ```` is written to that file. In a ```` ```console ```` block each
line that begins with `$ ` is run, and what follows it up to the next is replaced by what it
printed. `[...]` on a line of its own stands for lines left out.
"""

from __future__ import annotations

import os
import re
import subprocess
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

EXPECTED = (0, 2, 3)  # pages also show what is refused, never a crash
BLOCK = re.compile(r"^```(?P<kind>\w+)(?P<name> [\w.-]+)?\n(?P<body>.*?)^```$", re.M | re.S)


def refreshed(page: str) -> str:
    """The page with the output of every command as it is now."""
    with TemporaryDirectory() as folder:

        def block(found: re.Match[str]) -> str:
            if found["kind"] == "yaml" and found["name"]:
                Path(folder, found["name"].strip()).write_text(found["body"], encoding="utf-8")
            if found["kind"] != "console":
                return found[0]
            steps = re.split(r"^\$ ", found["body"], flags=re.M)[1:]
            return "```console\n" + "".join(_step(step, folder) for step in steps) + "```"

        return BLOCK.sub(block, page)


def _step(step: str, folder: str) -> str:
    """One command and its output, cut where the page cuts it."""
    command, _, shown = step.partition("\n")
    printed = _run(command, folder)
    if "[...]\n" in shown:
        before, _, after = shown.partition("[...]\n")
        lines = printed.splitlines(keepends=True)
        head, tail = before.count("\n"), after.count("\n")
        printed = "".join([*lines[:head], "[...]\n", *lines[len(lines) - tail :]])
    return f"$ {command}\n{printed}"


def _run(command: str, folder: str) -> str:
    environment = {
        **os.environ,
        "PATH": sysconfig.get_path("scripts") + os.pathsep + os.environ["PATH"],
        "COLUMNS": "80",
        "FOEDUS_CACHE_DIR": os.environ.get("FOEDUS_CACHE_DIR", os.path.join(folder, ".cache")),
        # A new one for each command: an answer kept before would say so on the page.
        "FOEDUS_STORE": os.path.join(mkdtemp(dir=folder), "runs.sqlite"),
    }
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode not in EXPECTED:
        raise RuntimeError(f"{command}\n{done.stdout}")
    return done.stdout
