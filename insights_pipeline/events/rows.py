"""The rows of events that were read: which stay, which wait, which are put aside, and in what order. Pure; rows are as `reading` makes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insights_pipeline.events.pages import Page
from insights_pipeline.events.placing import ORDER
from insights_pipeline.events.rejects import Reason, Reject

Ids = npt.NDArray[np.uint64]
"""One number for each event: equal ids have equal numbers, and hardly any others do."""

Mask = npt.NDArray[np.bool_]


def within(rows: pa.Table, start: datetime, end: datetime) -> Mask:
    """Which rows happened in [start, end), UTC; those that have no instant didn't."""
    instants = rows["instant"]
    inside = pc.and_(
        pc.greater_equal(instants, pa.scalar(start, instants.type)), pc.less(instants, pa.scalar(end, instants.type))
    )
    return cast(Mask, pc.fill_null(inside, False).to_numpy())


def chosen(rows: pa.Table, mask: Mask) -> pa.Table:
    """Those rows; the table itself, and no copy, if it is all of them."""
    return rows if mask.all() else rows.filter(pa.array(mask))


def placed(rows: pa.Table, pages: Mapping[int, Page]) -> tuple[pa.Table, list[Reject]]:
    """The rows of events that can be placed and told apart, and each other body once."""
    lost = pc.is_valid(rows["reason"])
    if not pc.any(lost).as_py():
        return rows, []
    columns = rows.filter(lost).select(["reason", "event", "page"]).to_pydict()
    first: dict[tuple[str, str], Page] = {}
    fetched: dict[tuple[str, str], datetime] = {}
    for reason, event, number in zip(*columns.values(), strict=True):
        page = pages[number]
        known = first.setdefault((reason, event), page)
        first[reason, event] = min(known, page, key=lambda page: page.number)
        fetched[reason, event] = min(fetched.get((reason, event), page.fetched_at), page.fetched_at)
    rejects = [
        Reject(Reason(reason), page.file, fetched[reason, event], event) for (reason, event), page in first.items()
    ]
    return rows.filter(pc.invert(lost)), rejects


def deduplicated(rows: pa.Table, pages: Mapping[int, Page]) -> tuple[pa.Table, int, list[Reject]]:
    """Keeps of each id the row fetched last; gives how many copies went, and each other body once as a reject.

    Rows of one page are told apart by their text, so that the choice does not hang on the order of reading.
    """
    places, distinct = _encoded(rows["id"])
    if distinct == rows.num_rows:
        return rows, 0, []
    contested = np.flatnonzero(np.bincount(places, minlength=distinct)[places] > 1)
    columns = rows.take(contested).select(["id", "page", "event"]).to_pydict()
    newest_first = sorted(zip(*columns.values(), contested.tolist(), strict=True), reverse=True)
    dropped: list[int] = []
    rejects: list[Reject] = []
    for _, copies in groupby(newest_first, key=lambda row: cast(str, row[0])):
        (_, _, kept, _), *older = copies
        others: dict[str, Page] = {}
        for _, number, event, row in older:
            dropped.append(row)
            if event != kept:
                others.setdefault(event, pages[number])
        rejects += [Reject(Reason.CONFLICT, page.file, page.fetched_at, event) for event, page in others.items()]
    stays = np.ones(rows.num_rows, bool)
    stays[dropped] = False
    return rows.filter(pa.array(stays)), len(dropped) - len(rejects), rejects


def in_order(rows: pa.Table) -> pa.Table:
    """By timestamp to the nanosecond, then id. Days are mostly read in that order already."""
    if _are_in_order(rows):
        return rows
    together = rows.combine_chunks()  # rows are taken from one chunk in a fraction of the time
    return together.take(pc.sort_indices(together.select(ORDER), [(name, "ascending") for name in ORDER]))


def _are_in_order(rows: pa.Table) -> bool:
    steps = np.diff(rows["instant"].cast(pa.int64()).to_numpy())
    if np.any(steps < 0):
        return False
    (alike,) = np.nonzero(steps == 0)
    finer = rows.select(ORDER[1:]).combine_chunks()
    pairs = (finer.take(alike).to_pylist(), finer.take(alike + 1).to_pylist())
    return all(tuple(left.values()) < tuple(right.values()) for left, right in zip(*pairs, strict=True))


def numbers_of_ids(rows: pa.Table) -> Ids:
    ids = rows["id"].combine_chunks()
    lengths = pc.binary_length(ids).to_numpy()
    numbers = np.empty(len(ids), np.uint64)
    for length in np.unique(lengths).tolist():
        alike = lengths == length
        texts = ids.filter(pa.array(alike)).buffers()[2]
        letters = np.frombuffer(texts, np.uint8, alike.sum() * length).reshape(-1, length)
        words = np.pad(letters, ((0, 0), (0, -length % 8))).view(np.uint64)
        numbers[alike] = _mixed(words)
    return numbers


def _mixed(words: npt.NDArray[np.uint64]) -> Ids:
    """One number for each row: word after word through the finalizer of SplitMix64, after which every bit hangs on every bit."""
    mixed = np.full(len(words), words.shape[1], np.uint64)
    for word in words.T:
        mixed ^= word
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    return mixed


def repeated(ids: Sequence[Ids]) -> Ids:
    """Those numbers that occur more than once."""
    together = np.concatenate([np.empty(0, np.uint64), *ids])
    together.sort()  # in its place: a copy of the ids of 10,000,000 events is 80 MB
    return np.unique(together[1:][together[1:] == together[:-1]])


def _encoded(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.int32], int]:
    """The place of each value among the different ones, and how many those are."""
    encoded = column.combine_chunks().dictionary_encode()
    return encoded.indices.to_numpy(), len(encoded.dictionary)
