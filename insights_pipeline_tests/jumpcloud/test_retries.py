"""Which statuses are tried again, and what Retry-After asks for."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights_pipeline.jumpcloud.retries import LONGEST_PAUSE_SECONDS, is_transient, retry_after

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 520, 524])
def test_the_worlds_faults_are_transient(status: int) -> None:
    assert is_transient(status)


@pytest.mark.parametrize("status", [200, 204, 301, 302, 400, 401, 402, 403, 404, 405, 413, 422])
def test_answers_that_asking_again_does_not_change_are_not(status: int) -> None:
    assert not is_transient(status)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3", 3),
        (" 3 ", 3),
        ("0", 0),
        ("2.5", 2.5),
        ("3600", LONGEST_PAUSE_SECONDS),
        ("9" * 400, LONGEST_PAUSE_SECONDS),
        (format_datetime(NOW + timedelta(seconds=42), usegmt=True), 42),
        ("Sun, 01 Mar 2026 12:00:42 -0000", 42),
        (format_datetime((NOW + timedelta(seconds=42)).astimezone(timezone(timedelta(hours=9)))), 42),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0),
        (format_datetime(NOW + timedelta(days=1), usegmt=True), LONGEST_PAUSE_SECONDS),
        ("-5", 0),
        ("soon", 0),
        ("", 0),
    ],
)
def test_retry_after_is_understood_and_bounded(text: str, seconds: float) -> None:
    assert retry_after({"retry-after": text}, NOW) == seconds


def test_no_retry_after_asks_for_nothing() -> None:
    assert retry_after({}, NOW) == 0


@given(st.text())
def test_no_retry_after_can_break_or_stop_a_run(text: str) -> None:
    assert 0 <= retry_after({"retry-after": text}, NOW) <= LONGEST_PAUSE_SECONDS
