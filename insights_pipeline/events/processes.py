"""Days normalized by processes beside this one: cutting a page into events keeps all other threads of a process waiting.

What such a process does with the days that it is given is `worker`'s.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import IO, Final, Self, cast

import msgspec

from insights_pipeline.events.tally import NormalizedDay
from insights_pipeline.lake import DayKey, Lake, LakeError

# Each takes up to 0.8 GB where days are large.
MOST_PROCESSES: Final = 4

# To start one takes as long as to normalize that many.
ROWS_WORTH_STARTING: Final = 50_000

_ENVIRONMENT: Final = {
    # Of Arrow, and so of DuckDB: the other cores have processes of their own.
    "OMP_NUM_THREADS": "1",
    # What one page took the next one takes again: given back to the system in between, an eighth of all time is the system's,
    # handing out pages of zeros. The first is Arrow's, the others are glibc's.
    "MIMALLOC_PURGE_DELAY": "-1",
    "MALLOC_MMAP_THRESHOLD_": str(2**30),
    "MALLOC_TRIM_THRESHOLD_": str(2**30),
}


class Question(msgspec.Struct, frozen=True):
    """Days to normalize anew."""

    keys: Sequence[DayKey]
    alone: bool
    """Whether no other process was at work when it was asked."""


class Answer(msgspec.Struct, frozen=True):
    """What became of them."""

    days: list[NormalizedDay] = []
    trouble: str = ""
    """What a LakeError said; there are no days then."""


def usable_cores() -> int:
    """Those that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Processes:
    """At most as many as there are cores, started when there is something for them, and ended with the block.

    A process lives as long as its input is open, which the system closes however this one ends.
    """

    def __init__(self, lake: Lake) -> None:
        self.count = min(usable_cores(), MOST_PROCESSES)
        self._place = lake.place
        self._threads = ThreadPoolExecutor(self.count)
        self._own = threading.local()
        self._lock = threading.Lock()
        self._at_work = 0
        self._started: list[subprocess.Popen[bytes]] = []
        self._temporary = TemporaryDirectory(prefix="insights-normalize-", ignore_cleanup_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()
        self._threads.shutdown(cancel_futures=True)
        self._close()  # one that was just being started
        for process in self._started:
            _output(process).close()
            process.wait()
        self._temporary.cleanup()

    def worth(self, rows: int) -> bool:
        """Whether so many events are normalized sooner by them than in this process."""
        return self.count > 1 and (bool(self._started) or rows >= ROWS_WORTH_STARTING)

    def normalized(self, batches: Iterable[Sequence[DayKey]]) -> Iterator[NormalizedDay]:
        """The figures of the days, whose files are made anew, in any order.

        Raises LakeError, and ChildProcessError when a process was ended from outside.
        """
        for answer in self._threads.map(self._asked, batches):
            if answer.trouble:
                raise LakeError(answer.trouble)
            yield from answer.days

    def _asked(self, keys: Sequence[DayKey]) -> Answer:
        process = self._process()
        with self._lock:
            question = Question(keys, alone=not self._at_work)
            self._at_work += 1
        try:
            return self._answer(process, question)
        finally:
            with self._lock:
                self._at_work -= 1

    def _answer(self, process: subprocess.Popen[bytes], question: Question) -> Answer:
        try:
            _input(process).write(msgspec.json.encode(question) + b"\n")
            _input(process).flush()
        except BrokenPipeError:
            answer = b""
        else:
            answer = _output(process).readline()
        if not answer:
            raise ChildProcessError(_ended(process.wait()))
        return msgspec.json.decode(answer, type=Answer)

    def _process(self) -> subprocess.Popen[bytes]:
        """That of this thread."""
        process: subprocess.Popen[bytes] | None = getattr(self._own, "process", None)
        if process is None:
            # By who starts processes alone: pydantic is a quarter of what one that is started imports.
            from insights_pipeline.settings import with_environment  # noqa: PLC0415

            process = self._own.process = subprocess.Popen(  # noqa: S603 (this program itself)
                # Without what lies in the folder where somebody stands: a pandas.py there would be taken for pandas.
                [sys.executable, "-P", "-m", "insights_pipeline.events.worker", self._place],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=with_environment({**_ENVIRONMENT, "TMPDIR": self._temporary.name}),
                process_group=0,  # Ctrl-C is for this process, which closes their input
            )
            self._started.append(process)
        return process

    def _close(self) -> None:
        for process in self._started:
            with suppress(BrokenPipeError):
                _input(process).close()


def _input(process: subprocess.Popen[bytes]) -> IO[bytes]:
    return cast(IO[bytes], process.stdin)


def _output(process: subprocess.Popen[bytes]) -> IO[bytes]:
    return cast(IO[bytes], process.stdout)


def _ended(code: int) -> str:
    how = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
    memory = ": the machine may have too little memory" if code == -signal.SIGKILL else ""
    return f"A process that normalized days ended {how}{memory}; run again, and the days that are missing are made."
