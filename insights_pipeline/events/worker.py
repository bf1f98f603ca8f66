"""A process that normalizes days for another (`processes`): a line of days in, a line of figures out, until its input ends."""

from __future__ import annotations

import os
import sys
import threading
from queue import SimpleQueue

import msgspec

from insights_pipeline.events.ahead import SIDE_BY_SIDE
from insights_pipeline.events.processes import Answer, Question
from insights_pipeline.events.record import normalized
from insights_pipeline.lake import Lake, LakeError


def main() -> None:
    lake = Lake(sys.argv[1])
    questions: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_answer, args=(lake, questions), daemon=True).start()
    for line in sys.stdin.buffer:
        questions.put(line)
    # Nobody waits for an answer any more. What is under way is left as it is, as by a kill: a file is there whole or not at
    # all, and upkeep removes temporary ones. An exception sent into the work would be worse: DuckDB makes one of its own of
    # it, such as a page that can't be read raises, too.
    os._exit(0)


def _answer(lake: Lake, questions: SimpleQueue[bytes]) -> None:
    try:
        while True:
            question = msgspec.json.decode(questions.get(), type=Question)
            SIDE_BY_SIDE.set(question.alone)
            try:
                answer = Answer(list(normalized(lake, question.keys, anew=True)))
            except LakeError as error:
                answer = Answer(trouble=str(error))
            sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
            sys.stdout.flush()
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(1)


if __name__ == "__main__":
    main()
