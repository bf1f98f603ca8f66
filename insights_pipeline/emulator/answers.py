"""The four calls computed: from spans of the store to rows, counts and buckets. No HTTP, no clock, no faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

import msgspec

from insights_pipeline.emulator.query import IntervalQuery, PageQuery, Selection
from insights_pipeline.emulator.refusal import Refusal
from insights_pipeline.emulator.search import index_text, project, values_at
from insights_pipeline.emulator.store import Row, Span, merged, page
from insights_pipeline.emulator.timestamps import rfc3339_seconds

# Elasticsearch, in whose terms the service answers, refuses more buckets than this in one aggregation.
_MOST_BUCKETS = 65_535

decode_event = msgspec.json.Decoder(dict[str, Any]).decode


def page_of(spans: Sequence[Span], selection: Selection, query: PageQuery) -> list[Row]:
    """The rows of one page of ``/events``, with their fields projected."""
    if query.after is not None:
        spans = [span.beyond(query.after, descending=query.descending) for span in spans]
    if not selection.predicates:
        rows = list(page(spans, query.skip + query.limit, descending=query.descending)[query.skip :])
    else:
        matching = _matching(merged(spans, descending=query.descending), selection)
        rows = list(islice(matching, query.skip, query.skip + query.limit))
    if query.fields is None:
        return rows
    encode = msgspec.json.encode
    return [row._replace(body=encode(project(decode_event(row.body), query.fields))) for row in rows]


def _matching(rows: Iterator[Row], selection: Selection) -> Iterator[Row]:
    return (row for row in rows if selection.matches(decode_event(row.body)))


def count_of(spans: Sequence[Span], selection: Selection) -> int:
    """How many events the selection holds: without filters the spans' lengths, no row is looked at."""
    if not selection.predicates:
        return sum(len(span) for span in spans)
    return sum(1 for span in spans for _ in _matching(span.rows(), selection))


def distinct_of(spans: Sequence[Span], selection: Selection, field: str, size: int, list_name: str) -> dict[str, Any]:
    """How often each value of a field occurs, most frequent first; values beyond `size` only as a sum.

    Values are those of the index: in lower case.
    """
    counts: Counter[str] = Counter()
    for span in spans:
        for row in span.rows():
            event = decode_event(row.body)
            if selection.matches(event):
                counts.update({index_text(value) for value in values_at(event, field)})
    ranked = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return {
        list_name: [{"key": key, "doc_count": count} for key, count in ranked[:size]],
        "doc_count_error_upper_bound": 0,
        "sum_other_doc_count": sum(count for _, count in ranked[size:]),
    }


def intervals_of(spans: Sequence[Span], selection: Selection, query: IntervalQuery) -> dict[str, Any]:
    """How many events each interval holds, from the first interval with an event to the last, empty ones between."""
    spans = [span for span in spans if len(span)]
    if not spans:
        return {"buckets": []}
    shift = query.offset // timedelta(milliseconds=1) - query.origin
    if selection.predicates:
        rows = (row for span in spans for row in _matching(span.rows(), selection))
        counts = Counter((row.milliseconds + shift) // query.step for row in rows)
    else:
        counts = _counts_by_bisection(spans, shift, query.step)
    if not counts:
        return {"buckets": []}
    numbers = range(min(counts), max(counts) + 1)
    _refuse_too_many(len(numbers))
    buckets = [
        {
            "key": number * query.step - shift,
            "key_as_string": rfc3339_seconds(number * query.step - shift, query.offset),
            "doc_count": counts[number],
        }
        for number in numbers
    ]
    return {"buckets": buckets}


def _counts_by_bisection(spans: Sequence[Span], shift: int, step: int) -> Counter[int]:
    """Two bisections a bucket instead of a look at every row."""
    first = min((span.shelf[span.first].milliseconds + shift) // step for span in spans)
    last = max((span.shelf[span.last - 1].milliseconds + shift) // step for span in spans)
    _refuse_too_many(last - first + 1)
    counts: Counter[int] = Counter()
    for number in range(first, last + 1):
        start = number * step - shift
        for span in spans:
            bucket = Span.between(span.shelf, start, start + step)
            counts[number] += max(0, min(bucket.last, span.last) - max(bucket.first, span.first))
    return counts


def _refuse_too_many(buckets: int) -> None:
    if buckets > _MOST_BUCKETS:
        raise Refusal(400, f"Too many buckets: {buckets} of at most {_MOST_BUCKETS}; use a wider interval")
