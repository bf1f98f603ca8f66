"""Which events of a page become lines, and that a line is the event's own text."""

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from insights_pipeline.cli.event_lines import EventLines
from insights_pipeline.collector.window import Window
from insights_pipeline.jumpcloud.page import Page, read_page

START = datetime(2026, 1, 1, 10, tzinfo=UTC)
WINDOW = Window(START, START + timedelta(hours=1))


def page(*events: str) -> Page:
    body = f"[{','.join(events)}]".encode()
    return read_page({"x-result-count": str(len(events)), "x-limit": "10000"}, body)


def event(number: int, timestamp: str) -> str:
    return json.dumps({"id": str(number), "timestamp": timestamp})


def test_the_end_is_outside_and_the_start_is_not_whatever_the_precision() -> None:
    inside = [event(1, "2026-01-01T10:00:00Z"), event(2, "2026-01-01T10:59:59.999999999Z")]
    outside = [event(3, "2026-01-01T11:00:00Z"), event(4, "2026-01-01T09:59:59.999Z")]
    lines = EventLines(WINDOW)
    assert list(lines.of(page(*inside, *outside))) == [text.encode() for text in inside]
    assert (lines.printed, lines.outside) == (2, 2)


def test_an_event_that_comes_again_is_one_line_and_another_of_the_same_id_is_two() -> None:
    first, other = event(1, "2026-01-01T10:00:00Z"), event(1, "2026-01-01T10:00:01Z")
    lines = EventLines(WINDOW)
    assert [*lines.of(page(first, first)), *lines.of(page(first, other))] == [first.encode(), other.encode()]
    assert lines.repeated == 2


def test_events_without_an_id_or_a_readable_time_are_all_kept() -> None:
    odd = ['{"timestamp":"soon"}', '{"timestamp":"2026-01-01T10:00:00Z"}', "17", "null"]
    lines = EventLines(WINDOW)
    assert list(lines.of(page(*odd, *odd))) == [text.encode() for text in odd + odd]


@given(st.dictionaries(st.text(), st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.text()))
def test_an_event_written_over_several_lines_becomes_one_of_the_same_values(value: dict[str, object]) -> None:
    (line,) = EventLines(WINDOW).of(page(json.dumps(value, indent=1).replace("\n", "\r\n")))
    assert b"\n" not in line
    assert b"\r" not in line
    assert json.loads(line) == value


def test_numbers_stay_as_they_were_written() -> None:
    text = '{"n": 1.10e2, "big": 123456789012345678901234567890}'
    assert list(EventLines(WINDOW).of(page(text))) == [text.encode()]
