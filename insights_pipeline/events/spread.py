"""What was found in documents, spread over the events that have their values; see `condensed`. Pure.

Findings are paths that begin with a member's name, and fall to the events whose value of that member is the document's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Places = Mapping[str, pa.Array]
"""By member, for each event the document that has its value; null where it has none."""


def counts(paths: Iterable[Sequence[str]], places: Places) -> Counter[str]:
    """Events by path. Takes the paths of each document."""
    spread: Counter[str] = Counter()
    for member, named in _by_member(paths).items():
        events = np.bincount(_documents(places[member]) + 1, minlength=max(named) + 2)
        for document, found in named.items():
            spread.update(dict.fromkeys(found, int(events[document + 1])))
    return +spread


def lists(paths: Iterable[Sequence[str]], places: Places, events: int, type_: pa.ListType) -> pa.ListArray:
    """For each event the paths that fall to it. Takes the paths of each document."""
    spread: dict[int, list[str]] = {}
    for member, named in _by_member(paths).items():
        documents = _documents(places[member])
        for event in np.flatnonzero(np.isin(documents, list(named))).tolist():
            spread.setdefault(event, []).extend(named[int(documents[event])])
    lengths = np.zeros(events + 1, np.int32)
    lengths[np.array(list(spread), np.int64) + 1] = [len(found) for found in spread.values()]
    values = [path for event in sorted(spread) for path in spread[event]]
    return pa.ListArray.from_arrays(np.cumsum(lengths, dtype=np.int32), pa.array(values, type_.value_type), type=type_)


def _by_member(paths: Iterable[Sequence[str]]) -> dict[str, dict[int, list[str]]]:
    named: dict[str, dict[int, list[str]]] = {}
    for document, found in enumerate(paths):
        for path in found:
            named.setdefault(path.partition(".")[0], {}).setdefault(document, []).append(path)
    return named


def _documents(places: pa.Array) -> npt.NDArray[np.int64]:
    """-1 for null."""
    return cast(npt.NDArray[np.int64], places.cast(pa.int64()).fill_null(-1).to_numpy())
