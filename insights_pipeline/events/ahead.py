"""Steps of a pipeline side by side: an iterator that works in a thread of its own, one item ahead of who takes from it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypeVar

Item = TypeVar("Item")

SIDE_BY_SIDE: Final = ContextVar("SIDE_BY_SIDE", default=True)
"""Whether there is a core for another step. Where each has a process of its own, steps that wait for each other take a tenth
more time than one after the other."""


@contextmanager
def ahead(items: Iterator[Item]) -> Iterator[Iterator[Item]]:
    """The items, none of which is None; an error while one is made is raised when it is taken. What is being made when the block ends is awaited."""
    if not SIDE_BY_SIDE.get():
        yield items
        return
    with ThreadPoolExecutor(1) as thread:
        yield _taken(items, thread)


def _taken(items: Iterator[Item], thread: ThreadPoolExecutor) -> Iterator[Item]:
    coming = thread.submit(next, items, None)
    while (item := coming.result()) is not None:
        coming = thread.submit(next, items, None)
        yield item
