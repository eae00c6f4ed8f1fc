"""Twenty people moving sliders for a minute: errors, and how long they wait.

Run it as `python -m benchmarks.studio_load [SCENARIO] [--sessions N] [--seconds S] [--solvers N]`.
Every session has a desk of its own, a real server answers over HTTP, and no value is asked twice,
so every answer is solved. Waiting includes the time in line before the solvers. A session that
asks again before it is answered gets only its newest answer; those passed over count apart.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

import httpx

COMMAND = "from foedus.cli.main import main; main()"
PAUSE = (1.5, 4.5)  # seconds that somebody looks at the figures before the next turn


async def address(server: asyncio.subprocess.Process) -> str:
    assert server.stdout is not None
    while line := (await server.stdout.readline()).decode():
        if found := re.search(r"http://\S+", line):
            return found[0]
    raise SystemExit("the studio did not start")


async def session(number: int, url: str, scenario: str, until: float, seen: dict[str, Any]) -> None:
    base, token = url.split("/enter?token=")
    chance = random.Random(number)
    async with httpx.AsyncClient(base_url=base, headers={"origin": base}, timeout=120) as client:
        (await client.get("/enter", params={"token": token})).raise_for_status()
        seen["in"].set()
        outline = (await client.post("/api/examine", json={"document": scenario})).json()["outline"]
        free = [p for p in outline["parameters"] if p["low"] < p["high"] and not p["regimes"]]
        named = [q["name"] for q in outline["quantities"] if not q["against"]][:10]
        values: dict[str, float] = {}
        while time.monotonic() < until:
            await asyncio.sleep(chance.uniform(*PAUSE))
            parameter = chance.choice(free)
            values[parameter["name"]] = chance.uniform(parameter["low"], parameter["high"])
            body = {"document": scenario, "setting": {"values": values}, "quantities": named}
            begun = time.monotonic()
            answer = await client.post("/api/solve", json=body, headers={"x-tab": str(number)})
            if answer.status_code == 409:
                seen["passed over"] += 1
            elif answer.status_code != 200:
                seen["errors"].append(f"{answer.status_code} {answer.text[:120]}")
            else:
                assert answer.json()["certificate"]["passed"]
                seen["waits"].append(time.monotonic() - begun)


async def load(arguments: argparse.Namespace) -> dict[str, Any]:
    seen: dict[str, Any] = {"waits": [], "errors": [], "passed over": 0}
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "FOEDUS_STORE": f"{home}/runs.sqlite"}
        server = await asyncio.create_subprocess_exec(
            sys.executable, "-c", COMMAND, "studio", arguments.scenario, "--no-open", "--port", "0",
            "--solvers", str(arguments.solvers),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env=environment,
        )  # fmt: skip
        try:
            until = time.monotonic() + arguments.seconds
            people = []
            for number in range(arguments.sessions):
                seen["in"] = asyncio.Event()
                url = await address(server)
                one = session(number, url, arguments.scenario, until, seen)
                people.append(asyncio.create_task(one))
                await seen["in"].wait()
            await asyncio.gather(*people)
            seen["memory"], seen["processor"] = held(server.pid)
        finally:
            server.terminate()
            await server.wait()
    return seen


def held(pid: int) -> tuple[float, float]:
    """Megabytes of the server and its processes, and the processor seconds they have taken."""
    command = ["ps", "-o", "rss=,cputimes=", "--pid", str(pid), "--ppid", str(pid)]
    listed = subprocess.run(command, capture_output=True, text=True).stdout.split()
    return sum(map(int, listed[::2])) / 1024, float(sum(map(int, listed[1::2])))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario", nargs="?", default="us-ukraine-pact")
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--solvers", type=int, default=2)
    arguments = parser.parse_args()
    seen = asyncio.run(load(arguments))
    waits = sorted(seen["waits"])
    print(
        f"{arguments.scenario}: {arguments.sessions} sessions, {arguments.seconds:g} s, "
        f"{arguments.solvers} solvers, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    print(f"answers      {len(waits)}")
    print(f"errors       {len(seen['errors'])} {seen['errors'][:3] or ''}")
    print(f"passed over  {seen['passed over']}")
    print(f"median       {statistics.median(waits):.2f} s")
    print(f"95th         {waits[int(0.95 * (len(waits) - 1))]:.2f} s")
    print(f"longest      {waits[-1]:.2f} s")
    print(f"processor    {seen['processor'] / len(waits):.2f} s an answer, start included")
    print(f"memory       {seen['memory']:.0f} MB, server and processes")
    sys.exit(bool(seen["errors"]))


if __name__ == "__main__":
    main()
