"""Shapes of JSON tell types, and never what somebody wrote."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from insights_pipeline.cli.probe.shape import brief_type, types_by_path

SECRET = st.text().map(lambda text: f"secret {text}")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | SECRET,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(SECRET, inner, max_size=5),
    max_leaves=20,
)


def test_types_stand_at_their_paths_those_of_several_events_together() -> None:
    events: list[Any] = [
        {"id": "a", "changes": [{"field": "x", "to": True}, {"to": 1.5}], "@version": "1"},
        {"id": None, "changes": [], "geoip": {"latitude": 1}},
    ]
    assert types_by_path(events) == {
        "@version": ["string"],
        "changes": ["list"],
        "changes[]": ["object"],
        "changes[].field": ["string"],
        "changes[].to": ["boolean", "number"],
        "geoip": ["object"],
        "geoip.latitude": ["number"],
        "id": ["null", "string"],
    }


def test_a_name_that_could_be_somebodys_is_not_told() -> None:
    assert types_by_path([{"who": {"ann@example.com": 1, "10.0.0.1": 1, "Ann Bee": 1}}]) == {
        "who": ["object"],
        "who.<name>": ["number"],
    }


@given(st.lists(st.dictionaries(st.just("note"), JSON), max_size=5))
def test_nothing_that_somebody_wrote_is_told_wherever_it_stands(events: list[Any]) -> None:
    told = types_by_path(events)
    assert "secret" not in str(told)
    assert any(event for event in events) == ("note" in told)


def test_a_cursor_is_told_by_its_types() -> None:
    assert brief_type([1576181718000, "DZrPyW8BNsa9iKWoOm7h"]) == "[number, string]"
    others: list[Any] = [[], None, {}, True]
    assert [brief_type(other) for other in others] == ["[]", "null", "object", "boolean"]
