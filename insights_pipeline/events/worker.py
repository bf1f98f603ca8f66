"""A process that normalizes days for another (`processes`): a line of days in, a line of figures out, until its input ends."""

from __future__ import annotations

import _thread
import os
import sys
import threading
from collections.abc import Iterator
from queue import SimpleQueue

import msgspec

from insights_pipeline.events.ahead import SIDE_BY_SIDE
from insights_pipeline.events.processes import Answer, Question
from insights_pipeline.events.record import normalized
from insights_pipeline.lake import Lake, LakeError


def main() -> None:
    questions: SimpleQueue[bytes | None] = SimpleQueue()
    threading.Thread(target=_listen, args=(questions,), daemon=True).start()
    code = 0
    try:
        _answer(Lake(sys.argv[1]), iter(questions.get, None))
    except KeyboardInterrupt:
        pass  # `_listen`'s: what was being written is removed by then
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    # At a usual end DuckDB's bindings tell what they leaked, to whoever reads the run's output.
    sys.stderr.flush()
    os._exit(code)


def _listen(questions: SimpleQueue[bytes | None]) -> None:
    for line in sys.stdin.buffer:
        questions.put(line)
    questions.put(None)
    _thread.interrupt_main()  # nobody waits for an answer any more


def _answer(lake: Lake, questions: Iterator[bytes]) -> None:
    for line in questions:
        question = msgspec.json.decode(line, type=Question)
        SIDE_BY_SIDE.set(question.alone)
        try:
            answer = Answer(list(normalized(lake, question.keys, anew=True)))
        except LakeError as error:
            answer = Answer(trouble=str(error))
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
