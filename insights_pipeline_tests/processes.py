"""Programs that tests start beside themselves, each in a session of its own, and end with everything that they started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]

END_SECONDS = 10.0

_KEPT = ("PATH", "HOME", "LANG", "TMPDIR")


def bare_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """What a program needs to run at all, and `variables`: no setting of whoever runs the tests."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | dict(variables)


@contextmanager
def running(
    program: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A program of this Python's environment, until the block is left; what it says goes to `log`."""
    with log.open("wb") as output:
        # A session of its own: servers and runs may be its grandchildren, and only the group ends them all.
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name(program)), *arguments],
            cwd=ROOT,
            env=bare_environment(environment),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """The whole group: first asked, then made to."""
    for sent in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sent)
        except ProcessLookupError:
            break
        deadline = time.monotonic() + END_SECONDS
        while group_lives(process) and time.monotonic() < deadline:
            time.sleep(0.1)
    process.wait()


def group_lives(process: subprocess.Popen[bytes]) -> bool:
    """Whether anything of it is still running."""
    process.poll()  # else the ended child itself would count as alive
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    return True
