"""Steps of a pipeline side by side: an iterator that works in a thread of its own, one item ahead of who takes from it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")


@contextmanager
def ahead(items: Iterator[Item]) -> Iterator[Iterator[Item]]:
    """The items, none of which is None; an error while one is made is raised when it is taken. What is being made when the block ends is awaited."""
    with ThreadPoolExecutor(1) as thread:
        yield _taken(items, thread)


def _taken(items: Iterator[Item], thread: ThreadPoolExecutor) -> Iterator[Item]:
    coming = thread.submit(next, items, None)
    while (item := coming.result()) is not None:
        coming = thread.submit(next, items, None)
        yield item
