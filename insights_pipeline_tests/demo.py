"""The demo, run once as a newcomer runs it; what it published serves every test that only reads."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Demo:
    """Its home, and how the command ended the first and the second time."""

    home: Path
    first: subprocess.CompletedProcess[str]
    second: subprocess.CompletedProcess[str]


def insights(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run(
        [program(), *arguments], env=environment(home), capture_output=True, text=True, check=False, timeout=300
    )


def program() -> str:
    """The installed command."""
    return str(Path(sys.executable).with_name("insights"))


def environment(home: Path) -> dict[str, str]:
    """This process's without anybody's tenant."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("JUMPCLOUD", "DAGSTER"))}
    return clean | {"INSIGHTS_HOME": str(home)}
