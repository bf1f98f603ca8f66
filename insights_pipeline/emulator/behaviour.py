"""What can be set about the emulated service: where the API leaves room, how slow it is, and what goes wrong.

Only the settings and their meaning; `faults` decides when one strikes, `app` lets it.
"""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from insights_pipeline.emulator.query import MAXIMUM_LIMIT

Call = Literal["events", "count", "distinct", "interval", "token"]

FaultKind = Literal[
    "status",  # answers `status`, with Retry-After when `retry_after` says so
    "dropped",  # the connection ends in the middle of the body
    "cut",  # the body ends early and Content-Length agrees with that
    "garbled",  # a byte in the middle of the body is not UTF-8
    "not_json",  # 200 with a page of HTML, as a proxy would answer
    "delayed",  # the answer comes `amount` milliseconds later
    "repeated_rows",  # a following page starts with the last `amount` rows of the page before
    "no_cursor",  # X-Search_after is missing
    "repeated_cursor",  # X-Search_after says what search_after said
    "wrong_result_count",  # X-Result-Count is off by `amount`
    "wrong_count",  # /events/count is off by `amount`
]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Fault:
    """One thing that goes wrong, and for which requests.

    A fault numbers the requests that match `calls`, `services` and `organization` (empty: all of them) from 1 on, and
    strikes those numbers that pass every condition given: `every` n-th, the `first` n, not the first `spare`, a seeded
    `share`. With no condition it strikes always.
    """

    kind: FaultKind
    status: int = Field(default=503, ge=400, le=599)
    retry_after: Literal["seconds", "date"] | None = None
    retry_after_seconds: int = Field(default=1, ge=0)
    amount: int = 1
    every: int = Field(default=1, ge=1)
    first: int | None = Field(default=None, ge=0)
    spare: int = Field(default=0, ge=0)
    share: float = Field(default=1.0, ge=0, le=1)
    calls: frozenset[Call] = frozenset()
    services: frozenset[str] = frozenset()
    organization: str | None = None


@dataclass(config=ConfigDict(extra="forbid", validate_assignment=True))
class Behaviour:
    """Settings that may be changed while requests are served; each request uses what holds when it arrives.

    The defaults are a healthy service that follows the public documents. Times are in the unit that the name says.
    """

    # Where the documents leave room.
    end_inclusive: bool = False
    maximum_limit: int = Field(default=MAXIMUM_LIMIT, ge=1, le=MAXIMUM_LIMIT)
    # What a limit above 10,000 becomes.
    excessive_limit: Literal["default", "maximum"] = "default"
    # Services whose events a query for `all` leaves out; JumpCloud doesn't promise that it leaves out none.
    omitted_from_all: frozenset[str] = frozenset()
    distinct_list_name: Literal["field", "buckets"] = "field"
    distinct_size: int = Field(default=10_000, ge=1)
    gzip: bool = False

    # What this region and this key may do.
    refused_services: frozenset[str] = frozenset()
    renamed_services: dict[str, str] = Field(default_factory=dict)
    entitled: bool = True
    role_allowed: bool = True
    forbidden_organizations: frozenset[str] = frozenset()
    token_seconds: int = Field(default=3_600, ge=1)

    # How slow it is: an answer leaves no earlier than latency + rows x row cost after its request came.
    latency_milliseconds: float = Field(default=0, ge=0)
    row_microseconds: float = Field(default=0, ge=0)

    # How much it takes: more requests than this within any second are answered with 429.
    requests_per_second: int | None = Field(default=None, ge=1)
    retry_after: Literal["seconds", "date"] | None = None

    # Withheld events are revealed by themselves after that many answered requests.
    reveal_after_requests: int | None = Field(default=None, ge=0)

    faults: tuple[Fault, ...] = ()
    seed: int = 0
