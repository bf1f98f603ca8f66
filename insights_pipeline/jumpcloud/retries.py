"""When a request is tried again, and when not any more. What is tried is not known here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# 408 is the server's own time-out. JumpCloud's official client retries 503 alone; any other 5xx, a gateway's 52x
# included, is as much the world's fault.
_TRANSIENT_4XX = frozenset({408, 429})

# A server that asks for an hour is asked again sooner: the request would otherwise sit out its total time in one pause.
LONGEST_PAUSE_SECONDS = 120.0


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how long one request is tried, in seconds.

    An attempt ends after `attempt_seconds` even if bytes still trickle in; a page of 10,000 events is some 10 MB. The
    pause before the nth retry is random up to `first_pause * 2**(n-1)`, at most `longest_pause`. `max_seconds`
    counts attempts and pauses; the wait for a free place among our own requests is not the server's fault and does
    not count.
    """

    max_attempts: int = 8
    max_seconds: float = 600.0
    attempt_seconds: float = 300.0
    first_pause: float = 0.5
    longest_pause: float = 30.0


def is_transient(status: int) -> bool:
    """Whether the same request may be answered when it is asked again."""
    return status in _TRANSIENT_4XX or status >= 500


def retry_after(headers: Mapping[str, str], now: datetime) -> float:
    """The seconds that an answer's Retry-After asks for, whether as seconds or as an HTTP date, from 0 to the longest
    pause.

    A header that is missing or unreadable asks for nothing.
    """
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text) if text.replace(".", "", 1).isdecimal() else _until(text, now)
    except (ValueError, OverflowError):
        return 0.0
    return min(max(seconds, 0.0), LONGEST_PAUSE_SECONDS)


def _until(http_date: str, now: datetime) -> float:
    moment = parsedate_to_datetime(http_date)
    if moment.tzinfo is None:  # HTTP dates are in GMT; "-0000" reads as unknown
        moment = moment.replace(tzinfo=UTC)
    return (moment - now).total_seconds()
