"""A studio as people start it: a process with its one-time addresses."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

BORDER = Path(__file__).parent / "border.yaml"
COMMAND = "from foedus.cli.main import main; main()"


class Studio:
    """A server process. Its one-time addresses are read as it prints them."""

    def __init__(self, home: Path, *arguments: str, port: int = 0) -> None:
        self.home, self.arguments, self.port = home, arguments, port
        self.start()

    def start(self) -> None:
        environment = {**os.environ, "FOEDUS_STORE": str(self.home / "runs.sqlite")}
        command = [sys.executable, "-c", COMMAND, "studio", *self.arguments]
        command += ["--no-open", "--port", str(self.port), "--home", str(self.home / "studio")]
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.said: list[str] = []
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()
        self.port = int(re.findall(r":(\d+)/", self.address())[0])

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            self.said.extend(lines)

    def address(self, number: int = 0) -> str:
        """The address that was printed as number so and so."""
        for _ in range(300):
            found = [re.search(r"http://\S+", line) for line in self.said]
            addresses = [one[0] for one in found if one]
            if len(addresses) > number:
                return addresses[number]
            time.sleep(0.05)
        raise AssertionError("".join(self.said))

    @property
    def fresh(self) -> str:
        """The newest address, which nobody has used."""
        return self.address(sum("http://" in line for line in self.said) - 1)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._reading.join(5)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()
        self._reading.join(5)


def until(page: Any, expression: str, argument: Any = None) -> None:
    """Wait until an expression, or a function of the argument, is true on the page.

    Playwright's own waiting evaluates text on the page, which the page's policy forbids.
    """
    for _ in range(400):
        try:
            if page.evaluate(expression, argument):
                return
        except Exception as error:
            if "null" not in str(error) and "destroyed" not in str(error):
                raise
        page.wait_for_timeout(50)
    raise AssertionError(f"never true: {expression}")


def assess(
    page: Any, studio: Studio, draws: str = "128", checks: str = "0", document: str = "border"
) -> None:
    """Begin an assessment of a document, on its page."""
    page.goto(f"{studio.base}/question/{document}")
    page.wait_for_selector("#board table")
    page.select_option("#draws", draws)
    page.select_option("#checks", checks)
    page.click("#assess")
