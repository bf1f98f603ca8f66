"""An iterator in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from insights_pipeline.events.ahead import SIDE_BY_SIDE, ahead


def test_items_come_in_order_and_all_of_them() -> None:
    with ahead(iter(range(100))) as items:
        assert list(items) == list(range(100))


def test_the_next_item_is_made_while_the_one_before_is_used() -> None:
    made = [threading.Event(), threading.Event()]

    def numbers() -> Iterator[int]:
        for number, event in enumerate(made):
            event.set()
            yield number

    with ahead(numbers()) as items:
        assert next(items) == 0
        assert made[1].wait(5)


def test_an_error_comes_where_its_item_would_have_come() -> None:
    def numbers() -> Iterator[int]:
        yield 1
        raise ValueError("no second")

    with ahead(numbers()) as items:
        assert next(items) == 1
        with pytest.raises(ValueError, match="no second"):
            next(items)


def test_leaving_early_waits_for_what_is_being_made() -> None:
    threads = threading.active_count()
    with ahead(iter(range(10))) as items:
        next(items)
    assert threading.active_count() == threads


def test_where_no_core_is_free_an_item_is_made_when_it_is_asked_for() -> None:
    made: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(3):
            made.append(number)
            yield number

    before = SIDE_BY_SIDE.set(False)
    try:
        with ahead(numbers()) as items:
            assert (next(items), made) == (0, [0])
            assert (list(items), made) == ([1, 2], [0, 1, 2])
    finally:
        SIDE_BY_SIDE.reset(before)
