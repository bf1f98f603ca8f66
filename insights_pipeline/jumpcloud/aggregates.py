"""The answers that are figures rather than events: count, distinct values, intervals."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec

from insights_pipeline.jumpcloud.implausible import UNREADABLE, Implausible

IntervalUnit = Literal["s", "m", "h", "d", "w"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class DistinctValues:
    """How many events have which value of a field, as `(value, count)`, in the server's order.

    `other_count` events have values that are not listed; each count may be short by up to `error_bound`.
    """

    values: list[tuple[str, int]]
    other_count: int
    error_bound: int


@dataclass(frozen=True)
class IntervalBucket:
    """How many events happened from `start`, aware UTC, until the next bucket's."""

    start: datetime
    count: int


_NotNegative = Annotated[int, msgspec.Meta(ge=0)]


class _Count(msgspec.Struct):
    count: _NotNegative


class _DistinctBucket(msgspec.Struct):
    doc_count: _NotNegative
    key: str | int | float | bool | None
    key_as_string: str | None = None


class _DistinctTail(msgspec.Struct):
    sum_other_doc_count: _NotNegative = 0
    doc_count_error_upper_bound: int = 0


class _IntervalBucket(msgspec.Struct):
    doc_count: _NotNegative
    key: int


def read_count(body: bytes) -> int:
    """The number in an answer of `/events/count`. Raises Implausible."""
    try:
        return msgspec.json.decode(body, type=_Count).count
    except UNREADABLE:
        raise Implausible("the body is no count") from None


def read_distinct(body: bytes, field: str) -> DistinctValues:
    """The values in an answer of `/events/distinct`. Raises Implausible.

    The list sits under `buckets` by JumpCloud's specification, and under the queried field's name in what is really
    sent (JumpCloud's own command line was mended for that in 2026).
    """
    try:
        tail = msgspec.json.decode(body, type=_DistinctTail)
        buckets = msgspec.convert(_bucket_list(body, field), list[_DistinctBucket])
    except UNREADABLE:
        raise Implausible("the body is no list of distinct values") from None
    return DistinctValues(
        values=[(_text(bucket), bucket.doc_count) for bucket in buckets],
        other_count=tail.sum_other_doc_count,
        error_bound=tail.doc_count_error_upper_bound,
    )


def read_intervals(body: bytes) -> list[IntervalBucket]:
    """The buckets in an answer of `/events/interval`, whatever the list's name. Raises Implausible."""
    try:
        buckets = msgspec.convert(_bucket_list(body, "interval"), list[_IntervalBucket])
        return [IntervalBucket(_EPOCH + timedelta(milliseconds=bucket.key), bucket.doc_count) for bucket in buckets]
    except (*UNREADABLE, OverflowError):
        raise Implausible("the body is no list of intervals") from None


def _bucket_list(body: bytes, name: str) -> Any:
    answer = msgspec.json.decode(body, type=dict[str, Any])
    for likely in (name, "buckets"):
        if isinstance(answer.get(likely), list):
            return answer[likely]
    lists = [value for value in answer.values() if isinstance(value, list)]
    if len(lists) != 1:
        raise Implausible("the body does not hold exactly one list of buckets")
    return lists[0]


def _text(bucket: _DistinctBucket) -> str:
    # A bool's key is 1 or 0 in the search engine's terms, and its text says which it is.
    return bucket.key_as_string if bucket.key_as_string is not None else str(bucket.key)
