"""A studio whose memories are small, so that a test sees soon whether they are bounded."""

from __future__ import annotations

import sys
from pathlib import Path


def small() -> None:
    """What a solver remembers, in a hundredth of the space."""
    from foedus.cli.jax_session import start_jax

    start_jax()
    from foedus.studio import cases, solving

    solving.CASES = cases.Cases(6 * 2**20)


def main(home: Path, scenario: str) -> None:
    """Serve until the process is told to stop."""
    from foedus.studio import office
    from foedus.studio.app import serve
    from foedus.studio.settings import MB, Limits, Settings

    office.ANSWERS = 2**18
    settings = Settings(
        home=home / "studio",
        store=home / "runs.sqlite",
        scenario=scenario,
        writer="foedus.cli.studio_briefing",
        prepare=small,
        limits=Limits(desks=6, briefings=2, games=8, documents=8, memory=700 * MB),
    )

    def announce(address: str) -> None:
        sys.stdout.write(f"{address}\n")
        sys.stdout.flush()

    serve(settings, announce)


if __name__ == "__main__":
    # The processes that it starts must find `small` by its module's name.
    import small_studio

    small_studio.main(Path(sys.argv[1]), sys.argv[2])
